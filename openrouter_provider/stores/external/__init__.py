"""A service's secret copied into a Kubernetes cluster by the External Secrets Operator, whichever store keeps it."""

from .place import ExternalSecretSettings

__all__ = ["ExternalSecretSettings"]
