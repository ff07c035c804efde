"""A vendor's key that no state has: where it is read, when it is sent, and that nothing keeps it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider

from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.resources.around.observability_destination import ObservabilityDestinationProvider
from openrouter_provider.resources.byok_key import ByokKeyProvider
from openrouter_provider.resources.values.write_only import read_source
from sandbox.openrouter import Control
from tests.unit.resource_fixtures import Started

pytest_plugins = ("tests.unit.resource_fixtures",)

Props = dict[str, Any]
Sent = list[tuple[str, str, Props]]
Up = Callable[[ResourceProvider, Props, Props], Props]
FIRST, SECOND = "vendor-canary-" + "a" * 20, "vendor-canary-" + "b" * 20


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file with the first value and a line break."""
    path = tmp_path / "vendor key.txt"
    path.write_text(f"{FIRST}\n", encoding="utf-8")
    return path


def wish(file: Path, version: str = "1") -> Props:
    """Return a BYOK key that is read in a file."""
    return {"name": "ours", "provider": "openai", "key_from": f"file:{file}", "key_version": version}


def keys_in(sent: Sent) -> list[Any]:
    """Return the values of the writes so far, and forget these."""
    found = [body.get("key") for method, _, body in sent if method != "GET"]
    sent.clear()
    return found


def test_the_token_decides_when_the_value_is_sent(started: Started, up: Up, sent: Sent, file: Path) -> None:
    """It is read at the creation and with another token; neither another value nor another place sends it."""
    provider = started(ByokKeyProvider)
    state = up(provider, {}, wish(file))
    assert keys_in(sent) == [FIRST]
    file.write_text(SECOND, encoding="utf-8")
    assert up(provider, state, wish(file))["did"] == "same"
    assert up(provider, state, {**wish(file), "key_from": "env:ELSEWHERE"})["did"] == "same"
    changed = up(provider, state, wish(file, "2"))
    assert keys_in(sent) == [SECOND]
    assert FIRST not in json.dumps([state, changed])
    assert SECOND not in json.dumps([state, changed])
    assert "key" not in {*changed["outs"], *changed["inputs"]}


def test_another_change_sends_no_value(started: Started, up: Up, sent: Sent, file: Path) -> None:
    """The file may be gone by then."""
    provider = started(ByokKeyProvider)
    state = up(provider, {}, wish(file))
    file.unlink()
    sent.clear()
    assert up(provider, state, {**wish(file), "disabled": True})["did"] == "update"
    assert keys_in(sent) == [None]


def test_a_key_in_the_state_can_leave_it(started: Started, up: Up, sent: Sent, file: Path) -> None:
    """A key that was given as a value until now is sent once more, and is in the state no longer; and back again."""
    provider = started(ByokKeyProvider)
    before = up(provider, {}, {"name": "ours", "provider": "openai", "key": FIRST})
    sent.clear()
    after = up(provider, before, wish(file))
    assert keys_in(sent) == [FIRST]
    assert FIRST not in json.dumps(after)
    again = up(provider, after, {"name": "ours", "provider": "openai", "key": SECOND})
    assert keys_in(sent) == [SECOND]
    assert "key_version" not in again["outs"]


def test_another_value_on_openrouter_is_drift(
    started: Started, up: Up, sent: Sent, file: Path, control: Control
) -> None:
    """Its label shows it, and the next run reads the declared one again."""
    provider = started(ByokKeyProvider)
    state = up(provider, {}, wish(file))
    control.edit_byok_key(state["id"], key=SECOND)
    read = provider.read(state["id"], state["outs"])
    sent.clear()
    seen = {"id": read.id, "outs": read.outs, "inputs": read.inputs}
    assert up(provider, seen, wish(file))["did"] == "update"
    assert keys_in(sent) == [FIRST]


def test_what_is_not_there_is_said_and_nothing_is_sent(started: Started, sent: Sent, tmp_path: Path) -> None:
    """A missing file ends the run with one line that names the place, before any call that changes something."""
    provider = started(ByokKeyProvider)
    inputs = provider.check({}, wish(tmp_path / "nowhere")).inputs
    with pytest.raises(ConfigurationError, match=r"key_from file:.*nowhere: it is empty or not there"):
        provider.create(inputs)
    assert keys_in(sent) == []


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"key_from": FIRST, "key_version": "1"}, "key_from"),
        ({"key_from": "env:NOT A NAME", "key_version": "1"}, "key_from"),
        ({"key_from": "env:VENDOR"}, "key_version"),
        ({"key": FIRST, "key_version": "1"}, "key_from"),
        ({"key": FIRST, "key_from": "env:VENDOR", "key_version": "1"}, "key_from"),
        ({}, "key"),
    ],
)
def test_place_and_token_go_together(started: Started, given: Props, wrong: str) -> None:
    """One without the other is refused, and so is a value in the place of a place, which is not repeated."""
    failures = started(ByokKeyProvider).check({}, {"name": "ours", "provider": "openai", **given}).failures
    assert [failure.property for failure in failures or ()] == [wrong]
    assert FIRST not in str([failure.reason for failure in failures or ()])


def test_a_variable_is_read_as_it_is() -> None:
    """But for the line break at its end; an empty one is none."""
    assert read_source("key_from", "env:A", {"A": f"{FIRST}\r\n"}) == FIRST
    with pytest.raises(ConfigurationError):
        read_source("key_from", "env:A", {"A": " "})


def test_credentials_of_a_receiver_are_read_by_name(
    started: Started, up: Up, sent: Sent, file: Path, control: Control
) -> None:
    """Those beside them may be in the state; a secret that is sent is in no output."""
    place = {"type": "arize", "settings": {"modelId": "m"}, "credentials": {"spaceKey": SECOND}}
    read_elsewhere = {"credentials_from": {"apiKey": f"file:{file}"}, "credentials_version": "1"}
    state = up(started(ObservabilityDestinationProvider), {}, {"name": "traces", **place, **read_elsewhere})
    (body,) = [body for method, _, body in sent if method == "POST"]
    assert body["config"] == {"modelId": "m", "spaceKey": SECOND, "apiKey": FIRST}
    assert FIRST not in json.dumps(state)
    assert FIRST in control.all_secrets()
