"""What a secret's resource policy allows, and whether one policy allows more than another."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from ...stores.known.aws.policy import normal_policy

__all__ = ["added_grants", "normal_policy"]

Grant = tuple[str, str, str, str]
_ANYTHING = ("anyone", "anything", "*", "")
_DELETED = re.compile(r"A(?:ROA|IDA)[A-Z0-9]{12,}(?::.*)?")
"""What AWS shows of a role or a user that was deleted: its id, which is never given to another."""


def added_grants(declared: str | None, actual: str | None) -> list[str]:
    """Return what the actual policy allows beyond the declared one, as `principal: action` lines.

    What it allows a principal that was deleted it allows nobody.
    """
    allowed, denied = _grants(declared, "Allow"), _grants(declared, "Deny")
    live = [grant for grant in _grants(actual, "Allow") if not _DELETED.fullmatch(grant[0])]
    beyond = [grant for grant in live if not _covered(grant, allowed)]
    lost = denied - _grants(actual, "Deny")
    lines = {f"{principal}: {action}" for principal, action, _, _ in beyond}
    return sorted(lines | {f"{principal}: {action} (no longer denied)" for principal, action, _, _ in lost})


def deleted_principals(actual: str | None) -> list[str]:
    """Return the ids that stand for principals which were deleted."""
    return sorted({grant[0] for grant in _grants(actual, "Allow") if _DELETED.fullmatch(grant[0])})


def lost_principals(declared: str | None, actual: str | None) -> list[str]:
    """Return the declared principals that the actual policy does not name."""
    there = {grant[0] for grant in _grants(actual, "Allow")}
    return sorted({grant[0] for grant in _grants(declared, "Allow")} - there)


def _covered(grant: Grant, allowed: frozenset[Grant]) -> bool:
    principal, action, resource, condition = grant
    return any((principal, action, place, clause) in allowed for place in (resource, "*") for clause in (condition, ""))


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


def _principals(principal: Any) -> Iterator[str]:
    if isinstance(principal, Mapping):
        for kind, names in principal.items():
            yield from (_account(str(name)) if kind == "AWS" else f"{kind} {name}" for name in _listed(names))
    else:
        yield from (str(name) for name in _listed(principal))


def _account(name: str) -> str:
    """Return a principal in one spelling: AWS writes an account's id as its root's ARN."""
    return f"arn:aws:iam::{name}:root" if name.isdigit() else name


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list) else [value]
