"""Stand-in for the `pulumi-resource-aws` plugin: Secrets Manager resources over Pulumi's provider protocol."""
