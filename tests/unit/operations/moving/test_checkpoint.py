"""What of two checkpoints moves: resources with their children, by new URNs, through the other stack's providers."""

import json
from typing import Any

import pytest

from openrouter_provider.operations.moving.checkpoint import (
    Address,
    has_arrived,
    names_taken,
    obstacles,
    parcel,
    put_into,
    services_in,
    taken_out,
    unready,
)

ONE, TWO = Address("one", "proj"), Address("two", "proj")
COMPONENT = "openrouter-keys:index:ServiceKey"
KEY, GUARDRAIL, BYOK = (f"pulumi-python:dynamic/openrouter:{kind}" for kind in ("ApiKey", "Guardrail", "ByokKey"))
SECRET, PYTHON, AWS = "aws:secretsmanager/secret:Secret", "pulumi-python::default", "aws::default_7_51_1"


def urn(address: Address, kind: str, name: str, parent: str = "") -> str:
    """Return the URN of a resource of a stack."""
    return f"{address.beginning}{f'{parent}$' if parent else ''}{kind}::{name}"


def provider(address: Address, name: str, id_: str) -> dict[str, Any]:
    """Return a provider resource."""
    found = f"{address.beginning}pulumi:providers:{name}"
    return {"urn": found, "custom": True, "id": id_, "type": f"pulumi:providers:{name.partition('::')[0]}"}


def service(
    address: Address, name: str, ids: tuple[str, str], made: str = "2026", **of_key: Any
) -> list[dict[str, Any]]:
    """Return a service's component, its key, and its secret which depends on the key."""
    component, key = urn(address, COMPONENT, name), urn(address, KEY, name, COMPONENT)
    python, aws = (f"{address.beginning}pulumi:providers:{each}" for each in (PYTHON, AWS))
    return [
        {"urn": component, "type": COMPONENT, "parent": address.root, "created": made},
        {
            "urn": key,
            "type": KEY,
            "id": f"key of {name}",
            "parent": component,
            "provider": f"{python}::{ids[0]}",
            "outputs": {"key": {"plaintext": '"hush"'}},
            **of_key,
        },
        {
            "urn": urn(address, SECRET, name, COMPONENT),
            "type": SECRET,
            "id": f"arn of {name}",
            "parent": component,
            "provider": f"{aws}::{ids[1]}",
            "dependencies": [key],
            "propertyDependencies": {"name": [], "tags": [key]},
            "aliases": [urn(address, SECRET, "old")],
            "deletedWith": component,
        },
    ]


