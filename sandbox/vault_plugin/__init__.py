"""Stand-in for the `pulumi-resource-vault` plugin: KV version 2 secrets and policies."""
