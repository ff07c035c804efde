"""Every finding of a service in AWS, each by its cause on one stack, and the commands that its heal names."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from openrouter_provider.keys.schedule import format_instant, parse_instant
from openrouter_provider.operations.drift.findings import DEPLOY, REFRESH, Change, commands_in
from openrouter_provider.stores.aws.policy import reader_policy
from openrouter_provider.stores.payload import secret_value
from sandbox.aws.client import AwsControl
from tests.engine.drifting import carry_out, drift
from tests.harness import Stack
from tests.soak import only_in_soak

START = "2027-01-01T00:00:00Z"
LATER = "2027-01-26T00:00:00Z"
READER = "arn:aws:iam::123456789012:role/checkout"
INTRUDER = "arn:aws:iam::123456789012:role/intruder"
ROTATING = {"rotation": {"every": "90d", "overlap": "7d", "stagger": False}}
ByHand = Callable[[Stack, str], Any]


def nothing(_stack: Stack, _service: str) -> None:
    """Change nothing."""


@dataclass(frozen=True)
class Case:
    """A cause, what is found, and what a person does before the commands.

    Attributes:
        change: what is found.
        settings: the service's from the beginning.
        then: the settings of the second run, which supersedes keys.
        before: what is done by hand before a run that fails.
        cause: what is done by hand after all runs.
        config: the settings that are in the config when drift looks, and not deployed.
        mended: the settings that a person writes before the commands, where one must.
    """

    change: Change
    settings: Mapping[str, Any] = field(default_factory=dict)
    then: Mapping[str, Any] = field(default_factory=dict)
    before: ByHand = nothing
    cause: ByHand = nothing
    config: Mapping[str, Any] = field(default_factory=dict)
    mended: Mapping[str, Any] | None = None


def edited(**fields: Any) -> ByHand:
    """Return a change of a service's key."""
    return lambda stack, service: stack.control.edit_key(key_of(stack, service), **fields)


def key_of(stack: Stack, service: str) -> str:
    """Return the hash of a service's newest key."""
    key_hash: str = max(stack.live(service), key=lambda key: str(key["created_at"]))["hash"]
    return key_hash


def delete_key(stack: Stack, service: str) -> None:
    """Delete the service's key on OpenRouter."""
    stack.control.delete_key(key_of(stack, service))


def store(text: str) -> ByHand:
    """Return a change of a secret's value."""
    return lambda stack, service: stack.aws().put_secret_value(SecretId=stack.secret_name(service), SecretString=text)


def store_another_key(stack: Stack, service: str) -> None:
    """Put a working key of somebody else into the service's secret."""
    _, value = stack.control.create_key(name="elsewhere", limit=1)
    store(secret_value(value, "json", stack.environment["OPENROUTER_BASE_URL"]))(stack, service)


def roll_back(stack: Stack, service: str) -> None:
    """Move AWSCURRENT to the version before, by hand."""
    name, aws = stack.secret_name(service), stack.aws()
    stages = aws.describe_secret(SecretId=name)["VersionIdsToStages"]
    now, before = (next(id_ for id_, held in stages.items() if s in held) for s in ("AWSCURRENT", "AWSPREVIOUS"))
    aws.update_secret_version_stage(
        SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=before, RemoveFromVersionId=now
    )


def enable_superseded(stack: Stack, service: str) -> None:
    """Switch the superseded key on again."""
    (key,) = (key for key in stack.live(service) if key["disabled"])
    stack.control.edit_key(key["hash"], disabled=False)


def delete_secret(**how: Any) -> ByHand:
    """Return the deletion of a service's secret."""
    return lambda stack, service: stack.aws().delete_secret(SecretId=stack.secret_name(service), **how)


def let_in(*readers: str) -> ByHand:
    """Return the policy that lets these principals read the service's secret."""
    policy = reader_policy(readers)
    return lambda stack, service: stack.aws().put_resource_policy(
        SecretId=stack.secret_name(service), ResourcePolicy=policy
    )


