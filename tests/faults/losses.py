"""What is missing after a run: keys that nobody knows of, services without a working key, values in the clear."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openrouter_provider.keys.overlap import DELETED
from tests.faults.leak_search import holds
from tests.harness import Stack

KINDS = KEYS, RETIRING = "openrouter:ApiKey", "openrouter:SupersededKeys"


@dataclass(frozen=True)
class Losses:
    """What was found after one run."""

    orphans: int
    """Keys that are alive and in no state."""
    lost: int
    """Keys of the state that are gone, and services whose secret holds no key that works."""


def count(stack: Stack, services: Sequence[str], *, finished: bool) -> Losses:
    """Return what is missing; before a failed run is repaired a secret may still be without a value.

    Args:
        stack: the stack.
        services: their names.
        finished: whether every service must have a key that works.
    """
    resources = _state(stack).get("resources", [])
    states = {kind: [each.get("outputs", {}) for each in resources if each["type"].endswith(kind)] for kind in KINDS}
    current = {str(key["hash"]) for key in states[KEYS] if "hash" in key}
    alive = {key["hash"] for key in stack.control.keys() if key["name"].startswith(f"{stack.prefix}/")}
    aws = stack.aws()
    working = [_works(stack, service, aws) for service in services]
    broken = sum(works is False or (finished and works is None) for works in working)
    return Losses(orphans=len(alive - current - _superseded(states)), lost=len(current - alive) + broken)


def _superseded(states: Mapping[str, Sequence[Mapping[str, Any]]]) -> set[str]:
    """Return the keys that the state has yet to retire."""
    listed = [entry for key in states[KEYS] for entry in key.get("superseded") or []]
    planned = [entry for retiring in states[RETIRING] for entry in retiring.get("keys") or []]
    return {entry["hash"] for entry in (*listed, *planned) if entry.get("state") != DELETED}


def _works(stack: Stack, service: str, aws: Any) -> bool | None:
    """Return whether the service's key authenticates; None where it has no secret or no value."""
    try:
        text = aws.get_secret_value(SecretId=stack.secret_name(service))["SecretString"]
    except aws.exceptions.ResourceNotFoundException:
        return None
    return stack.accepted(text)


def stored_in_the_clear(stack: Stack) -> int:
    """Return how many files of the state, its history and its backups hold a credential in any form."""
    secrets = stack.control.all_secrets()
    files = [file for file in stack.backend.rglob("*") if stack.name in str(file) and file.is_file()]
    return sum(holds(file.read_bytes(), secrets) for file in files)


def _state(stack: Stack) -> dict[str, Any]:
    """Return the state as it is stored, which costs no run of the CLI."""
    (file,) = stack.backend.glob(f"**/stacks/**/{stack.name}.json")
    state: dict[str, Any] | None = json.loads(file.read_text())["checkpoint"]["latest"]
    return state or {}
