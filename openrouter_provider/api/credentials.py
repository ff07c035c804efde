"""What can be told of a credential and an address before any call is made."""

import ipaddress
import re
from urllib.parse import urlsplit

from .errors import ConfigurationError
from .scrub import printable

DEFAULT_BASE_URL = "https://openrouter.ai/api/v1"
OWN_PREFIX = "sk-or-"
MAX_PORT = 65535
_SHOWN = 6

_VENDORS = (
    ("sk-ant-", "Anthropic"),
    ("sk-proj-", "OpenAI"),
    ("sk-svcacct-", "OpenAI"),
    ("AKIA", "AWS"),
    ("ASIA", "AWS"),
    ("AIza", "Google"),
    ("ghp_", "GitHub"),
    ("github_pat_", "GitHub"),
    ("hf_", "Hugging Face"),
    ("gsk_", "Groq"),
    ("xai-", "xAI"),
    ("pul-", "Pulumi"),
)


def check_credential(value: str, *, what: str = "the management key") -> str:
    """Return the credential without a trailing newline, or refuse one that can't be sent as a header.

    A value of unfamiliar form is accepted: whether it is a key is for the API to say.

    Args:
        value: The credential as configured.
        what: What to call it in the error.

    Raises:
        ConfigurationError: It is empty, or holds spaces, control characters or characters outside ASCII.
    """
    bare = value.rstrip("\r\n")
    if not bare.strip():
        raise ConfigurationError(
            f"{what} is empty: set OPENROUTER_MANAGEMENT_KEY or openrouter:managementKey (docs/errors.md#configuration)"
        )
    if not re.fullmatch(r"[\x21-\x7e]+", bare):
        raise ConfigurationError(
            f"{what} holds a space, a control character or a character outside ASCII: copy the value again, "
            "without quotes or line breaks (docs/errors.md#configuration)"
        )
    return bare


def check_base_url(url: str) -> str:
    """Return the address without a trailing slash, or refuse one that credentials must not be sent to.

    Raises:
        ConfigurationError: It isn't an absolute HTTP address, is plain HTTP to anything but loopback, or
            holds a user name, a query or a fragment.
    """
    import httpx  # noqa: PLC0415 - a program of keys alone checks no address

    try:
        parsed = httpx.URL(url.strip())
    except (httpx.InvalidURL, TypeError, ValueError):
        raise _bad_url("can't be read as an address") from None
    if parsed.scheme not in {"http", "https"} or not _is_host(parsed.host) or (parsed.port or 1) > MAX_PORT:
        raise _bad_url("is not an absolute http(s) address")
    if parsed.userinfo or parsed.query or parsed.fragment:
        raise _bad_url("holds a user name, a query or a fragment; give only scheme, host and path")
    if parsed.scheme == "http" and not is_loopback(parsed.host):
        raise _bad_url(f"is plain HTTP to {printable(parsed.host)}, which would show the credential; use https://")
    return str(parsed).rstrip("/")


def _bad_url(problem: str) -> ConfigurationError:
    return ConfigurationError(
        f"the base URL {problem} (set OPENROUTER_BASE_URL or openrouter:baseUrl; default {DEFAULT_BASE_URL}; "
        "docs/errors.md#configuration)"
    )


def _is_host(host: str) -> bool:
    return re.fullmatch(r"[\w.-]+", host) is not None or _address(host) is not None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Return whether the host is localhost, in 127.0.0.0/8, or ::1."""
    address = _address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def is_open_to_listeners(url: str) -> bool:
    """Return whether what is sent to a URL could be read on its way: no HTTPS, and not on this machine."""
    parts = urlsplit(url)
    return parts.scheme != "https" and not is_loopback(parts.hostname or "")


def foreign_hint(credential: str) -> str:
    """Return whose key this looks like, naming its first characters only; empty when it looks like OpenRouter's."""
    if credential.startswith(OWN_PREFIX):
        return ""
    for prefix, vendor in _VENDORS:
        if credential.startswith(prefix):
            return f"it starts with '{prefix[:_SHOWN]}…', as keys of {vendor} do"
    # A short value is not shown at all: six characters of it would be most of it.
    shown = f"with '{credential[:_SHOWN]}…', not " if len(credential) >= 4 * _SHOWN else "otherwise than "
    return f"it starts {shown}with '{OWN_PREFIX}'"
