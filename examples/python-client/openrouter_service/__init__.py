"""A service that takes its OpenRouter key from a source, and takes it anew when the key is refused."""

from openrouter_service.credentials import (
    Credentials,
    CredentialsUnreadable,
    EnvironmentSource,
    SecretsManagerSource,
    Source,
    source_for,
)
from openrouter_service.failures import ServiceError
from openrouter_service.service import DEFAULT_MODEL, KeyStatus, OpenRouterService

__all__ = [
    "DEFAULT_MODEL",
    "Credentials",
    "CredentialsUnreadable",
    "EnvironmentSource",
    "KeyStatus",
    "OpenRouterService",
    "SecretsManagerSource",
    "ServiceError",
    "Source",
    "source_for",
]
