"""Where the credential, the endpoint and the clock come from."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.settings import Settings, clock, resolve_base_url, resolve_settings
from sandbox.openrouter import Control

CANARY = "sk-or-v1-" + "c" * 24
BOTH = {"OPENROUTER_MANAGEMENT_KEY": "from-variable", "OPENROUTER_MGMT_KEY": "from-older-variable"}


def config_of(settings: Mapping[str, str]) -> Callable[[str], str | None]:
    """Return a lookup as Pulumi's config is one."""

    def find(key: str) -> str | None:
        return settings.get(key)

    return find


@pytest.mark.parametrize(
    ("config", "environment", "found"),
    [
        ({"openrouter:managementKey": "from-config"}, BOTH, "from-config"),
        ({}, BOTH, "from-variable"),
        ({}, {"OPENROUTER_MGMT_KEY": "from-older-variable"}, "from-older-variable"),
        ({"openrouter:managementKey": " "}, BOTH, "from-variable"),
        ({}, {**BOTH, "OPENROUTER_MANAGEMENT_KEY": ""}, "from-older-variable"),
        ({}, {"OPENROUTER_MANAGEMENT_KEY": " padded\n"}, "padded"),
    ],
)
def test_config_wins_over_the_environment(config: dict[str, str], environment: dict[str, str], found: str) -> None:
    """Explicit config first, then OPENROUTER_MANAGEMENT_KEY, then OPENROUTER_MGMT_KEY; blanks count as unset."""
    assert resolve_settings(config_of(config), environment).management_key == found


def test_a_missing_management_key_is_one_line() -> None:
    """Without a credential anywhere, one line names both ways to give one."""
    with pytest.raises(ConfigurationError) as caught:
        resolve_settings(config_of({}), {})
    assert "\n" not in str(caught.value)
    assert "OPENROUTER_MANAGEMENT_KEY" in str(caught.value)
    assert "pulumi config set --secret openrouter:managementKey" in str(caught.value)


def test_the_credential_does_not_show() -> None:
    """Neither repr nor str of the settings holds the credential."""
    settings = resolve_settings(config_of({}), {"OPENROUTER_MANAGEMENT_KEY": CANARY})
    assert settings.management_key == CANARY
    assert CANARY not in repr(settings) + str(settings)


@pytest.mark.parametrize(
    ("config", "environment", "url"),
    [
        ({}, {}, "https://openrouter.ai/api/v1"),
        ({}, {"OPENROUTER_BASE_URL": "https://eu.example.com/v1/"}, "https://eu.example.com/v1"),
        (
            {"openrouter:baseUrl": "https://a.example"},
            {"OPENROUTER_BASE_URL": "https://b.example"},
            "https://a.example",
        ),
        ({}, {"OPENROUTER_BASE_URL": ""}, "https://openrouter.ai/api/v1"),
    ],
)
def test_the_endpoint_is_config_then_environment(config: dict[str, str], environment: dict[str, str], url: str) -> None:
    """Config, the environment, and OpenRouter's own address, in this order and without a trailing slash."""
    assert resolve_base_url(config_of(config), environment) == url


@pytest.mark.parametrize("url", ["http://openrouter.ai/api/v1", "http://10.0.0.1/v1", "http://127.0.0.1.example.com"])
def test_plain_http_is_refused(url: str) -> None:
    """A credential is never sent in the clear over a network."""
    with pytest.raises(ConfigurationError, match="plain HTTP"):
        resolve_settings(config_of({}), {"OPENROUTER_MANAGEMENT_KEY": CANARY, "OPENROUTER_BASE_URL": url})


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/v1", "http://localhost/v1", "http://[::1]:8080/v1"])
def test_plain_http_to_loopback_is_accepted(url: str) -> None:
    """A sandbox on this machine needs no certificate."""
    assert resolve_base_url(config_of({}), {"OPENROUTER_BASE_URL": url}) == url


def test_an_instant_replaces_the_clock() -> None:
    """OPENROUTER_KEYS_NOW is the run's instant."""
    assert clock({"OPENROUTER_KEYS_NOW": "2027-03-01T00:00:00Z"}) == datetime(2027, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("environment", [{}, {"OPENROUTER_KEYS_NOW": ""}])
def test_without_it_the_clock_is_real(environment: dict[str, str]) -> None:
    """Unset or empty, the time is the machine's, in UTC and whole seconds."""
    now = clock(environment)
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=5)
    assert now.microsecond == 0


@pytest.mark.parametrize("text", ["tomorrow", "2027-03-01", "2027-03-01T00:00:00+02:00"])
def test_a_malformed_instant_is_refused(text: str) -> None:
    """Anything but an ISO 8601 UTC instant is refused with an example."""
    with pytest.raises(ConfigurationError, match=r"OPENROUTER_KEYS_NOW: .*2027-03-01T00:00:00Z"):
        clock({"OPENROUTER_KEYS_NOW": text})


def test_a_client_is_of_these_settings(control: Control) -> None:
    """The client asks the settings' endpoint with the settings' credential."""
    with Settings(control.management_key, control.url).client() as client:
        assert client.current_key().is_management_key
