"""The warning where a KMS key was taken out of the settings."""

from typing import Any

import pytest

from openrouter_provider.stores.aws.keeping import is_kept, warning

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:acme/dev/checkout/openrouter-AbCdEf"


@pytest.mark.parametrize(
    ("actual", "wanted", "kept"),
    [
        ("alias/ours", None, True),
        ("arn:aws:kms:eu-west-1:123456789012:key/1", "", True),
        ("alias/ours", "alias/theirs", False),
        ("alias/aws/secretsmanager", None, False),
        ("arn:aws:kms:eu-west-1:123456789012:alias/aws/secretsmanager", None, False),
        ("", None, False),
        (None, None, False),
    ],
)
def test_only_a_key_of_the_customers_own_stays(actual: str | None, wanted: Any, kept: bool) -> None:
    """AWS's own key, in either of its spellings, and another key are no reason to warn."""
    assert is_kept(actual, wanted) is kept


def test_the_warning_has_the_command() -> None:
    """It names the service, the key and the command with the secret's region."""
    told = warning("checkout", ARN, "alias/ours")
    command = f"update-secret --kms-key-id alias/aws/secretsmanager --secret-id {ARN} --region eu-west-1"
    assert command in told
    assert told.startswith("checkout: kmsKeyId was taken out of its settings, but AWS goes on encrypting")
    assert "alias/ours" in told
