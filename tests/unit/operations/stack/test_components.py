"""What a state's ServiceKey components say, where no output says it."""

from collections.abc import Mapping
from typing import Any

import pytest

from openrouter_provider.operations.stack.components import (
    components_in,
    exported_services,
    in_the_clear,
    is_encrypted,
    is_ours,
    services_of,
)

STACK = "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"
SERVICE = "openrouter-keys:index:ServiceKey"
ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/checkout-AbCdEf"
CIPHER = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}
PLAIN = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": "5"}


def component(name: str, kinds: str = SERVICE, parent: str = STACK) -> dict[str, Any]:
    """Return a ServiceKey of a state."""
    return {"urn": f"urn:pulumi:prod::shop::{kinds}::{name}", "type": SERVICE, "parent": parent}


def child(of: Mapping[str, Any], kind: str, **properties: Any) -> dict[str, Any]:
    """Return a child of a component."""
    name = of["urn"].rpartition("::")[2]
    return {"urn": f"{of['urn']}${kind}::{name}", "type": f"pulumi-python:{kind}", "parent": of["urn"], **properties}


def key(of: Mapping[str, Any], **outputs: Any) -> dict[str, Any]:
    """Return the component's key."""
    found = {"hash": "a" * 64, "name": "shop/checkout-1234567", "label": "sk-or-v1-abc...def", "generation": 2.0}
    return child(of, "dynamic/openrouter:ApiKey", outputs={**found, "limit": 5, **outputs})


def superseded(of: Mapping[str, Any], **inputs: Any) -> dict[str, Any]:
    """Return what retires the component's superseded keys, which knows the secret."""
    found = {"service": "shop/checkout", "stored_in": {"store": "aws", "reference": ARN}}
    return child(of, "dynamic/openrouter:SupersededKeys", inputs={**found, **inputs})


def state(*resources: Mapping[str, Any], **outputs: Any) -> dict[str, Any]:
    """Return an exported state."""
    stack = {"urn": STACK, "type": "pulumi:pulumi:Stack", "outputs": outputs}
    return {"deployment": {"resources": [stack, *resources]}}


def test_a_component_says_what_the_output_would() -> None:
    """Its key and what retires its keys have everything that a service's record needs."""
    one = component("checkout")
    (found,) = services_of("prod", components_in(state(one, key(one), superseded(one))).whole)
    assert (found.name, found.key_hash, found.limit, found.generation) == ("checkout", "a" * 64, 5, 2)
    assert (found.secret_reference, found.secret_name) == (ARN, "shop/checkout")


def test_a_store_s_own_reference_is_kept() -> None:
    """Google's and Vault's secrets are found by what the component noted of them."""
    one = component("checkout")
    place = {"store": "vault", "reference": "vault:secret/data/checkout"}
    found = components_in(state(one, key(one), superseded(one, stored_in=place))).whole
    assert found["checkout"]["secretReference"] == "vault:secret/data/checkout"


@pytest.mark.parametrize("there", ["nothing", "key", "superseded", "no hash", "no place"])
def test_a_component_that_a_run_did_not_finish_is_told(there: str) -> None:
    """Nobody can read a key for it, which is no reason to leave it out."""
    one = component("checkout")
    parts = {
        "nothing": [],
        "key": [key(one)],
        "superseded": [superseded(one)],
        "no hash": [key(one, hash=None), superseded(one)],
        "no place": [key(one), superseded(one, stored_in=None)],
    }
    found = components_in(state(one, *parts[there]))
    assert (found.whole, found.unfinished) == ({}, ("checkout",))


def test_two_components_of_one_name_are_two_services() -> None:
    """Those in components of the user's own are named with the component around them; none hides another."""
    own, inner = (
        component("checkout"),
        component("checkout", f"shop:Team${SERVICE}", "urn:pulumi:prod::shop::shop:Team::pay"),
    )
    found = components_in(state(own, key(own), superseded(own), inner, key(inner), superseded(inner)))
    assert sorted(found.whole) == ["checkout", "pay/checkout"]


def test_what_is_being_deleted_is_no_service() -> None:
    """A component whose replacement exists says nothing."""
    assert components_in(state({**component("checkout"), "delete": True})).unfinished == ()


@pytest.mark.parametrize(
    ("exported", "ours"),
    [
        ({"checkout": {"keyHash": "a"}}, True),
        ({}, True),
        ({"checkout": "https://x"}, False),
        (["a"], False),
        ("a", False),
    ],
)
def test_another_program_s_output_of_that_name_is_told_from_ours(exported: Any, ours: bool) -> None:
    """An output `services` may be anything in a program of somebody else."""
    assert is_ours(exported_services(state(services=exported))) is ours


def test_a_secret_name_or_limit_is_noticed_and_shown() -> None:
    """What a secret setting made a secret is read from an export that shows it."""
    one = component("checkout")
    assert is_encrypted(components_in(state(one, key(one, limit=CIPHER), superseded(one))).whole)
    shown = in_the_clear(state(one, key(one, limit=PLAIN), superseded(one)))
    assert components_in(shown).whole["checkout"]["limit"] == 5
