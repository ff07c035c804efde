"""Which reader's role was deleted, where a refresh fails for it."""

from typing import Any

import pytest

from openrouter_provider.operations.gone_readers import with_readers
from openrouter_provider.operations.stacks import error_in, plainly
from openrouter_provider.stores.known.aws.policy import reader_policy
from openrouter_provider.stores.value import Access, SecretUnreadable

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:acme/dev/checkout/openrouter-AbCdEf"
ONE, TWO = "arn:aws:iam::123456789012:role/one", "arn:aws:iam::123456789012:role/two"
GONE = "AROAJ2UCCR6DPCEXAMPLE"
WHY = f"stack dev: reading Secrets Manager Secret ({ARN}) policy: contains invalid principals"
PROVIDER = {"urn": "urn:p", "id": "1", "type": "pulumi:providers:aws", "inputs": {"profile": "ops"}}
POLICY = {
    "urn": "urn:pulumi:dev::acme::aws:secretsmanager/secretPolicy:SecretPolicy::checkout",
    "type": "aws:secretsmanager/secretPolicy:SecretPolicy",
    "provider": "urn:p::1",
    "outputs": {"secretArn": ARN, "policy": reader_policy([ONE, TWO]), "region": "eu-west-1"},
}


def state() -> dict[str, Any]:
    """Return an exported state with one policy."""
    return {"deployment": {"resources": [PROVIDER, POLICY, {"type": "other"}]}}


def test_the_reader_and_the_cure_are_told() -> None:
    """The service, the declared reader that AWS no longer shows, and the command with region and profile."""

    def read(arn: str, access: Access) -> str:
        assert (arn, access) == (ARN, {"profile": "ops", "region": "eu-west-1"})
        return reader_policy([ONE, GONE])

    told = with_readers(WHY, state, read)
    assert told.startswith(f"{WHY}; checkout: the reader {TWO} (AWS shows {GONE}) was deleted: ")
    assert f"--secret-id {ARN} --region eu-west-1 --profile ops --resource-policy" in told


def test_nothing_is_added_where_nothing_is_known() -> None:
    """Another failure asks nobody; a policy that is whole, or can't be read, adds nothing."""

    def refused(_arn: str, _access: Access) -> str:
        raise SecretUnreadable("no")

    def none() -> dict[str, Any]:
        raise AssertionError("the state is not asked for")

    assert with_readers("no such stack", none) == "no such stack"
    assert with_readers(WHY, state, refused) == WHY
    assert with_readers(WHY, state, lambda _arn, _access: reader_policy([ONE, TWO])) == WHY


@pytest.mark.parametrize(
    ("lines", "cause"),
    [
        (["error: a", "error: b"], "b"),
        (["  error: 1 error occurred:", "    \t* reading X: no", "", "    "], "reading X: no"),
        (["error: 2 errors occurred:", "* a", "* b"], "a; b"),
        (["error: 1 error occurred:"], "1 error occurred:"),
        (["nothing"], ""),
    ],
)
def test_an_error_on_two_lines_is_one_cause(lines: list[str], cause: str) -> None:
    """A provider of Pulumi's counts its errors, and says each on the next lines."""
    assert error_in(lines) == cause


@pytest.mark.parametrize(
    ("message", "plain"),
    [
        ("sdk-v2/provider2.go:572: sdk.helper_schema: reading X: no: provider=aws@7.51.1", "reading X: no"),
        ("sdk-v2/provider2.go:572: sdk.helper_schema: reading X: no", "reading X: no"),
        ("something else: provider=aws@7", "something else: provider=aws@7"),
    ],
)
def test_a_diagnostic_without_its_wrapping(message: str, plain: str) -> None:
    """What stands between Pulumi and a provider adds its own file and version."""
    assert plainly(message) == plain
