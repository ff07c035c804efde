"""The dynamic resources: one file each, provider and resource together."""
