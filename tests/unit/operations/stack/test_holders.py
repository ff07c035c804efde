"""Where a key may be current, and when a secret is a reason to leave it alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.api.models import KeyRecord
from openrouter_provider.config.source import read_config
from openrouter_provider.operations.recovery.evidence import configured_places
from openrouter_provider.operations.stack.holders import (
    Look,
    Place,
    Question,
    accesses_in,
    ask_store,
    look_into,
    places_in,
    reason_to_keep,
)
from openrouter_provider.stores.custody import Held
from openrouter_provider.stores.reading import AWS, READINGS
from openrouter_provider.stores.value import SecretUnreadable, StoreReading
from tests.unit.operations.recovery.test_orphan_keys import record

KEY, LATER = f"sk-or-v1-{'a' * 20}beef", f"sk-or-v1-{'b' * 20}cafe"
LABEL, LATER_LABEL = "sk-or-v1-aaa...beef", "sk-or-v1-bbb...cafe"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:acme/dev/checkout/openrouter-AbCdEf"
OWN, SIBLINGS = Place("dev", "checkout", ARN, AWS), Place("eu", "checkout", "acme/eu/checkout", AWS)
OTHERS_SERVICE = Place("dev", "search", "acme/dev/search", AWS)
ORPHAN = record("acme/dev/checkout-1234567", label=LABEL)
STRANGER = record("acme/dev/checkout-7654321", "later", label=LATER_LABEL)
PENDING, STRAY = Question(ORPHAN, "dev", "checkout"), Question(ORPHAN, "dev", "checkout", orphan=True)
ROTATED = Question(ORPHAN, "dev", "checkout", rotated=True, orphan=True)
EMPTY, BLIND = Held(), Held(problem="AWS refused: AccessDenied")
DOUBT = "stack us could not be read (denied)"


def holding(key: str) -> Held:
    """Return what a secret with a key holds."""
    return Held(SecretStr(key))


@pytest.mark.parametrize(
    ("question", "looks", "doubt", "expected"),
    [
        (PENDING, [], "", ""),
        (PENDING, [Look(OWN, EMPTY)], "", ""),
        (PENDING, [Look(OWN, holding(LATER))], "", ""),
        (PENDING, [Look(OWN, holding(KEY))], "", "so it is in use: `openrouter-keys adopt orphan checkout`"),
        (PENDING, [Look(OTHERS_SERVICE, holding(KEY))], "", "secret acme/dev/search of service search in stack dev"),
        (PENDING, [Look(SIBLINGS, holding(KEY))], "", "in stack eu holds it"),
        (ROTATED, [Look(OWN, holding(KEY))], "", "`pulumi up` takes it over"),
        (
            PENDING,
            [Look(OTHERS_SERVICE, BLIND)],
            "",
            "stack dev could not be read (AWS refused: AccessDenied)",
        ),
        (PENDING, [Look(OTHERS_SERVICE, BLIND), Look(OWN, BLIND)], "", "secret acme/dev/checkout/openrouter-AbCdEf of"),
        (PENDING, [Look(OTHERS_SERVICE, BLIND), Look(OWN, holding(KEY))], "", "so it is in use"),
        (ROTATED, [Look(OWN, EMPTY)], "", ""),
        (ROTATED, [Look(OWN, holding(LATER))], "", "holds a later key that no state knows"),
        (ROTATED, [Look(OTHERS_SERVICE, EMPTY)], "", "no secret is known"),
        (ROTATED, [Look(OWN, EMPTY)], DOUBT, DOUBT),
        (STRAY, [Look(OWN, EMPTY)], "", ""),
        (STRAY, [], DOUBT, DOUBT),
        (PENDING, [], DOUBT, ""),
    ],
    ids=[
        *("no secret", "empty", "another key", "held", "another service's", "a sibling's", "a rotation's, held"),
        *("unreadable", "own unreadable", "unreadable and held", "rotated, not stored", "rotated, and rotated on"),
        *("rotated, nowhere to look", "rotated, a stack unread", "noted", "noted, a stack unread", "in the own state"),
    ],
)
def test_key_is_left_where_a_secret_holds_or_may_hold_it(
    question: Question, looks: list[Look], doubt: str, expected: str
) -> None:
    """One that can't be read may hold it; a rotation's key is left too where the state is older than the store."""
    reason = reason_to_keep(question, looks, [STRANGER, ORPHAN], doubt)
    assert (expected in reason, bool(reason)) == (True, bool(expected))
    assert "\n" not in reason


def test_label_that_is_no_mask_is_anybodys() -> None:
    """Then any key in a secret may be it."""
    assert reason_to_keep(Question(record("n", label="none"), "dev", "x"), [Look(OWN, holding(LATER))], [])


VERSION = {"urn": "u::checkout", "type": AWS.value, "provider": "p::id", "outputs": {"secretId": ARN, "versionId": "v"}}
VAULT = {"urn": "u::b", "type": "vault:kv/secretV2:SecretV2", "id": "x", "outputs": {"path": "kv/data/b"}}
STATE: dict[str, Any] = {
    "resources": [
        {"urn": "p", "type": "pulumi:providers:aws", "id": "id", "inputs": {"region": "eu-west-1", "profile": "prod"}},
        {"urn": "u::checkout", "type": AWS.secret, "provider": "p::id", "id": ARN},
        VERSION,
        {"urn": "u::a", "type": "gcp:secretmanager/secret:Secret", "id": "projects/p/secrets/a"},
        VAULT,
        {"urn": "u::failed", "type": AWS.value, "outputs": {}},
    ]
}


def test_every_secret_in_a_state_is_a_place_of_its_providers() -> None:
    """A secret counts without a version, in each store, once; the provider's region and profile are the way to it."""
    found = {place.reference: (place.service, dict(place.access)) for place in places_in("dev", STATE)}
    assert found == {
        ARN: ("checkout", {"region": "eu-west-1", "profile": "prod"}),
        "gcp:projects/p/secrets/a": ("a", {}),
        "vault:kv/data/b": ("b", {}),
    }


