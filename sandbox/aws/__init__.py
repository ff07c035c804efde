"""AWS on loopback: moto, with the few answers corrected that this project depends on."""
