"""A place to run the project without OpenRouter or AWS: everything answers on loopback."""