def tag(stack: Stack, service: str) -> None:
    """Tag the service's secret by hand."""
    stack.aws().tag_resource(SecretId=stack.secret_name(service), Tags=[{"Key": "by", "Value": "hand"}])


GONE: Mapping[str, Any] = {"RecoveryWindowInDays": 7}
AT_ONCE: Mapping[str, Any] = {"ForceDeleteWithoutRecovery": True}
CASES: Mapping[str, Case] = {
    "raised": Case(Change.LIMIT_RAISED, cause=edited(limit=5000)),
    "lowered": Case(Change.LIMIT_LOWERED, cause=edited(limit=1)),
    "unlimited": Case(Change.LIMIT_REMOVED, cause=edited(limit=None)),
    "reset": Case(Change.PROPERTY_CHANGED, cause=edited(limit_reset="daily")),
    "disabled": Case(Change.KEY_DISABLED, cause=edited(disabled=True)),
    "enabled": Case(Change.KEY_ENABLED, {"disabled": True}, cause=edited(disabled=False)),
    "renamed": Case(Change.KEY_RENAMED, cause=edited(name="somebody was here")),
    "deleted": Case(Change.KEY_DELETED, cause=delete_key),
    "expired": Case(
        Change.KEY_EXPIRED, {"expiresAt": "2027-01-20T00:00:00Z"}, mended={"expiresAt": "2028-01-01T00:00:00Z"}
    ),
    "ending": Case(
        Change.KEY_EXPIRES_SOON, {"expiresAt": "2027-02-05T00:00:00Z"}, mended={"expiresAt": "2028-01-01T00:00:00Z"}
    ),
    "postponed": Case(
        Change.EXPIRY_POSTPONED,
        {"expiresAt": "2028-01-01T00:00:00Z"},
        cause=edited(expires_at="2029-01-01T00:00:00Z"),
    ),
    "due": Case(Change.ROTATION_DUE, {"rotation": {"every": "24d", "overlap": "7d", "stagger": False}}),
    "overdue": Case(Change.ROTATION_OVERDUE, {"rotation": {"every": "9d", "overlap": "1d", "stagger": False}}),
    "superseded": Case(Change.SUPERSEDED_KEY_DUE, then={"rotateNow": "leak"}),
    "revived": Case(
        Change.SUPERSEDED_KEY_ENABLED, then={"rotateNow": "leak", "emergency": True}, cause=enable_superseded
    ),
    "changed": Case(Change.NOT_DEPLOYED, config={"limit": 7}),
    "written": Case(Change.VALUE_REFUSED, cause=store("by hand")),
    "foreign": Case(Change.VALUE_OF_ANOTHER_KEY, cause=store_another_key),
    "rolled-back": Case(
        Change.VALUE_SUPERSEDED,
        {"rotation": {"every": "90d", "overlap": "30d", "stagger": False}},
        {"rotateNow": "leak"},
        cause=roll_back,
    ),
    "vanished": Case(Change.SECRET_DELETED, cause=delete_secret(**AT_ONCE)),
    "deleting": Case(Change.SECRET_DELETED, cause=delete_secret(**GONE)),
    "lost": Case(Change.VALUE_MISSING, {"recoveryWindowInDays": 7}, before=delete_secret(**GONE)),
    "denied": Case(Change.VALUE_MISSING),
    "keyless": Case(Change.KEY_MISSING, before=delete_key),
    "taken": Case(Change.VALUE_MISSING),
    "tagged": Case(Change.PROPERTY_CHANGED, cause=tag),
    "kms": Case(Change.NOT_DEPLOYED, {"kmsKeyId": "alias/ours"}, config={"kmsKeyId": None}),
    "widened": Case(Change.POLICY_WIDENED, {"readers": [READER]}, cause=let_in(READER, INTRUDER)),
    "narrowed": Case(Change.POLICY_CHANGED, {"readers": [READER, INTRUDER]}, cause=let_in(READER)),
    "opened": Case(Change.POLICY_WIDENED, cause=let_in(INTRUDER)),
}


