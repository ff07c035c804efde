"""Stand-in for the `pulumi-resource-gcp` plugin: Secret Manager's secrets, versions and IAM bindings."""
