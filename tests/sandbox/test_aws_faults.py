"""Faults of the AWS server as boto3 meets them, and the record of its calls."""

import itertools
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from sandbox.aws.client import AwsControl
from sandbox.aws.server import AwsServer
from sandbox.openrouter.client import NO_TLS, ControlError

CANARY = "sk-or-v1-canary-of-the-aws-faults"
_numbers = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[AwsServer]:
    """Serve AWS in a thread."""
    with AwsServer() as served:
        yield served


@pytest.fixture
def control(server: AwsServer) -> Iterator[AwsControl]:
    """Steer the server, and leave it without faults and calls."""
    with AwsControl(server.url) as steered:
        yield steered
        steered.clear()
        steered.clear_calls()


@pytest.fixture(scope="module")
def aws(server: AwsServer) -> Any:
    """Call AWS once for each call, without boto3's own repetition."""
    return server.client(attempts=1)


@pytest.fixture
def name(aws: Any) -> str:
    """Create a secret that no other test has."""
    chosen = f"acme/faults/number-{next(_numbers)}-"
    aws.create_secret(Name=chosen)
    return chosen


def put(aws: Any, secret: str) -> dict[str, Any]:
    """Put the canary into a secret; return the answer, or the error that boto3 raised."""
    try:
        answer: dict[str, Any] = aws.put_secret_value(SecretId=secret, SecretString=CANARY)
    except ClientError as error:
        return dict(error.response)
    return answer


def code(answer: dict[str, Any]) -> str | None:
    """Return the error code of an answer; None when it is no error."""
    found: str | None = answer.get("Error", {}).get("Code")
    return found


def values(aws: Any, secret: str) -> int:
    """Count the versions of a secret."""
    return len(aws.list_secret_version_ids(SecretId=secret)["Versions"])


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("AccessDeniedException", 400),
        ("ThrottlingException", 400),
        ("LimitExceededException", 400),
        ("InternalServiceError", 500),
    ],
)
def test_error_reaches_boto3(control: AwsControl, aws: Any, name: str, error: str, status: int) -> None:
    """A planned error is raised as a ClientError of that code, with a message and its usual status."""
    control.fault("PutSecretValue", error, secret=name)
    answer = put(aws, name)
    assert code(answer) == error
    assert error in answer["Error"]["Message"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-errortype"] == error


def test_status_can_be_chosen(control: AwsControl, aws: Any, name: str) -> None:
    """A fault's own status replaces the usual one."""
    control.fault("PutSecretValue", "ServiceUnavailable", secret=name, status=503)
    assert put(aws, name)["ResponseMetadata"]["HTTPStatusCode"] == 503


def test_count_is_how_often_it_fires(control: AwsControl, aws: Any, name: str) -> None:
    """A fault of count 2 spoils two calls, and the third passes."""
    control.fault("PutSecretValue", "AccessDeniedException", secret=name, count=2)
    assert [code(put(aws, name)) for _ in range(3)] == ["AccessDeniedException", "AccessDeniedException", None]
    assert [fault["fired"] for fault in control.faults()] == [2]


def test_minus_one_fires_until_cleared(control: AwsControl, aws: Any, name: str) -> None:
    """A fault of count -1 spoils every call until it is cleared."""
    control.fault("PutSecretValue", "AccessDeniedException", secret=name, count=-1)
    assert {code(put(aws, name)) for _ in range(4)} == {"AccessDeniedException"}
    control.clear(name)
    assert code(put(aws, name)) is None


def test_count_holds_under_parallel_calls(control: AwsControl, aws: Any, name: str) -> None:
    """Of simultaneous calls exactly as many are spoiled as were planned."""
    control.fault("PutSecretValue", "AccessDeniedException", secret=name, count=5)
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: code(put(aws, name)), range(16)))
    assert codes.count("AccessDeniedException") == 5


def test_other_operations_pass(control: AwsControl, aws: Any, name: str) -> None:
    """A fault of one operation leaves the others alone."""
    control.fault("DeleteSecret", "AccessDeniedException", secret=name)
    assert code(put(aws, name)) is None


def test_any_meets_every_operation(control: AwsControl, aws: Any, name: str) -> None:
    """A fault of any operation meets reads as well as writes."""
    control.fault("any", "AccessDeniedException", secret=name, count=2)
    assert code(put(aws, name)) == "AccessDeniedException"
    with pytest.raises(ClientError, match="AccessDeniedException"):
        aws.describe_secret(SecretId=name)


