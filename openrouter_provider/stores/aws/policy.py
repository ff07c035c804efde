"""Who may read a secret in AWS Secrets Manager, and what such a policy means, however AWS spells it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from ..value import ENVIRONMENTS_ACCESS, Access
from .access import command

READER_ACTIONS = ("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret")
_DELETED = re.compile(r"A(?:RO|ID)A[A-Z0-9]{12,}")
"""What AWS shows of a role or a user that was deleted: its id, which no other ever gets."""
_LISTS = ("Action", "NotAction", "Resource", "NotResource")
_PRINCIPALS = ("Principal", "NotPrincipal")
_ACCOUNT = re.compile(r"(?:arn:aws[\w-]*:iam::)?(\d{12})(?::root)?")


def reader_policy(readers: Sequence[str]) -> str:
    """Return the resource policy that lets exactly these principals read the secret's value and description."""
    statement = {
        "Sid": "ReadOpenRouterKey",
        "Effect": "Allow",
        "Principal": {"AWS": sorted(readers)},
        "Action": list(READER_ACTIONS),
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, sort_keys=True)


def normal_policy(text: str | None) -> Any:
    """Return what a policy means, as a value to compare; None for an empty one, the text of what is no policy.

    One entry and a list of it are the same, as are lists in another order, and an account's id and its root's ARN:
    AWS gives back another spelling than it was sent.
    """
    try:
        policy = json.loads(text or "null") or None
    except ValueError:
        return text
    if not isinstance(policy, Mapping) or "Statement" not in policy:
        return policy
    statements = [_statement(each) for each in listed(policy["Statement"])]
    return {**policy, "Statement": sorted(statements, key=_text)}


def principal(kind: str, name: str) -> str:
    """Return a principal in one spelling; an AWS one without its kind."""
    if kind != "AWS":
        return f"{kind} {name}"
    account = _ACCOUNT.fullmatch(name)
    return f"arn:aws:iam::{account[1]}:root" if account else name


def deleted_readers(text: str | None) -> list[str]:
    """Return the ids that AWS shows in a policy in place of roles and users that were deleted."""
    policy = normal_policy(text)
    statements = policy["Statement"] if isinstance(policy, Mapping) and "Statement" in policy else ()
    principals = [each.get("Principal") for each in statements if isinstance(each, Mapping)]
    named = {str(name) for each in principals if isinstance(each, Mapping) for name in each.get("AWS") or ()}
    return sorted(name for name in named if _DELETED.fullmatch(name))


def cure(secret: str, declared: str | None, access: Access = ENVIRONMENTS_ACCESS) -> str:
    """Return what a person does about a deleted reader: AWS takes no policy that names one that isn't there.

    Args:
        secret: its ARN or name.
        declared: the policy that Pulumi wrote; None where it isn't known.
        access: how the secret's provider reaches AWS.
    """
    take_out = "take it out of the service's readers and run `pulumi up` without --refresh"
    put = command("put-resource-policy --block-public-policy", secret, access)
    given = f"'{declared}'" if declared else "file://POLICY.json"
    return f"{take_out}; where it was made again under its name, run: {put} --resource-policy {given}"


def listed(value: Any) -> list[Any]:
    """Return an entry that may stand alone as a list."""
    return [] if value is None else list(value) if isinstance(value, list) else [value]


def _statement(statement: Any) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    lists = {name: _sorted(statement[name]) for name in _LISTS if name in statement}
    named = {name: _named(statement[name]) for name in _PRINCIPALS if name in statement}
    conditions = {"Condition": _conditions(statement["Condition"])} if statement.get("Condition") else {}
    return {**statement, "Effect": str(statement.get("Effect", "Allow")).capitalize(), **lists, **named, **conditions}


def _named(given: Any) -> Any:
    if not isinstance(given, Mapping):
        return given
    return {kind: _sorted([_spelt(kind, name) for name in listed(names)]) for kind, names in given.items() if names}


def _spelt(kind: str, name: Any) -> Any:
    return principal(kind, str(name)) if kind == "AWS" else name


def _conditions(given: Any) -> Any:
    if not isinstance(given, Mapping):
        return given
    return {
        test: {key: _sorted(values) for key, values in keys.items()} if isinstance(keys, Mapping) else keys
        for test, keys in given.items()
    }


def _sorted(value: Any) -> list[Any]:
    return sorted({_text(each): each for each in listed(value)}.values(), key=_text)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


Grant = tuple[str, str, str, str]
_ANYTHING = ("anyone", "anything", "*", "")


def added_grants(declared: str | None, actual: str | None) -> list[str]:
    """Return what the actual policy allows beyond the declared one, as `principal: action` lines.

    What it allows a principal that was deleted it allows nobody.
    """
    allowed, denied = _grants(declared, "Allow"), _grants(declared, "Deny")
    gone = deleted_readers(actual)
    beyond = [grant for grant in _grants(actual, "Allow") if grant[0] not in gone and not _covered(grant, allowed)]
    lost = denied - _grants(actual, "Deny")
    lines = {f"{whose}: {action}" for whose, action, _, _ in beyond}
    return sorted(lines | {f"{whose}: {action} (no longer denied)" for whose, action, _, _ in lost})


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
    statements = listed(policy.get("Statement"))
    return frozenset(grant for each in statements for grant in _granted(each) if _effect(each) == effect)


def _effect(statement: Any) -> str:
    return str(statement.get("Effect", "Allow")) if isinstance(statement, Mapping) else "Allow"


def _granted(statement: Any) -> Iterator[Grant]:
    if not isinstance(statement, Mapping):
        yield _ANYTHING
        return
    principals = list(_principals(statement.get("Principal"))) or ["anyone else"]
    actions = [str(action).lower() for action in listed(statement.get("Action"))] or ["any other action"]
    resources = [str(resource) for resource in listed(statement.get("Resource"))] or ["any other resource"]
    condition = json.dumps(statement["Condition"], sort_keys=True) if statement.get("Condition") else ""
    yield from ((*grant, condition) for grant in product(principals, actions, resources))


def _principals(named: Any) -> Iterator[str]:
    if isinstance(named, Mapping):
        for kind, names in named.items():
            yield from (principal(kind, str(name)) for name in listed(names))
    else:
        yield from (str(name) for name in listed(named))
