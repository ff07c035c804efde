"""What a secret's policy means, however AWS spells it, and what is told of a reader that was deleted."""

import json
from typing import Any

import pytest

from openrouter_provider.stores.aws.policy import (
    READER_ACTIONS,
    cure,
    deleted_readers,
    normal_policy,
    reader_policy,
)

ONE, TWO = "arn:aws:iam::123456789012:role/one", "arn:aws:iam::123456789012:role/two"
GONE, GONE_USER = "AROAJ2UCCR6DPCEXAMPLE", "AIDAJ2UCCR6DPCEXAMPLE"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:acme/dev/checkout/openrouter-AbCdEf"
ROOT = "arn:aws:iam::123456789012:root"


def policy(**changed: Any) -> str:
    """Return the policy for two readers with parts of its statement changed."""
    written = json.loads(reader_policy([ONE, TWO]))
    return json.dumps({**written, "Statement": [{**written["Statement"][0], **changed}]})


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        (policy(), policy(Action=list(reversed(READER_ACTIONS)))),
        (policy(), policy(Principal={"AWS": [TWO, ONE]})),
        (policy(), policy(Principal={"AWS": [TWO, ONE, ONE]})),
        (policy(), policy(Resource=["*"])),
        (policy(Principal={"AWS": ONE}), policy(Principal={"AWS": [ONE]})),
        (policy(Principal={"AWS": "123456789012"}), policy(Principal={"AWS": ROOT})),
        (policy(Principal={"AWS": ["123456789012", ONE]}), policy(Principal={"AWS": [ONE, ROOT]})),
        (policy(), json.dumps({"Statement": json.loads(policy())["Statement"][0], "Version": "2012-10-17"})),
        (policy(Condition={"a": {"b": "c"}}), policy(Condition={"a": {"b": ["c"]}})),
        (policy(Effect="Allow"), policy(Effect="allow")),
        (None, ""),
        ("{}", None),
    ],
)
def test_one_meaning_in_two_spellings(declared: str | None, actual: str | None) -> None:
    """Order, an entry alone or in a list, and an account's id or its root are no difference."""
    assert normal_policy(declared) == normal_policy(actual)


@pytest.mark.parametrize(
    "actual",
    [
        reader_policy([ONE]),
        policy(Effect="Deny"),
        policy(Action="secretsmanager:GetSecretValue"),
        policy(Principal="*"),
        policy(Principal={"Service": [ONE, TWO]}),
        policy(Principal={"AWS": [ONE, GONE]}),
        policy(Condition={"Bool": {"aws:SecureTransport": "true"}}),
        "no policy",
        '["odd"]',
        None,
    ],
)
def test_another_meaning_is_another_policy(actual: str | None) -> None:
    """Whatever lets somebody else do something else, or can't be read, differs."""
    assert normal_policy(policy()) != normal_policy(actual)


@pytest.mark.parametrize(
    ("actual", "ids"),
    [
        (policy(Principal={"AWS": [ONE, GONE]}), [GONE]),
        (policy(Principal={"AWS": GONE_USER}), [GONE_USER]),
        (policy(), []),
        (policy(Principal={"Service": GONE}), []),
        ("no policy", []),
        (None, []),
    ],
)
def test_a_deleted_role_or_user_is_known_by_its_id(actual: str | None, ids: list[str]) -> None:
    """AWS writes the id of a principal that was deleted in its place."""
    assert deleted_readers(actual) == ids


def test_the_cure_names_the_region() -> None:
    """Either the reader goes, or its role is there again and the policy is put once more, in the secret's region."""
    told = cure(ARN, reader_policy([ONE]))
    assert "without --refresh" in told
    put = f"aws secretsmanager put-resource-policy --block-public-policy --secret-id {ARN} --region eu-west-1"
    assert f"{put} --resource-policy '{reader_policy([ONE])}'" in told
