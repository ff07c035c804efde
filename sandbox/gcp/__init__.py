"""Google's Secret Manager on loopback: its REST API as far as the plugin and the client library need it."""
