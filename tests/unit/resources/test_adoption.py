"""Taking an existing key over: proved first, brought to its wish, never re-issued."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider

from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.resources.api_key import ApiKeyProvider
from sandbox.openrouter import Control

pytest_plugins = ("tests.unit.account_fixtures",)

Props = dict[str, Any]
Sent = list[tuple[str, str, Props]]
KeysAt = Callable[[datetime], ApiKeyProvider]
Up = Callable[[ResourceProvider, Props, Props], Props]
NOW = datetime(2027, 1, 1, tzinfo=UTC)


def records(control: Control) -> list[Props]:
    """Return the live keys."""
    return control.keys()


def adopting(record: Props, value: str, **change: Any) -> Props:
    """Return the wish that takes this key over as it is, but for the change."""
    wish = {"name": record["name"], "limit": record["limit"], "adopt_hash": record["hash"], "adopt_key": value}
    return {**wish, **change}


@pytest.fixture
def existing(control: Control) -> tuple[Props, str]:
    """Make a key by hand."""
    return control.create_key(name="made by hand", limit=5)


def test_an_adopted_key_keeps_its_identity(
    keys_at: KeysAt, up: Up, control: Control, sent: Sent, existing: tuple[Props, str]
) -> None:
    """The key itself proves the value, nothing is created or changed, and id, hash and value are its own."""
    record, value = existing
    state = up(keys_at(NOW), {}, adopting(record, value))
    assert [(method, path) for method, path, _ in sent] == [("GET", f"/keys/{record['hash']}"), ("GET", "/key")]
    assert (state["id"], state["outs"]["hash"], state["outs"]["key"]) == (record["hash"], record["hash"], value)
    assert up(keys_at(NOW), state, adopting(record, value))["did"] == "same"
    assert control.keys() == [record]


def test_differences_are_patched(keys_at: KeysAt, up: Up, sent: Sent, existing: tuple[Props, str]) -> None:
    """What differs from the wish is set with one PATCH of just that."""
    record, value = existing
    up(keys_at(NOW), {}, adopting(record, value, name="acme/dev/checkout", limit=50, limit_reset="monthly"))
    changes = {"name": "acme/dev/checkout", "limit": 50, "limit_reset": "monthly"}
    assert sent[2:] == [("PATCH", f"/keys/{record['hash']}", changes)]


def test_an_unknown_hash_is_refused(keys_at: KeysAt, up: Up, existing: tuple[Props, str]) -> None:
    """A hash that the account does not have adopts nothing."""
    record, value = existing
    with pytest.raises(ConfigurationError, match=r"adopt_hash 0{12}…: the account has no such key"):
        up(keys_at(NOW), {}, adopting(record, value, adopt_hash="0" * 64))


def test_the_value_of_another_key_is_refused(
    keys_at: KeysAt, up: Up, control: Control, existing: tuple[Props, str]
) -> None:
    """A live value that belongs to another key is not accepted for this one."""
    _, other = control.create_key(name="another")
    with pytest.raises(ConfigurationError, match="belongs to another key") as caught:
        up(keys_at(NOW), {}, adopting(existing[0], other))
    assert other not in repr(caught.value)


def test_a_dead_value_is_refused(keys_at: KeysAt, up: Up, existing: tuple[Props, str]) -> None:
    """A value that no longer authenticates proves nothing, and is not quoted."""
    canary = "sk-or-v1-" + "c" * 64
    with pytest.raises(ConfigurationError, match="does not authenticate") as caught:
        up(keys_at(NOW), {}, adopting(existing[0], canary))
    assert canary not in repr(caught.value)


def test_a_field_that_only_creation_takes_cannot_be_adopted(
    keys_at: KeysAt, up: Up, control: Control, existing: tuple[Props, str]
) -> None:
    """Where the wish has another expiry than the key, nothing is changed and the field is named."""
    record, value = existing
    with pytest.raises(ConfigurationError, match="expires_at cannot be changed on an existing key"):
        up(keys_at(NOW), {}, adopting(record, value, expires_at="2028-01-01T00:00:00Z"))
    assert control.keys() == [record]


def test_an_adopted_key_outlives_the_setting(keys_at: KeysAt, up: Up, control: Control, existing: Any) -> None:
    """Removing adopt_hash and adopt_key after the adoption keeps the key."""
    record, value = existing
    state = up(keys_at(NOW), {}, adopting(record, value))
    later = up(keys_at(NOW), state, {"name": record["name"], "limit": record["limit"]})
    assert later["outs"]["hash"] == record["hash"]
    assert [key["hash"] for key in records(control)] == [record["hash"]]
