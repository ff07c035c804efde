"""HashiCorp Vault on loopback, as far as KV version 2 secrets and their policies go."""
