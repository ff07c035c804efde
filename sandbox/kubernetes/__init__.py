"""A Kubernetes API on loopback, as far as the Secrets and ExternalSecrets of its namespaces go."""
