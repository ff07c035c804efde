"""In which Vault a key is kept: noted when it is made, whatever a later run goes to, and proved before it goes."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import hvac
import pytest
from pulumi.dynamic import ResourceProvider
from pulumi.runtime.rpc import UNKNOWN

from openrouter_provider.resources.api_key import ApiKeyProvider
from openrouter_provider.resources.superseded_keys import SupersededKeysProvider
from openrouter_provider.stores.custody import KeyStillHeld
from sandbox.openrouter import Control
from sandbox.serving import AppServer
from sandbox.vault.app import TOKEN, make_app

pytest_plugins = ("tests.unit.account_fixtures",)

Props = dict[str, Any]
KeysAt = Callable[[datetime], ApiKeyProvider]
SupersededAt = Callable[[datetime], SupersededKeysProvider]
Up = Callable[[ResourceProvider, Props, Props], Props]
NOW = datetime(2027, 1, 1, tzinfo=UTC)
PATH = "acme/dev/checkout/openrouter"
PLACE = {"store": "vault", "reference": f"vault:secret/data/{PATH}"}
WISH: Props = {"name_prefix": "acme/dev/checkout", "limit": 5, "stored_in": PLACE}


class Vaults:
    """Two Vaults, and which of them the environment names."""

    def __init__(self, ours: str, other: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ours, self.other = ours, other
        self._set = monkeypatch.setenv
        self._set("VAULT_TOKEN", TOKEN)
        self._kv = hvac.Client(ours, TOKEN).secrets.kv.v2

    def go_to(self, address: str) -> None:
        """Let later runs go to one of them."""
        self._set("VAULT_ADDR", address)

    def store(self, key: str) -> None:
        """Write a key into ours, as Pulumi's provider does."""
        self._kv.create_or_update_secret(PATH, {"OPENROUTER_API_KEY": key})

    def remove(self) -> None:
        """Delete the path from ours, as Pulumi's provider does."""
        self._kv.delete_metadata_and_all_versions(PATH)


@pytest.fixture
def vaults(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vaults]:
    """Two Vaults, both empty; the environment names ours."""
    with AppServer(make_app()) as ours, AppServer(make_app()) as other:
        both = Vaults(ours.url, other.url, monkeypatch)
        both.go_to(both.ours)
        yield both


@pytest.fixture
def key(vaults: Vaults, keys_at: KeysAt, up: Up) -> Props:
    """A key that was made and stored in ours."""
    state = up(keys_at(NOW), {}, WISH)
    vaults.store(state["outs"]["key"])
    return state


def access_in(state: Props) -> Any:
    """Return what a resource's inputs note."""
    return state["inputs"]["stored_in"].get("access")


def of_an_earlier_release(state: Props) -> Props:
    """Return a state whose inputs and outputs note nothing."""
    return {**state, "inputs": {**state["inputs"], "stored_in": PLACE}, "outs": {**state["outs"], "stored_in": PLACE}}


def superseded(key: Props, up: Up, provider: SupersededKeysProvider) -> Props:
    """Return the state of a service's bookkeeping, which has superseded no key yet."""
    current = {"current": key["outs"]["hash"], "stored_in": PLACE}
    return up(provider, {}, {"service": PATH, "superseded": [], "version": "v1", **current})


def test_the_vault_of_the_making_is_kept(key: Props, vaults: Vaults, keys_at: KeysAt, up: Up, control: Control) -> None:
    """A run with another VAULT_ADDR changes nothing, notes nothing, and deletes nothing on that Vault's word."""
    assert access_in(key) == {"address": vaults.ours, "addressFrom": "environment"}
    vaults.go_to(vaults.other)
    later = up(keys_at(NOW), key, WISH)
    assert (later["did"], access_in(later)) == ("same", access_in(key))
    with pytest.raises(KeyStillHeld, match=f"stored in the Vault at {vaults.ours}, and VAULT_ADDR is {vaults.other}"):
        keys_at(NOW).delete(key["id"], key["outs"])
    assert len(control.keys()) == 1


