"""Both config files after a move: settings that an empty stack gets, and what is encrypted anew for it."""

from typing import Any

import pytest

from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.config.source import RawConfig
from openrouter_provider.operations.moving.both_files import (
    StackFile,
    changed_files,
    check_services,
    shared_settings,
    with_shared,
)
from openrouter_provider.operations.moving.same_meaning import Side
from openrouter_provider.operations.moving.stack_file import services_of, settings_of

SOURCE = StackFile(
    "Pulumi.one.yaml",
    """\
config:
  aws:region: us-east-1
  openrouter:managementKey:
    secure: v1:one
  openrouter-keys:defaults: {limit: 5}
  openrouter-keys:servicesFrom: [team.yaml]
  openrouter-keys:workspaces: {team: {}}
  services:
    adopted:
      # taken over
      adopt:
        hash: abc
        key:
          secure: v1:two
    other: {limit: 1}
encryptionsalt: v1:here
""",
)
TARGET = StackFile("Pulumi.two.yaml", "config:\n  aws:region: eu-west-1\nencryptionsalt: v1:there\n")
SERVICES: dict[str, Any] = {"adopted": {"adopt": {"hash": "abc", "key": "in the clear"}}, "other": {"limit": 1}}
VALUES = {"openrouter:managementKey": "the management key", "openrouter-keys:defaults": '{"limit":5}'}
SIDE = Side("one", "openrouter-keys", RawConfig({"services": {"other": {"limit": 1}}, "namePrefix": "acme"}), VALUES)


def encrypted(value: str) -> dict[str, str]:
    """Return a value as another stack would encrypt it."""
    return {"secure": f"there:{value.replace(' ', '-')}"}


def test_an_empty_stack_gets_what_it_lacks_encrypted_its_own_way() -> None:
    """What it has stays, and what declares something stays where it is; the name prefix is written out."""
    shared = shared_settings(SOURCE, TARGET, SIDE, encrypted)
    assert shared == {
        "openrouter:managementKey": {"secure": "there:the-management-key"},
        "openrouter-keys:defaults": {"limit": 5},
        "openrouter-keys:namePrefix": "acme",
    }
    filled = with_shared(TARGET, shared)
    assert filled.settings == {**TARGET.settings, **shared}
    assert "encryptionsalt: v1:there" in (filled.text or "")
    assert with_shared(TARGET, {}) is TARGET


def test_what_is_encrypted_in_a_service_is_encrypted_anew() -> None:
    """The other stack could not read the old ciphertext; the clear value stands in neither file."""
    side = Side("one", "openrouter-keys", RawConfig({"services": SERVICES}), VALUES)
    left, arrived = changed_files(SOURCE, TARGET, side, {"adopted": {"tags": {"Environment": "one"}}}, encrypted)
    assert services_of(settings_of(arrived, "")) == {
        "adopted": {"adopt": {"hash": "abc", "key": {"secure": "there:in-the-clear"}}, "tags": {"Environment": "one"}}
    }
    assert services_of(settings_of(left, "")) == {"other": {"limit": 1}}
    assert "in the clear" not in left + arrived
    assert "v1:two" not in left + arrived


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("config: {}\n", "Pulumi.one.yaml has no settings of checkout"),
        (None, "Pulumi.one.yaml has no settings of checkout"),
        ("config:\n  services:\n    secure: v1:all\n", "encrypted as a whole"),
    ],
)
def test_a_service_that_stands_elsewhere_is_refused(text: str | None, said: str) -> None:
    """The reason names the file."""
    with pytest.raises(ConfigurationError, match=said):
        check_services(StackFile("Pulumi.one.yaml", text), ["checkout"])
