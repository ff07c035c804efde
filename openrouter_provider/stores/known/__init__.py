"""One module or folder a store, named as in the config and found by being here; each has a STORE."""