NOTED = {"address": "https://a:8200", "addressFrom": "environment"}
NAMED, HERE = {"address": "https://b:8200"}, {"vault:address": "https://c:8200", "vault:token": "hvs.c"}


def kept(access: Any, urn: str = "u::b") -> dict[str, Any]:
    """Return a key that is kept in the path of the state's Vault resource."""
    place = {"store": "vault", "reference": "vault:kv/data/b", **({"access": access} if access else {})}
    return {"urn": urn, "type": "pulumi-python:dynamic/openrouter:ApiKey", "inputs": {"stored_in": place}}


PROVIDER = {"urn": "p", "type": "pulumi:providers:vault", "id": "id", "inputs": {**NAMED, "token": "hvs.p"}}


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([VAULT], {"address": "https://c:8200", "token": "hvs.c", "unnoted": "true"}),
        ([kept(NOTED), VAULT], NOTED),
        ([kept(None), kept(NOTED), VAULT], NOTED),
        ([kept(NOTED), PROVIDER, {**VAULT, "provider": "p::id"}], NOTED),
        ([kept(None), PROVIDER, {**VAULT, "provider": "p::id"}], NAMED),
        ([kept({"address": "https://c:8200/"})], {"address": "https://c:8200/", "token": "hvs.c"}),
    ],
    ids=["nobody says", "noted", "noted by one", "noted over the provider's", "the provider's", "with its token"],
)
def test_a_path_s_vault_is_the_one_that_was_noted(resources: list[Any], expected: Any) -> None:
    """Else that of its provider's own settings; the config's token goes along to the config's Vault alone."""
    (place,) = places_in("dev", {"resources": resources}, HERE.get)
    assert dict(place.access) == expected
    assert "hvs." not in repr(place)