def test_a_state_that_notes_nothing_is_completed_on_proof(key: Props, vaults: Vaults, keys_at: KeysAt, up: Up) -> None:
    """Without an update: the Vault that holds the key is noted, and one that doesn't is not."""
    old = of_an_earlier_release(key)
    vaults.go_to(vaults.other)
    later = up(keys_at(NOW), old, WISH)
    assert (later["did"], access_in(later)) == ("same", None)
    vaults.go_to(vaults.ours)
    later = up(keys_at(NOW), later, WISH)
    assert (later["did"], access_in(later)) == ("same", access_in(key))


def test_a_bookkeeping_that_notes_nothing_is_completed_on_proof(
    key: Props, vaults: Vaults, superseded_at: SupersededAt, up: Up
) -> None:
    """By the current key, as the key's own resource is."""
    old = of_an_earlier_release(superseded(key, up, superseded_at(NOW)))
    wish = {name: value for name, value in old["inputs"].items() if name != "keys"}
    vaults.go_to(vaults.other)
    assert access_in(up(superseded_at(NOW), old, wish)) is None
    vaults.go_to(vaults.ours)
    assert access_in(up(superseded_at(NOW), old, wish)) == access_in(key)


@pytest.mark.parametrize("goes_to_ours", [True, False])
def test_a_removal_sees_the_secret_before_it_goes(
    key: Props,
    vaults: Vaults,
    keys_at: KeysAt,
    superseded_at: SupersededAt,
    up: Up,
    control: Control,
    goes_to_ours: bool,
) -> None:
    """A service of an earlier release may be removed at once, by a run that saw its key in the Vault it goes to."""
    bookkeeping, old = of_an_earlier_release(superseded(key, up, superseded_at(NOW))), of_an_earlier_release(key)
    if not goes_to_ours:
        vaults.go_to(vaults.other)
    retires, deletes = superseded_at(NOW), keys_at(NOW)
    deletes.session = retires.session
    retires.delete(bookkeeping["id"], bookkeeping["outs"])
    if goes_to_ours:
        vaults.remove()
        deletes.delete(old["id"], old["outs"])
        assert control.keys() == []
    else:
        with pytest.raises(KeyStillHeld, match="doesn't note which Vault"):
            deletes.delete(old["id"], old["outs"])
        assert len(control.keys()) == 1


def test_a_superseded_key_in_an_unnoted_vault_is_left(
    key: Props, vaults: Vaults, superseded_at: SupersededAt, up: Up, control: Control
) -> None:
    """An empty Vault, or one with another key, lets none go that the secret may hold."""
    vaults.go_to(vaults.other)
    successor = control.create_key(name="successor")[0]["hash"]
    old = of_an_earlier_release(superseded(key, up, superseded_at(NOW)))
    wish = {**old["inputs"], "current": successor, "superseded": [{"hash": key["outs"]["hash"]}], "overlap": "7d"}
    later = up(superseded_at(NOW), old, wish)
    assert [entry["state"] for entry in later["outs"]["keys"]] == ["held"]


@pytest.mark.parametrize("place", [UNKNOWN, {**PLACE, "reference": UNKNOWN}, {**PLACE, "access": UNKNOWN}, None])
def test_a_place_that_a_preview_does_not_know_stays_as_it_is(
    place: Any, key: Props, keys_at: KeysAt, superseded_at: SupersededAt
) -> None:
    """Nothing is noted of it, and nobody is asked."""
    found = keys_at(NOW).check(key["inputs"], {**WISH, "stored_in": place}).inputs.get("stored_in")
    kept = superseded_at(NOW).check({"service": PATH}, {"service": PATH, "superseded": [], "stored_in": place}).inputs
    for each in (found, kept["stored_in"]):
        noted = {name: part for name, part in each.items() if name != "access"} if isinstance(each, dict) else each
        wanted = {name: part for name, part in place.items() if name != "access"} if isinstance(place, dict) else place
        assert noted == wanted
