"""What may be deleted is provably this resource's: by a name drawn from a recorded seed, over the real host."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sandbox.openrouter import Control
from tests.provider.dynamic_host import Host
from tests.provider.test_dynamic_host import API_KEY, surroundings

Props = dict[str, Any]
LATER = "2027-06-01T00:00:00Z"
GIVEN: Props = {"name": "shared-name", "limit": 5.0, "rotation": {"every": "90d", "overlap": "7d"}}
DRAWN: Props = {"name_prefix": "acme/dev/checkout", "limit": 5.0, "rotation": {"every": "90d", "overlap": "7d"}}


@pytest.fixture(autouse=True)
def control(account: Control) -> Iterator[Control]:
    """Steer the account; leave no key and no fault to the next test."""
    account.clear_calls()
    yield account
    account.clear_faults()
    for key in account.keys():
        account.delete_key(key["hash"])


@contextmanager
def at(control: Control, now: str) -> Iterator[Host]:
    """Start a host at an instant."""
    with Host({**surroundings(control), "OPENROUTER_KEYS_NOW": now}, {}) as host:
        yield host


def made(host: Host, wish: Props) -> tuple[str, Props, Props]:
    """Return id, outputs and inputs of a new key."""
    inputs, failures = host.check({}, wish, API_KEY)
    assert not failures
    id_, state = host.create(inputs)
    return id_, state, inputs


def rotated(host: Host, key: tuple[str, Props, Props], wish: Props) -> Props:
    """Return the outputs of a key after it was rotated."""
    id_, state, inputs = key
    news, _ = host.check(inputs, wish, API_KEY)
    return host.update(id_, state, news)


def hashes(control: Control) -> set[str]:
    """Return the account's keys."""
    return {str(key["hash"]) for key in control.keys()}


def test_two_keys_of_one_given_name_rotate_without_each_other(control: Control) -> None:
    """Both bear the name that the program gave; their successors' names differ, and neither deletes the other's."""
    with at(control, "2027-01-01T00:00:00Z") as host:
        keys = [made(host, GIVEN) for _ in range(2)]
    assert [key["name"] for key in control.keys()] == ["shared-name", "shared-name"]
    with at(control, LATER) as host:
        after = [rotated(host, key, GIVEN) for key in keys]
    assert len({outs["name"] for outs in after}) == 2
    assert hashes(control) == {key[0] for key in keys} | {outs["hash"] for outs in after}


def test_a_lost_create_deletes_no_other_key_of_its_given_name(control: Control) -> None:
    """A foreign key of that very name, made in the same minute and never used, is not what the lost create made."""
    foreign, _ = control.create_key(name="shared-name")
    control.fault("create_key", "drop_after")
    with at(control, "2027-01-01T00:00:00Z") as host:
        id_, state, _ = made(host, GIVEN)
    assert state["name"] == "shared-name"
    assert hashes(control) == {foreign["hash"], id_}


@pytest.mark.default_answers
def test_a_rotation_lists_an_account_once(control: Control) -> None:
    """Five rotations in an account of 250 keys read its three pages, and that there is no fourth, once."""
    for number in range(245):
        control.create_key(name=f"other-{number}")
    with at(control, "2027-01-01T00:00:00Z") as host:
        keys = [made(host, DRAWN) for _ in range(5)]
    control.clear_calls()
    with at(control, LATER) as host:
        for key in keys:
            rotated(host, key, DRAWN)
    operations = [call["operation"] for call in control.calls()]
    assert {name: operations.count(name) for name in set(operations)} == {
        "list_keys": 4,
        "create_key": 5,
        "current_key": 5,
    }


def test_an_expired_key_keeps_its_name(control: Control) -> None:
    """A generation comes back from Pulumi as 2.0, and names no other key for it: a preview stays silent."""
    wish = {**DRAWN, "expires_at": "2027-12-01T00:00:00Z"}
    with at(control, "2027-01-01T00:00:00Z") as host:
        id_, state, inputs = made(host, wish)
    with at(control, LATER) as host:
        news, _ = host.check(inputs, wish, API_KEY)
        state = host.update(id_, state, news)
    with at(control, "2028-01-01T00:00:00Z") as host:
        again, _ = host.check(news, wish, API_KEY)
        assert again == news
        assert not host.diff(id_, state, again).diffs
    assert state["generation"] == 2
