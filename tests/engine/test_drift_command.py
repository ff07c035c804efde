"""What `openrouter-keys drift` says of a running stack after changes behind Pulumi's back."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from openrouter_provider.operations.drift.severity import ACCOUNT, REFRESH
from openrouter_provider.payload import secret_value
from openrouter_provider.stores.known.aws.policy import reader_policy
from tests.harness import Run, Stack

READER = "arn:aws:iam::123456789012:role/checkout"
INTRUDER = "arn:aws:iam::123456789012:role/intruder"
SETTINGS: dict[str, Any] = {"limit": 50, "limitReset": "monthly"}


@dataclass(frozen=True)
class Expected:
    """One change behind Pulumi's back, and what is to be reported of it."""

    property: str
    actual: Any
    severity: str
    change: Callable[[Stack, str], Any]
    settings: Mapping[str, Any] | None = None
    manual: bool = False


def edited(**fields: Any) -> Callable[[Stack, str], Any]:
    """Return a change of a service's key."""
    return lambda stack, service: stack.control.edit_key(stack.live(service)[0]["hash"], **fields)


def store_another_key(stack: Stack, service: str) -> None:
    """Put a working key of somebody else into the service's secret."""
    _, value = stack.control.create_key(name="elsewhere", limit=1)
    text = secret_value(value, "json", stack.environment["OPENROUTER_BASE_URL"])
    stack.aws().put_secret_value(SecretId=stack.secret_name(service), SecretString=text)


def write_by_hand(stack: Stack, service: str) -> None:
    """Put something that is no key into the service's secret."""
    stack.aws().put_secret_value(SecretId=stack.secret_name(service), SecretString="by hand")


def let_in(stack: Stack, service: str, *readers: str) -> None:
    """Let these principals read the service's secret."""
    stack.aws().put_resource_policy(SecretId=stack.secret_name(service), ResourcePolicy=reader_policy(readers))


CHANGES: dict[str, Expected] = {
    "raised": Expected("limit", 5000, "critical", edited(limit=5000)),
    "lowered": Expected("limit", 1, "warning", edited(limit=1)),
    "unlimited": Expected("limit", None, "critical", edited(limit=None)),
    "reset": Expected("limit_reset", "daily", "warning", edited(limit_reset="daily")),
    "disabled": Expected("disabled", True, "warning", edited(disabled=True)),
    "enabled": Expected("disabled", False, "critical", edited(disabled=False), {"disabled": True}),
    "renamed": Expected("name", "somebody was here", "warning", edited(name="somebody was here")),
    "deleted": Expected("key", None, "critical", lambda stack, name: stack.control.delete_key(key_of(stack, name))),
    "byok": Expected("include_byok_in_limit", True, "warning", edited(include_byok_in_limit=True)),
    "written": Expected("secret.value", "edited by hand", "critical", write_by_hand),
    "foreign": Expected("secret.key", "sk-or-v1-", "critical", store_another_key),
    "widened": Expected(
        "secret.policy", INTRUDER, "critical", lambda *who: let_in(*who, READER, INTRUDER), {"readers": [READER]}
    ),
    "opened": Expected("secret.policy", INTRUDER, "critical", lambda *who: let_in(*who, INTRUDER), manual=True),
}


def key_of(stack: Stack, service: str) -> str:
    """Return the hash of a service's key."""
    key_hash: str = stack.live(service)[0]["hash"]
    return key_hash


def drift(stack: Stack) -> tuple[Run, list[dict[str, Any]]]:
    """Run the check; return the run and its findings, those without a limit elsewhere left out."""
    arguments = ("drift", "--stack", stack.name, "--format", "json")
    run = stack.run("openrouter-keys", *arguments, check=False)
    assert run.code in (0, 2), run
    (found,) = json.loads(run.output[run.output.index("{") : run.output.rindex("}") + 1])["stacks"]
    return run, found["findings"]


def test_each_change_is_named_alone_and_healed_or_left_to_a_person(stack: Stack) -> None:
    """Drift names exactly each change, `up --refresh` or a person heals it as the finding says, and drift is clean."""
    stack.configure({name: SETTINGS | dict(expected.settings or {}) for name, expected in CHANGES.items()})
    stack.up()
    for name, expected in CHANGES.items():
        expected.change(stack, name)
    stray, _ = stack.control.create_key(name=f"{stack.prefix}/stray", limit=3)
    stack.control.create_key(name=f"{stack.prefix}2/checkout-1234567", limit=3)
    stack.control.create_key(name="boundless")
    before = stack.export()

    run, findings = drift(stack)
    assert run.code == 2
    assert stack.export() == before
    by_service = {finding["service"]: finding for finding in findings if finding["service"] != ACCOUNT}
    assert sorted(finding["service"] for finding in findings) == sorted([*CHANGES, ACCOUNT, ACCOUNT])
    for name, expected in CHANGES.items():
        found = by_service[name]
        assert (found["property"], found["severity"]) == (expected.property, expected.severity), found
        assert found["heal"].startswith(REFRESH) != expected.manual, found
        exact = not isinstance(expected.actual, str)
        assert found["actual"] == expected.actual if exact else expected.actual in found["actual"], found
    account = {finding["property"]: finding["severity"] for finding in findings if finding["service"] == ACCOUNT}
    assert account == {f"key {stack.prefix}/stray": "critical", "key boundless": "notice"}

    stack.up("--refresh")
    stack.aws().delete_resource_policy(SecretId=stack.secret_name("opened"))
    stack.control.delete_key(stray["hash"])
    run, findings = drift(stack)
    assert run.code == 0, run
    assert [finding["property"] for finding in findings] == ["key boundless"]
    assert all(stack.authenticates(name) for name in CHANGES if name != "enabled")


def test_stack_that_cannot_be_checked_hides_nothing_and_selects_nothing(stack: Stack) -> None:
    """Beside a stack that does not exist the other's findings are printed, exit code 1, and no stack gets selected."""
    stack.configure({"checkout": SETTINGS})
    run = stack.run("openrouter-keys", "drift", "-s", "missing", "-s", stack.name, "--format", "github", check=False)
    assert run.code == 1, run
    assert "::error title=drift of missing not checked::" in run.output
    assert f"::notice title={stack.name} checkout service::not deployed yet: wanted declared" in run.output
    listed = json.loads(stack.run("pulumi", "stack", "ls", "--json").stdout)
    assert [found["name"] for found in listed if found["current"]] == []
