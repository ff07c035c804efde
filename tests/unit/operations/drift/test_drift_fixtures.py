"""Small recordings of what a refresh preview says, and a service in them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pulumi.automation.events import EngineEvent

from openrouter_provider.operations.drift.plan import (
    API_KEY,
    SECRET,
    SECRET_POLICY,
    SECRET_VERSION,
    SERVICE,
    SUPERSEDED_KEYS,
    PlannedResource,
)

NOW = datetime(2027, 1, 1, tzinfo=UTC)
ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme/dev/checkout/openrouter-AbCdEf"
TYPES = {API_KEY: f"pulumi-python:{API_KEY}", SUPERSEDED_KEYS: f"pulumi-python:{SUPERSEDED_KEYS}"}
STATES: dict[str, dict[str, Any]] = {
    API_KEY: {
        "name": "acme/dev/checkout-1234567",
        "hash": "a" * 64,
        "label": "sk-or-v1-aaa...aaa",
        "limit": 50,
        "limit_reset": "monthly",
        "include_byok_in_limit": False,
        "disabled": False,
        "generation": 1,
        "rotated_at": "2026-10-01T00:00:00Z",
    },
    SECRET: {
        "name": "acme/dev/checkout/openrouter",
        "arn": ARN,
        "kmsKeyId": "",
        "description": "a key",
        "tags": {"a": "b"},
    },
    SECRET_VERSION: {"secretId": ARN, "versionId": "v1", "versionStages": ["AWSCURRENT"]},
    SECRET_POLICY: {"policy": '{"Statement": []}'},
    SUPERSEDED_KEYS: {"keys": []},
}


def urn(kind: str, service: str = "checkout") -> str:
    """Return a resource's URN."""
    place = SERVICE if kind == SERVICE else f"{SERVICE}${TYPES.get(kind, kind)}"
    return f"urn:pulumi:dev::openrouter-keys::{place}::{service}"


def resource(
    kind: str,
    *,
    actual: Mapping[str, Any] | None = None,
    wanted: Mapping[str, Any] | None = None,
    state: Mapping[str, Any] | None = None,
    gone: bool = False,
    operation: str = "same",
    differing: tuple[str, ...] = (),
) -> PlannedResource:
    """Return a resource on which all three sides agree but for what is given."""
    known = {**STATES[kind], **(state or {})}
    return PlannedResource(
        urn(kind),
        kind,
        "checkout",
        state=known,
        actual=None if gone else {**known, **(actual or {})},
        wanted={**known, **(wanted or {})},
        operation=operation,
        differing=differing,
    )


def step(kind: str, op: str, **sides: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the metadata of one step, as Pulumi's event log has it."""
    known = {"type": TYPES.get(kind, kind), "urn": urn(kind), "provider": ""}
    diffs = sides.pop("diffs", None)
    return {**known, "op": op, "diffs": diffs, **{side: state and {**known, **state} for side, state in sides.items()}}


def refreshed(kind: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, **marks: Any) -> EngineEvent:
    """Return the event with a refresh step's result."""
    sides = {"old": {"outputs": old, **marks}, "new": None if new is None else {"outputs": new, **marks}}
    return event(resOutputsEvent={"metadata": step(kind, "refresh", **sides)})


def planned(kind: str, op: str, inputs: Mapping[str, Any] | None, diffs: Any = None) -> EngineEvent:
    """Return the event with which a step of the plan begins."""
    sides = {"old": {"outputs": {}}, "new": None if inputs is None else {"inputs": inputs}, "diffs": diffs}
    return event(resourcePreEvent={"metadata": step(kind, op, **sides)})


def event(**content: Any) -> EngineEvent:
    """Return an engine event."""
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, **content})
