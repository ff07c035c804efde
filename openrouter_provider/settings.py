"""Where the credential, the endpoint and the clock come from: explicit stack config first, then the environment."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .api.credentials import DEFAULT_BASE_URL, check_base_url
from .api.errors import ConfigurationError
from .keys.schedule import parse_instant

if TYPE_CHECKING:
    from .api.client import ManagementClient


def notice(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the line that says which instant a run takes for now; None where it is the real one.

    >>> notice({"OPENROUTER_KEYS_NOW": "2027-03-01T00:00:00Z"})
    'OPENROUTER_KEYS_NOW is set: this run takes 2027-03-01T00:00:00Z for now; unset it when you no longer rehearse'
    """
    rehearsed = environment.get(NOW_VARIABLE)
    if not rehearsed:
        return None
    return f"{NOW_VARIABLE} is set: this run takes {_instant(rehearsed)} for now; unset it when you no longer rehearse"


def _instant(text: str) -> str:
    """Return the instant; what is none is not repeated, for whatever reads the clock refuses it by itself."""
    try:
        parse_instant(text)
    except ValueError:
        return "something that is no instant"
    return text.strip()


PROJECT = "openrouter-keys"
"""The project's name, under which its settings stand."""

MANAGED_BY_TAG = {"ManagedBy": PROJECT}
"""The tag that tells a secret of this project's from others."""

MANAGEMENT_KEY_CONFIG = "openrouter:managementKey"
BASE_URL_CONFIG = "openrouter:baseUrl"
MANAGEMENT_KEY_VARIABLES = ("OPENROUTER_MANAGEMENT_KEY", "OPENROUTER_MGMT_KEY")
BASE_URL_VARIABLE = "OPENROUTER_BASE_URL"
NOW_VARIABLE = "OPENROUTER_KEYS_NOW"
HOW_TO_SET_MANAGEMENT_KEY = (
    "set OPENROUTER_MANAGEMENT_KEY in the environment, or run: pulumi config set --secret openrouter:managementKey"
)


@dataclass(frozen=True)
class Settings:
    """The management credential and the endpoint of one run; the credential never shows in its repr."""

    management_key: str = field(repr=False)
    base_url: str = DEFAULT_BASE_URL

    def client(self) -> "ManagementClient":
        """Return a new client of the account.

        Raises:
            ConfigurationError: the credential can't be sent, or the endpoint is not HTTPS (loopback excepted).
        """
        from .api.client import ManagementClient  # noqa: PLC0415 - a program that makes no call loads no HTTP client

        return ManagementClient(self.management_key, base_url=self.base_url)

    def quick_client(self) -> "ManagementClient":
        """Return one that gives up within seconds, for a person who waits for an answer.

        Raises:
            ConfigurationError: as for `client`.
        """
        from .api.client import ManagementClient  # noqa: PLC0415 - see above
        from .api.http.retry import QUICK, QUICK_TIMEOUT_SECONDS  # noqa: PLC0415 - see above

        return ManagementClient(
            self.management_key, base_url=self.base_url, policy=QUICK, timeout_seconds=QUICK_TIMEOUT_SECONDS
        )


def resolve_settings(config: Callable[[str], object | None], environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of this run; explicit config wins over the environment.

    Args:
        config: looks a full config key (`openrouter:baseUrl`) up; None where it is not set.
        environment: variable names and values.

    Raises:
        ConfigurationError: no management key anywhere, or an endpoint that is not HTTPS (loopback excepted).
    """
    return Settings(_management_key(config, environment), resolve_base_url(config, environment))


def resolve_base_url(config: Callable[[str], object | None], environment: Mapping[str, str] = os.environ) -> str:
    """Return the API's base URL without a trailing slash.

    Raises:
        ConfigurationError: the URL is not HTTPS (loopback excepted).
    """
    configured = config(BASE_URL_CONFIG) or environment.get(BASE_URL_VARIABLE) or DEFAULT_BASE_URL
    return check_base_url(str(configured))


def _management_key(config: Callable[[str], object | None], environment: Mapping[str, str]) -> str:
    candidates = [config(MANAGEMENT_KEY_CONFIG), *(environment.get(name) for name in MANAGEMENT_KEY_VARIABLES)]
    for candidate in candidates:
        if candidate and str(candidate).strip():
            return str(candidate).strip()
    raise ConfigurationError(f"no OpenRouter management key: {HOW_TO_SET_MANAGEMENT_KEY}")


def is_rehearsed(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether OPENROUTER_KEYS_NOW replaces the clock."""
    return bool(environment.get(NOW_VARIABLE))


def clock(environment: Mapping[str, str] = os.environ) -> datetime:
    """Return the present instant in UTC, or the one OPENROUTER_KEYS_NOW names.

    Raises:
        ConfigurationError: OPENROUTER_KEYS_NOW is not an ISO 8601 UTC instant.
    """
    rehearsed = environment.get(NOW_VARIABLE)
    if not rehearsed:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return parse_instant(rehearsed)
    except ValueError as error:
        raise ConfigurationError(f"{NOW_VARIABLE}: {error}; write it like 2027-03-01T00:00:00Z, or unset it") from None
