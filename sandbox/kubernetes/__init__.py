"""A Kubernetes API on loopback, as far as the Secrets of its namespaces go."""
