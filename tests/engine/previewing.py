"""A preview of a stack, resource by resource and property by property, to be held against the `up` that follows."""

import json
from collections.abc import Mapping
from typing import Any

from tests.harness import Stack

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
OWN = "pulumi-python:dynamic/openrouter:"
Outputs = dict[str, dict[str, Any]]
"""By resource, as `ApiKey checkout`: its outputs."""


def previewed(stack: Stack) -> tuple[dict[str, str], Outputs]:
    """Return what a preview would do to each resource, and the outputs that it says those of ours will have."""
    log = stack.folder / "preview.json"
    log.unlink(missing_ok=True)
    stack.pulumi("preview", "--event-log", str(log), PULUMI_DEBUG_COMMANDS="1")
    steps: dict[str, str] = {}
    outputs: Outputs = {}
    for line in log.read_text().splitlines():
        event = json.loads(line).get("resOutputsEvent")
        metadata = event["metadata"] if event else {}
        name = named(metadata["urn"]) if metadata else ""
        if metadata:
            steps[name] = metadata["op"]
        if metadata.get("type", "").startswith(OWN):
            outputs[name] = (metadata.get("new") or {}).get("outputs") or {}
    return steps, outputs


def named(urn: str) -> str:
    """Return the short name of a resource."""
    return f"{urn.split('::')[2].rpartition(':')[2]} {urn.rpartition('::')[2]}"


def outputs_of(stack: Stack) -> Outputs:
    """Return the outputs of our resources in the state."""
    resources = stack.export()["deployment"].get("resources", [])
    return {named(each["urn"]): each.get("outputs") or {} for each in resources if each["type"].startswith(OWN)}


def lies(said: Mapping[str, Any], became: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the properties that a preview knew, and that turned out otherwise; secret ones are compared as present."""
    wrong = {}
    for name in {*said, *became} - {"__provider"}:
        one, other = said.get(name), became.get(name)
        if not agrees(one, other):
            wrong[name] = (one, other)
    return wrong


def agrees(said: Any, became: Any) -> bool:
    """Return whether a previewed value, as far as it was known, is what came of it."""
    if said == UNKNOWN or (is_secret(said) and is_secret(became)):
        return True
    if isinstance(said, dict) and isinstance(became, dict):
        return said.keys() == became.keys() and all(agrees(said[name], became[name]) for name in said)
    if isinstance(said, list) and isinstance(became, list):
        return len(said) == len(became) and all(map(agrees, said, became))
    return bool(said == became)


def is_secret(value: Any) -> bool:
    """Return whether a state or an event holds the value as a secret."""
    return value == "[secret]" or (isinstance(value, dict) and "4dabf18193072939515e22adb298388d" in value)


def unknowns(outputs: Mapping[str, Any]) -> set[str]:
    """Return the properties that a preview does not know."""
    return {name for name, value in outputs.items() if value == UNKNOWN}