def stack(address: Address, *resources: dict[str, Any], outputs: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return an exported stack with these resources."""
    root = {"urn": address.root, "type": "pulumi:pulumi:Stack", "outputs": {"services": outputs or {}, "other": 1}}
    return {"version": 3, "deployment": {"secrets_providers": {"type": "x"}, "resources": [root, *resources]}}


def source() -> dict[str, Any]:
    """Return a stack with two services."""
    providers = [provider(ONE, PYTHON, "p1"), provider(ONE, AWS, "a1")]
    both = [*service(ONE, "a", ("p1", "a1"), "2026-02"), *service(ONE, "b", ("p1", "a1"), "2026-01")]
    return stack(ONE, *providers, *both, outputs={"a": {"keyHash": "1"}, "b": {"keyHash": "2"}})


def urns(exported: dict[str, Any]) -> list[str]:
    """Return a stack's URNs in their order."""
    return [each["urn"] for each in exported["deployment"]["resources"]]


def outputs(exported: dict[str, Any]) -> Any:
    """Return what a stack exports."""
    return exported["deployment"]["resources"][0]["outputs"]


def test_a_service_arrives_whole_through_the_providers_that_are_there() -> None:
    """Ids stay, every reference is one within the other stack, and its own resources are untouched."""
    target = stack(TWO, provider(TWO, PYTHON, "p2"), provider(TWO, AWS, "a2"), *service(TWO, "c", ("p2", "a2")))
    sent = parcel(source()["deployment"], ["a"], ONE, TWO)
    after = put_into(target, sent)
    assert after["deployment"]["resources"][1:6] == target["deployment"]["resources"][1:]
    assert after["deployment"]["resources"][6:] == service(TWO, "a", ("p2", "a2"), "2026-02")
    assert outputs(after) == {"services": {"a": {"keyHash": "1"}}, "other": 1}
    assert ":one:" not in json.dumps(after)
    assert has_arrived(after["deployment"], sent)
    assert not has_arrived(target["deployment"], sent)


@pytest.mark.parametrize("target", [{"version": 3, "deployment": {}}, stack(TWO)])
def test_an_empty_stack_gets_the_providers_too(target: dict[str, Any]) -> None:
    """Its root is made where there is none, and stands first; providers stand before what goes through them."""
    after = put_into(target, parcel(source()["deployment"], ["a", "b"], ONE, TWO))
    wanted = [TWO.root, *(each.replace(":one:", ":two:") for each in urns(source())[1:])]
    assert urns(after) == wanted
    assert after["deployment"]["resources"][3:] == [
        *service(TWO, "a", ("p1", "a1"), "2026-02"),
        *service(TWO, "b", ("p1", "a1"), "2026-01"),
    ]


def test_what_leaves_a_stack_is_the_service_and_its_output() -> None:
    """Everything else stays, in its order, and a stack without the service is as it was."""
    left = taken_out(source(), ["a"])
    assert urns(left) == [each for each in urns(source()) if not each.endswith("::a")]
    assert outputs(left) == {"services": {"b": {"keyHash": "2"}}, "other": 1}
    assert taken_out(left, ["a"]) == left


def test_services_are_told_by_their_age() -> None:
    """The one that was made first comes first."""
    assert services_in(source()["deployment"]) == ["b", "a"]
    assert names_taken(source()["deployment"], ["a", "z"]) == ["a"]


@pytest.mark.parametrize(
    ("more", "of_key", "said"),
    [
        ([], {}, ""),
        ([], {"delete": True}, "to be deleted"),
        ([], {"dependencies": [urn(ONE, GUARDRAIL, "g")]}, "it needs Guardrail g, which stays"),
        ([], {"propertyDependencies": {"x": [urn(ONE, GUARDRAIL, "g")]}}, "it needs Guardrail g, which stays"),
        ([{"dependencies": [urn(ONE, KEY, "a", COMPONENT)]}], {}, "ByokKey ours, which stays, needs it"),
        ([{"parent": urn(ONE, COMPONENT, "b")}], {}, ""),
    ],
)
def test_nothing_that_is_needed_stays_behind_unnoticed(
    more: list[dict[str, Any]], of_key: dict[str, Any], said: str
) -> None:
    """A service that needs what stays, or is needed by it, can't go, and the reason names it."""
    others = [{"urn": urn(ONE, GUARDRAIL, "g"), "type": GUARDRAIL, "parent": ONE.root}]
    others += [{"urn": urn(ONE, BYOK, "ours"), "type": BYOK, **each} for each in more]
    found = obstacles(stack(ONE, *service(ONE, "a", ("p", "a"), **of_key), *others)["deployment"], "a")
    assert (said in "\n".join(found)) if said else found == []
    assert bool(found) == bool(said)


def test_a_service_within_a_component_of_a_program_is_refused() -> None:
    """Its URN would need another parent in the other stack."""
    component, *rest = service(ONE, "a", ("p", "a"))
    inner = {**component, "parent": urn(ONE, "acme:index:Team", "team")}
    team = {"urn": inner["parent"], "type": "acme:index:Team", "parent": ONE.root}
    assert "stands under team" in obstacles(stack(ONE, team, inner, *rest)["deployment"], "a")[0]
    assert "no such service" in obstacles(stack(ONE)["deployment"], "a")[0]


def test_a_stack_with_pending_operations_is_refused() -> None:
    """They are for `recover` to judge."""
    deployment = {"pending_operations": [{"type": "creating", "resource": {"urn": "x"}}]}
    assert "openrouter-keys recover" in unready("one", deployment)
    assert unready("one", source()["deployment"]) == ""
