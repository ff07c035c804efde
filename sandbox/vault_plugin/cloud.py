"""The plugin's hold on Vault: its address, a child token as the real provider makes one, and errors as one line."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import hvac
from hvac.exceptions import VaultError
from requests.exceptions import RequestException

from sandbox.plugins.cloud import Cloud, CloudError
from sandbox.plugins.wire import Properties

CHILD_TOKEN_TTL = "1200s"  # noqa: S105 - a duration


class VaultCloud(Cloud):
    """The configured Vault; safe to use from many threads, each call on a client of its own."""

    def __init__(self, settings: Properties | None = None) -> None:
        super().__init__(settings)
        self._lock = Lock()
        self._token: str | None = None

    def require_settings(self) -> None:
        """Require an address and a token."""
        for setting, variable in (("address", "VAULT_ADDR"), ("token", "VAULT_TOKEN")):
            if not self._setting(setting, variable):
                fix = f"run `pulumi config set vault:{setting}` or set {variable}"
                raise CloudError(f"no Vault {setting} is configured: {fix}")

    def client(self) -> Any:
        """Return a client with the token that the whole deployment uses."""
        with self._lock:
            self._token = self._token or self._working_token()
            return self._connect(self._token)

    def _working_token(self) -> str:
        own = self._setting("token", "VAULT_TOKEN")
        if self.settings.get("skipChildToken") in (True, "true"):
            return own
        with failing_as("creating a child token", "auth/token/create"):
            answer = self._connect(own).auth.token.create(ttl=CHILD_TOKEN_TTL)
        return str(answer["auth"]["client_token"])

    def _connect(self, token: str) -> Any:
        namespace = self._setting("namespace", "VAULT_NAMESPACE") or None
        return hvac.Client(self._setting("address", "VAULT_ADDR"), token, namespace=namespace, timeout=30)

    def _setting(self, name: str, variable: str) -> str:
        return str(self.settings.get(name) or os.environ.get(variable, ""))


@contextmanager
def failing_as(operation: str, subject: str) -> Iterator[None]:
    """Turn what hvac raises inside the block into one CloudError line."""
    try:
        yield
    except VaultError as error:
        words = "; ".join(map(str, error.errors or [])) or "refused"
        raise CloudError(f"{operation} ({subject}): {type(error).__name__}: {words}") from None
    except RequestException as error:
        raise CloudError(f"{operation} ({subject}): {type(error).__name__}") from None
