"""What drift says of a deleted reader although Pulumi's provider refuses to read its policy, and of such failures."""

import pytest

from openrouter_provider.operations.drift.around_secrets import aws_secret_findings
from openrouter_provider.operations.drift.findings import Change, Subject
from openrouter_provider.operations.drift.plan import SECRET, SECRET_POLICY, PlannedResource
from openrouter_provider.operations.drift.reaching import with_policies
from openrouter_provider.operations.stack.stacks import error_in, plainly
from openrouter_provider.stores.aws.policy import reader_policy
from openrouter_provider.stores.value import SecretUnreadable

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:acme/dev/checkout/openrouter-AbCdEf"
ONE, TWO = "arn:aws:iam::123456789012:role/one", "arn:aws:iam::123456789012:role/two"
GONE = "AROAJ2UCCR6DPCEXAMPLE"
WHY = f"stack dev: reading Secrets Manager Secret ({ARN}) policy: contains invalid principals"


def resource(kind: str, **state: str) -> PlannedResource:
    """Return a resource as the state has it, which nothing has looked at."""
    return PlannedResource(f"urn::{kind}", kind, "checkout", state, state, state)


SECRET_ITSELF = resource(SECRET, arn=ARN, name="acme/dev/checkout/openrouter")
POLICY = resource(SECRET_POLICY, secretArn=ARN, policy=reader_policy([ONE, TWO]))


def test_the_reader_is_found_where_the_refresh_broke_off() -> None:
    """AWS is asked for the policy; the finding names the declared reader and has the command with the region."""
    known = with_policies([SECRET_ITSELF, POLICY], WHY, lambda _: reader_policy([ONE, GONE]))
    parts = {each.kind: each for each in known}
    (finding,) = aws_secret_findings(Subject("dev", "checkout"), parts)
    assert (finding.message, finding.wanted, finding.actual) == (Change.READER_GONE.message, TWO, GONE)
    assert f"--secret-id {ARN} --region eu-west-1 --resource-policy" in finding.heal


def test_nobody_is_asked_for_another_failure() -> None:
    """Another reason, and a policy that can't be read, leave what the state has."""

    def refused(_: PlannedResource) -> str:
        raise SecretUnreadable("no")

    def never(_: PlannedResource) -> str:
        raise AssertionError("AWS is not asked")

    assert with_policies([SECRET_ITSELF, POLICY], "no such stack", never) == [SECRET_ITSELF, POLICY]
    assert with_policies([SECRET_ITSELF, POLICY], WHY, refused) == [SECRET_ITSELF, POLICY]


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