def test_other_services_pass(control: AwsControl, server: AwsServer) -> None:
    """A fault of any operation leaves STS and S3 alone, and the record doesn't show them."""
    control.fault("any", "AccessDeniedException", count=-1)
    assert server.client("sts").get_caller_identity()["Account"]
    assert server.client("s3").list_buckets()["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert control.calls() == []


def test_fault_is_scoped_to_a_secret(control: AwsControl, aws: Any, name: str) -> None:
    """A fault meets the secrets whose name holds its text, at creation too, and no others."""
    control.fault("any", "AccessDeniedException", secret="elsewhere/", count=-1)
    assert code(put(aws, name)) is None
    with pytest.raises(ClientError, match="AccessDeniedException"):
        aws.create_secret(Name="elsewhere/new")


def test_fault_meets_the_arn_too(control: AwsControl, aws: Any, name: str) -> None:
    """A fault planned by name also meets calls that give the ARN."""
    control.fault("PutSecretValue", "AccessDeniedException", secret=name)
    assert code(put(aws, aws.describe_secret(SecretId=name)["ARN"])) == "AccessDeniedException"


def test_clearing_by_secret_leaves_the_others(control: AwsControl) -> None:
    """Clearing the faults of one secret keeps those of another."""
    control.fault("any", "AccessDeniedException", secret="mine/a")
    control.fault("any", "AccessDeniedException", secret="yours/a")
    control.clear("mine/")
    assert [fault["secret"] for fault in control.faults()] == ["yours/a"]
    control.clear()
    assert control.faults() == []


@pytest.mark.parametrize(("after", "made"), [(False, 0), (True, 1)])
def test_error_comes_before_or_after_the_work(control: AwsControl, aws: Any, name: str, after: bool, made: int) -> None:
    """The work of a spoiled call is done only when the fault comes after it."""
    before = values(aws, name)
    control.fault("PutSecretValue", "InternalServiceError", secret=name, after=after)
    assert code(put(aws, name)) == "InternalServiceError"
    assert values(aws, name) - before == made


def test_boto3_tries_again_by_itself(control: AwsControl, server: AwsServer, name: str) -> None:
    """A throttled call succeeds at boto3's own second attempt."""
    control.clear_calls()
    control.fault("PutSecretValue", "ThrottlingException", secret=name)
    assert code(put(server.client(), name)) is None
    assert [call["status"] for call in control.calls(name)] == [400, 200]


def test_answer_can_be_late(control: AwsControl, aws: Any, name: str) -> None:
    """A fault's error comes after its delay."""
    control.fault("PutSecretValue", "InternalServiceError", secret=name, seconds=0.2)
    asked = time.monotonic()
    assert code(put(aws, name)) == "InternalServiceError"
    assert time.monotonic() - asked >= 0.2


def test_calls_are_recorded_in_order(control: AwsControl, aws: Any, name: str) -> None:
    """The record shows each call's operation, secret, status and time, in order."""
    control.clear_calls()
    control.fault("DescribeSecret", "AccessDeniedException", secret=name)
    put(aws, name)
    with pytest.raises(ClientError):
        aws.describe_secret(SecretId=name)
    aws.get_secret_value(SecretId=name)
    calls = control.calls()
    assert [(call["operation"], call["secret"], call["status"]) for call in calls] == [
        ("PutSecretValue", name, 200),
        ("DescribeSecret", name, 400),
        ("GetSecretValue", name, 200),
    ]
    assert sorted(call["at"] for call in calls) == [call["at"] for call in calls]


def test_record_never_holds_a_value(control: AwsControl, aws: Any, name: str) -> None:
    """A value put, created or spoiled is nowhere in the record or in the faults."""
    control.fault("PutSecretValue", "InternalServiceError", secret=name, after=True)
    put(aws, name)
    put(aws, name)
    aws.create_secret(Name=f"{name}created", SecretString=CANARY)
    assert len(control.calls(name)) >= 3
    assert CANARY not in json.dumps([control.calls(), control.faults()])


def test_calls_can_be_asked_and_cleared_by_secret(control: AwsControl, aws: Any, name: str) -> None:
    """The record of one secret is shown and forgotten apart from another's."""
    other = f"other-than-{name}"
    control.clear_calls()
    aws.create_secret(Name=other)
    put(aws, name)
    assert [call["operation"] for call in control.calls("other-than-")] == ["CreateSecret"]
    control.clear_calls("other-than-")
    assert [call["operation"] for call in control.calls()] == ["PutSecretValue"]


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"operation": "PutSecret"}, "operation"),
        ({"count": 0}, "count"),
        ({"count": -2}, "count"),
        ({"status": 200}, "status"),
        ({"seconds": -1}, "seconds"),
        ({"error": ""}, "error"),
    ],
)
def test_impossible_fault_is_refused(control: AwsControl, wish: dict[str, Any], field: str) -> None:
    """A fault that could never fire as written is refused by the name of its field."""
    with pytest.raises(ControlError, match=f"400 {field}: "):
        control.fault(**({"operation": "any", "error": "AccessDeniedException"} | wish))
    assert control.faults() == []


@pytest.mark.parametrize(("method", "path"), [("GET", "/_sandbox/nothing"), ("PUT", "/_sandbox/faults")])
def test_unknown_control_endpoint_is_not_found(server: AwsServer, method: str, path: str) -> None:
    """What the control endpoint doesn't offer is a 404 and never reaches AWS."""
    answer = httpx.request(method, f"{server.url}{path}", trust_env=False, verify=NO_TLS)
    assert (answer.status_code, answer.json()) == (404, {"error": {"message": "No such control endpoint"}})
