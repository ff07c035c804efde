"""Where services read their keys: what stores have in common, and a folder for each of them."""

STORE_NAMES = ("aws", "gcp", "vault", "kubernetes")
"""The folders of the stores, by their names in the config; each has its `STORE`."""
