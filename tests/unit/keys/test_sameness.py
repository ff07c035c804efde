"""What the API answers in another spelling than it was told is no change: not in a diff, not after a refresh."""

from collections.abc import Callable
from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider

from openrouter_provider.keys.fields import changed, same
from openrouter_provider.keys.sameness import same_id, same_ids, same_moment, same_set, same_text
from openrouter_provider.keys.schedule import kept_instant, parse_instant, same_instant
from openrouter_provider.keys.state import FIELDS
from sandbox.openrouter import Control
from tests import around
from tests.provider.life import part
from tests.provider.lives import LIVES, Ground, living
from tests.unit.resource_fixtures import Started

pytest_plugins = ("tests.unit.resource_fixtures",)

Props = dict[str, Any]
Up = Callable[[ResourceProvider, Props, Props], Props]
UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
AT = "2027-03-01T18:40:10Z"


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (AT, True),
        ("2027-03-01T18:40:08Z", True),
        ("2027-03-01T18:40:10.363244+00:00", True),
        ("2027-03-01T18:41:10Z", True),
        ("2027-03-01T18:41:11Z", False),
        ("2027-03-01T18:39:09Z", False),
        ("2028-03-01T18:40:10Z", False),
        ("whenever", False),
        (None, False),
    ],
)
def test_instants_are_the_same_within_a_minute(other: str | None, alike: bool) -> None:
    """A reading up to a minute off is the same instant, either way round; null is no instant."""
    assert same_instant(AT, other) is alike
    assert same_instant(other, AT) is alike
    assert same_moment(AT, other) is alike
    assert bool(changed(FIELDS, {"expires_at": AT}, {"expires_at": other})) is not alike


def test_an_instant_keeps_its_spelling() -> None:
    """What the state has stays while the API means the same, and gives way to another instant."""
    assert kept_instant(AT, parse_instant("2027-03-01T18:40:08Z")) == AT
    assert kept_instant(AT, parse_instant("2027-03-02T18:40:08Z")) == "2027-03-02T18:40:08Z"
    assert kept_instant(None, parse_instant(AT)) == AT


@pytest.mark.parametrize(
    ("compare", "one", "other", "alike"),
    [
        (same, 0.1 + 0.2, 0.3, True),
        (same, 0.3, 0.31, False),
        (same, 0.000001, 0.000002, False),
        (same_text, " acme/dev ", "acme/dev", True),
        (same_text, "acme dev", "acmedev", False),
        (same_text, "", None, False),
        (same_id, UUID, UUID.upper(), True),
        (same_id, "a" * 64, "A" * 64, True),
        (same_id, "user_aB", "user_Ab", False),
        (same_ids, [UUID], [UUID.upper()], True),
        (same_ids, ["a" * 64, "b" * 64], ["B" * 64, "A" * 64], True),
        (same_ids, ["a" * 64], None, False),
        (same_set, [{"a": 1}, {"b": 2}], [{"b": 2}, {"a": 1}], True),
        (same_set, [1, 1], [1], False),
        (same_set, None, [1], False),
    ],
)
def test_other_spellings(compare: Callable[[object, object], bool], one: object, other: object, alike: bool) -> None:
    """Noise of floating point, blanks around a text, the case of hexadecimal ids and an order can mean nothing."""
    assert compare(one, other) is alike
    assert compare(other, one) is alike


MODES: dict[str, Props] = {
    "rounded expiry": {"expiry_early_seconds": 2},
    "microseconds": {"timestamp_style": "fractional"},
    "trimmed names": {"respelled": ["names"]},
    "noisy numbers": {"respelled": ["numbers"]},
    "ids in another case": {"respelled": ["ids"]},
    "lists in another order": {"respelled": ["lists"]},
}
EVERYTHING: dict[str, Callable[[Ground], Props]] = {
    "ApiKey": lambda ground: {
        "name_prefix": None,
        "name": " acme/dev/checkout ",
        "limit": 0.1 + 0.2,
        "expires_at": "2027-06-01T18:40:10Z",
        "workspace_id": ground.workspaces[0],
    },
    "Workspace": lambda _: {"name": " Payments ", "description": " Takes money "},
    "WorkspaceBudget": lambda _: {"limit_usd": 0.1 + 0.2},
    "Guardrail": lambda ground: {
        "name_prefix": None,
        "name": " cheap ",
        "description": " for tests ",
        "limit_usd": 0.1 + 0.2,
        "workspace_id": ground.workspaces[0],
        "ignored_providers": ["azure", "openai"],
        "content_filters": [{"pattern": "b", "action": "block"}, {"pattern": "a", "action": "redact"}],
        "content_filter_builtins": [{"slug": "phone", "action": "block"}, {"slug": "email", "action": "redact"}],
    },
    "ByokKey": lambda ground: {"workspace_id": ground.workspaces[0], "allowed_models": ["b/b", "a/a"]},
    **around.merged("EVERYTHING"),
}


def _nothing(_ground: Ground) -> Props:
    return {}


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES.keys())
@pytest.mark.parametrize("kind", LIVES)
def test_no_spelling_of_the_api_is_drift(kind: str, mode: Props, started: Started, up: Up, control: Control) -> None:
    """A refresh leaves the state as it was and the next run changes nothing, however the API spells its answers."""
    ground = Ground.of(control)
    control.configure(**mode)
    life = LIVES[kind]
    wish = {**life.wish(ground), **EVERYTHING.get(kind, _nothing)(ground)}
    provider = started(life.provider)
    state = up(provider, {}, wish)
    read = provider.read(state["id"], state["outs"])
    assert read.outs == state["outs"]
    assert up(provider, {"id": read.id, "outs": read.outs, "inputs": read.inputs}, wish)["did"] == "same"


@pytest.mark.parametrize("kind", [kind for kind in living("drift") if kind != "WorkspaceBudget"])
def test_drift_is_still_found_in_any_spelling(kind: str, started: Started, up: Up, control: Control) -> None:
    """What somebody really changed is found and healed while every spelling is another one."""
    ground = Ground.of(control)
    life = LIVES[kind]
    provider, wish = started(life.provider), life.wish(ground)
    state = up(provider, {}, wish)
    control.configure(expiry_early_seconds=2, timestamp_style="fractional")
    control.configure(respelled=["names", "numbers", "ids", "lists"])
    part(life.drift)(ground, state["id"])
    read = started(life.provider).read(state["id"], state["outs"])
    assert up(provider, {"id": read.id, "outs": read.outs, "inputs": read.inputs}, wish)["did"] == "update"
