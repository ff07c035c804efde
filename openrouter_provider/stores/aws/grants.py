"""What a secret's resource policy allows, and whether one policy allows more than another."""

import json
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from .policy import deleted_readers, normal_policy, principal

__all__ = ["added_grants", "normal_policy"]

Grant = tuple[str, str, str, str]
_ANYTHING = ("anyone", "anything", "*", "")


def added_grants(declared: str | None, actual: str | None) -> list[str]:
    """Return what the actual policy allows beyond the declared one, as `principal: action` lines.

    What it allows a principal that was deleted it allows nobody.
    """
    allowed, denied = _grants(declared, "Allow"), _grants(declared, "Deny")
    gone = deleted_principals(actual)
    beyond = [grant for grant in _grants(actual, "Allow") if grant[0] not in gone and not _covered(grant, allowed)]
    lost = denied - _grants(actual, "Deny")
    lines = {f"{whose}: {action}" for whose, action, _, _ in beyond}
    return sorted(lines | {f"{whose}: {action} (no longer denied)" for whose, action, _, _ in lost})


def deleted_principals(actual: str | None) -> list[str]:
    """Return the ids that stand for principals which were deleted."""
    return deleted_readers(actual)


def lost_principals(declared: str | None, actual: str | None) -> list[str]:
    """Return the declared principals that the actual policy does not name."""
    there = {grant[0] for grant in _grants(actual, "Allow")}
    return sorted({grant[0] for grant in _grants(declared, "Allow")} - there)


def _covered(grant: Grant, allowed: frozenset[Grant]) -> bool:
    whose, action, resource, condition = grant
    return any((whose, action, place, clause) in allowed for place in (resource, "*") for clause in (condition, ""))


def _grants(text: str | None, effect: str) -> frozenset[Grant]:
    policy = normal_policy(text)
    if policy is None:
        return frozenset()
    if not isinstance(policy, Mapping):
        return frozenset([_ANYTHING])
    statements = _listed(policy.get("Statement"))
    return frozenset(grant for each in statements for grant in _statement(each) if _effect(each) == effect)


def _effect(statement: Any) -> str:
    return str(statement.get("Effect", "Allow")) if isinstance(statement, Mapping) else "Allow"


def _statement(statement: Any) -> Iterator[Grant]:
    if not isinstance(statement, Mapping):
        yield _ANYTHING
        return
    principals = list(_principals(statement.get("Principal"))) or ["anyone else"]
    actions = [str(action).lower() for action in _listed(statement.get("Action"))] or ["any other action"]
    resources = [str(resource) for resource in _listed(statement.get("Resource"))] or ["any other resource"]
    condition = json.dumps(statement["Condition"], sort_keys=True) if statement.get("Condition") else ""
    yield from ((*grant, condition) for grant in product(principals, actions, resources))


def _principals(named: Any) -> Iterator[str]:
    if isinstance(named, Mapping):
        for kind, names in named.items():
            yield from (principal(kind, str(name)) for name in _listed(names))
    else:
        yield from (str(name) for name in _listed(named))


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list) else [value]