@pytest.mark.parametrize(
    ("deployment", "values", "expected"),
    [
        ({}, {}, [{}]),
        ({}, HERE, [{"address": "https://c:8200", "token": "hvs.c"}]),
        ({"resources": [kept(NOTED)]}, {}, [NOTED]),
        ({"pending_operations": [{"resource": kept(NOTED)}]}, {}, [NOTED]),
        ({"resources": [kept(NOTED)]}, HERE, [NOTED, {"address": "https://c:8200", "token": "hvs.c"}]),
    ],
)
def test_a_lost_secret_is_looked_for_in_every_vault_of_the_stack(
    deployment: Any, values: dict[str, str], expected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that the state notes and the config's; the environment's alone is nobody's word, and no proof."""
    monkeypatch.setenv("VAULT_ADDR", "https://environment:8200")
    values = {"openrouter-keys:services": '{"d": {"store": "vault"}}', **values}
    found = configured_places("dev", "p", read_config(values.get, Path()), deployment, values)
    assert [dict(place.access) for place in found] == expected


def test_a_deployed_secret_s_vault_is_known_by_its_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a state doesn't note is asked where the stack's provider goes; other stores need none."""
    monkeypatch.delenv("VAULT_ADDR", raising=False)
    state = {"resources": [kept(NOTED)]}
    found = accesses_in(state, ["vault:kv/data/b", "vault:kv/data/new", ARN, "gcp:x"], HERE.get)
    new = {"address": "https://c:8200", "token": "hvs.c", "unnoted": "true"}
    assert found == {"vault:kv/data/b": NOTED, "vault:kv/data/new": new}


def test_every_secret_of_the_config_is_a_place() -> None:
    """By its own name, the default one, or that of its store; also where the state does not know it."""
    values = {
        "aws:region": "us-east-1",
        "gcp:project": "p",
        "openrouter-keys:defaults": '{"vault": {"mount": "kv"}}',
        "openrouter-keys:services": json.dumps(
            {"a": {}, "b": {"secretName": "x/b"}, "c": {"store": "gcp"}, "d": {"store": "vault"}}
        ),
    }
    raw = read_config(values.get, Path())
    found = configured_places("dev", "acme/dev", raw, {}, values, ["removed"])
    assert [(place.reference, dict(place.access)) for place in found] == [
        ("acme/dev/a/openrouter", {"region": "us-east-1"}),
        ("x/b", {"region": "us-east-1"}),
        ("gcp:projects/p/secrets/acme-dev-c-openrouter", {}),
        ("vault:kv/data/acme/dev/d/openrouter", {}),
        ("acme/dev/removed/openrouter", {"region": "us-east-1"}),
    ]


def test_a_stack_without_aws_asks_nothing_of_it() -> None:
    """A service that is no longer configured is looked for in AWS only where the stack has anything there."""
    values = {"openrouter-keys:services": '{"d": {"store": "vault"}}'}
    found = configured_places("dev", "p", read_config(values.get, Path()), {}, values, ["removed"])
    assert [place.reference for place in found] == ["vault:secret/data/p/d/openrouter"]


def test_store_that_cannot_be_asked_is_a_problem_and_no_crash() -> None:
    """A missing package and a refusal are told alike, each secret for itself and in order."""

    def refuse(reference: str, access: object = None) -> Any:
        del access
        raise ConfigurationError("the extra is not installed") if reference == "a" else SecretUnreadable("denied")

    reading: StoreReading = READINGS[0]
    fields = {name: getattr(reading, name) for name in reading.__dataclass_fields__}
    broken = StoreReading(**{**fields, "read": refuse})
    looks = look_into([Place("dev", each, each, broken) for each in ("a", "b")], ask_store)
    assert [look.held.problem for look in looks] == ["the extra is not installed", "denied"]


def test_secret_is_shown_by_its_name() -> None:
    """An ARN's account and region are left out."""
    assert str(OWN) == "secret acme/dev/checkout/openrouter-AbCdEf of service checkout in stack dev"
    assert isinstance(ORPHAN, KeyRecord)
