"""Stand-in for the `pulumi-resource-kubernetes` plugin: Secrets and ExternalSecrets."""
