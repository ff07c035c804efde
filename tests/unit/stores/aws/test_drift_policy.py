"""Whether one resource policy allows more than another."""

import json
from typing import Any

import pytest

from openrouter_provider.stores.aws.policy import added_grants, deleted_readers, lost_principals, reader_policy

ONE, TWO = "arn:aws:iam::123456789012:role/one", "arn:aws:iam::123456789012:role/two"
DECLARED = reader_policy([ONE])


def policy(*statements: dict[str, Any]) -> str:
    """Return the declared policy with more statements."""
    return json.dumps({"Statement": [*json.loads(DECLARED)["Statement"], *statements]})


def allow(principal: Any, action: Any = "secretsmanager:GetSecretValue", **more: Any) -> dict[str, Any]:
    """Return a statement that allows something."""
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}


@pytest.mark.parametrize(
    "actual",
    [
        reader_policy([ONE, TWO]),
        policy(allow("*")),
        policy(allow({"AWS": ONE}, "secretsmanager:PutSecretValue")),
        policy(allow({"AWS": ONE}, "secretsmanager:*")),
        policy(allow({"AWS": "123456789012"})),
        policy(allow({"Service": "lambda.amazonaws.com"}, Condition={"Bool": {"a": "b"}})),
        policy({"Effect": "Allow", "NotPrincipal": {"AWS": TWO}, "Action": "x", "Resource": "*"}),
        policy({"Effect": "Allow", "Principal": {"AWS": ONE}, "NotAction": "x", "Resource": "*"}),
        "no policy at all",
        '["odd"]',
        policy("odd"),  # type: ignore[arg-type]  # a policy may hold anything
    ],
)
def test_anything_allowed_beyond_the_declared_is_found(actual: str) -> None:
    """More principals, more actions, the negated forms and what cannot be read all widen."""
    assert added_grants(DECLARED, actual)


@pytest.mark.parametrize(
    "actual",
    [
        DECLARED,
        "",
        None,
        "{}",
        policy(allow({"AWS": ONE})),
        policy(allow({"AWS": [ONE]}, ["SecretsManager:getSecretValue"], Condition={"Bool": {"a": "b"}})),
        policy(allow({"AWS": ONE}, Resource="arn:aws:secretsmanager:us-east-1:1:secret:x")),
        policy({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}),
    ],
)
def test_what_the_declared_policy_allows_already_is_not(actual: str | None) -> None:
    """Repetition, other spelling, conditions and denials don't widen."""
    assert added_grants(DECLARED, actual) == []


def test_lost_denial_widens() -> None:
    """A policy that denies less allows more."""
    denial = {"Effect": "Deny", "Principal": {"AWS": TWO}, "Action": "secretsmanager:DeleteSecret", "Resource": "*"}
    assert added_grants(policy(denial), DECLARED) == [f"{TWO}: secretsmanager:deletesecret (no longer denied)"]


def test_a_principal_that_was_deleted_is_nobody() -> None:
    """AWS shows the id of a deleted role in its place: nothing is added, and a reader is lost."""
    deleted = "AROA" + "Q" * 17
    actual = json.dumps({"Statement": [allow({"AWS": deleted})]})
    assert added_grants(DECLARED, actual) == []
    assert (deleted_readers(actual), lost_principals(DECLARED, actual)) == ([deleted], [ONE])
    assert added_grants(DECLARED, json.dumps({"Statement": [allow({"AWS": ["AROAshort", deleted]})]}))


def test_account_is_its_root() -> None:
    """AWS writes an account's id as its root's ARN; that is no difference."""
    root = "arn:aws:iam::123456789012:root"
    assert added_grants(reader_policy(["123456789012"]), reader_policy([root])) == []