def configure(stack: Stack, *stages: str, without: tuple[str, ...] = ()) -> None:
    """Write the config with these stages of each service's settings."""
    services: dict[str, dict[str, Any]] = {}
    for name, case in CASES.items():
        layers = (getattr(case, stage) or {} for stage in stages)
        merged: dict[str, Any] = {"limit": 50, "limitReset": "monthly"}
        for layer in layers:
            merged |= layer
        services[name] = {setting: value for setting, value in merged.items() if value is not None}
    stack.configure({name: wish for name, wish in services.items() if name not in without})


def break_everything(stack: Stack) -> None:
    """Bring each service into its case: two good runs, two that fail, then what is done by hand."""
    stack.now = START
    configure(stack, "settings", without=("denied", "taken"))
    stack.up()
    configure(stack, "settings", "then", without=("denied", "taken"))
    stack.up()
    stack.aws().create_secret(Name=stack.secret_name("taken"), SecretString="somebody else's")
    configure(stack, "settings", "then")
    with AwsControl(stack.environment["AWS_ENDPOINT_URL"]) as aws:
        denied = stack.secret_name("denied")
        aws.fault("PutSecretValue", "AccessDeniedException", secret=denied, count=-1)
        failing_up(stack)
        for name, case in CASES.items():
            case.before(stack, name)
        stack.control.fault("create_key", "status_before", status=402, count=100)
        failing_up(stack, "--refresh")
        stack.control.clear_faults()
        aws.clear(denied)
    stack.now = LATER
    configure(stack, "settings", "then", "config")
    for name, case in CASES.items():
        case.cause(stack, name)


def failing_up(stack: Stack, *arguments: str) -> None:
    """Deploy what can be deployed."""
    failed = stack.up("--continue-on-error", *arguments, check=False)
    assert failed.code != 0, failed


@only_in_soak
def test_each_finding_is_gone_after_the_commands_that_its_heal_names(stack: Stack) -> None:
    """Each service has the finding of its cause; after its commands, and what a person must do, nothing is found."""
    break_everything(stack)
    before = stack.export()
    run, findings = drift(stack)
    assert run.code == 2
    assert stack.export() == before
    found = {(finding["service"], finding["message"]): finding for finding in findings}
    expected = {(name, case.change.message) for name, case in CASES.items()}
    assert expected <= set(found), sorted(expected - set(found))
    for name, case in CASES.items():
        finding = found[name, case.change.message]
        assert finding["severity"] == case.change.severity, finding
        assert commands_in(finding["heal"]), finding
        assert finding["heal"].startswith("a person must") or case.mended is None, finding
    unexpected = [finding for key, finding in found.items() if key not in expected]
    assert unexpected == [], json.dumps(unexpected, indent=1)

    configure(stack, "settings", "then", "config", "mended")
    ups = (DEPLOY, REFRESH)
    for finding in findings:
        for command in commands_in(finding["heal"]):
            if command not in ups:
                carry_out(stack, command)
    carry_out(stack, DEPLOY)
    deployed = {finding["service"] for finding in findings if REFRESH not in commands_in(finding["heal"])}
    left = [finding for finding in drift(stack)[1] if finding["service"] in deployed]
    assert left == [], json.dumps(left, indent=1)
    carry_out(stack, REFRESH)
    run, findings = drift(stack)
    assert findings == [], run
    assert run.code == 0
    assert all(stack.authenticates(name) for name in CASES if name != "enabled")


def test_the_moments_of_the_cases_are_far_enough_apart() -> None:
    """What is due when drift looks was not due when the stack was made."""
    assert parse_instant(LATER) - parse_instant(START) == timedelta(days=25)
    assert format_instant(parse_instant(START)) == START
