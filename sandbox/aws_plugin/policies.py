"""What the real provider makes of a policy: two spellings of one meaning, and principals that AWS no longer knows."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.plugins.schema import normal_json

INVALID_PRINCIPALS = "contains invalid principals"
_LISTS = ("Action", "NotAction", "Resource", "NotResource")
_PRINCIPALS = ("Principal", "NotPrincipal")
_ROOT = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):root")
_VALID = re.compile(r"\*|\d{12}|arn:aws[\w-]*:(iam|sts):.*")


def normal_policy(text: object) -> object:
    """Return a policy document's meaning; order, an entry alone or in a list, and an account or its root are one."""
    policy = normal_json(text)
    if not isinstance(policy, Mapping) or "Statement" not in policy:
        return policy
    return {**policy, "Statement": _set([_statement(each) for each in _listed(policy["Statement"])])}


def has_valid_principals(text: object) -> bool:
    """Say whether every principal of AWS in a policy is one that exists: AWS shows a deleted one's id in its place."""
    return all(_VALID.fullmatch(name) for name in _aws_principals(normal_json(text)))


def _aws_principals(policy: object) -> Iterator[str]:
    statements = _listed(policy.get("Statement")) if isinstance(policy, Mapping) else []
    for statement in statements:
        named = statement.get("Principal") if isinstance(statement, Mapping) else None
        yield from (str(name) for name in _listed(named.get("AWS") if isinstance(named, Mapping) else None))


def _statement(given: Any) -> Any:
    if not isinstance(given, Mapping):
        return given
    lists = {name: _set(given[name]) for name in _LISTS if name in given}
    named = {name: _named(given[name]) for name in _PRINCIPALS if name in given}
    return {**given, "Effect": str(given.get("Effect", "")).lower(), **lists, **named}


def _named(given: Any) -> Any:
    if not isinstance(given, Mapping):
        return given
    return {kind: _set([_account(name) for name in _listed(names)]) for kind, names in given.items()}


def _account(name: Any) -> Any:
    root = _ROOT.fullmatch(name) if isinstance(name, str) else None
    return root[1] if root else name


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _set(value: Any) -> list[Any]:
    return sorted(_listed(value), key=repr)
