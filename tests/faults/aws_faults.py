"""The rows of the second table: what AWS Secrets Manager can do while a service's key is stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.aws.client import AwsControl
from sandbox.aws.faults import UNTIL_CLEARED
from tests.faults.lives import CREATE, LIFE, ROTATE, SERVICES, TWICE, Row, Step, Trouble, Witness
from tests.harness import Stack

DENIED = "AccessDeniedException"
READERS = {"readers": ["arn:aws:iam::123456789012:role/reader"]}
THEIRS = "theirs"
MANY = TWICE * len(SERVICES)


def spoiled(error: str, operation: str = "any", **options: Any) -> Trouble:
    """Return the trouble of so many calls about a stack's secrets that are answered with an error.

    Args:
        error: AWS's code.
        operation: which calls.
        options: of `AwsControl.fault`; without a count, twice as many calls as there are services.
    """

    @contextmanager
    def trouble(stack: Stack, _step: Step) -> Iterator[Witness]:
        with AwsControl(stack.environment["AWS_ENDPOINT_URL"]) as control:
            planned = control.fault(operation, error, secret=f"{stack.prefix}/", **{"count": MANY, **options})

            def met() -> bool:
                (fault,) = [each for each in control.faults() if each["id"] == planned["id"]]
                return bool(fault["fired"] == fault["count"] or (fault["count"] == UNTIL_CLEARED and fault["fired"]))

            yield Witness(met)
            control.clear(f"{stack.prefix}/")

    return trouble


def denied(operation: str) -> Trouble:
    """Return the trouble of a permission that is missing."""
    return spoiled(DENIED, operation, count=UNTIL_CLEARED)


@contextmanager
def scheduled_for_deletion(stack: Stack, _step: Step) -> Iterator[Witness]:
    """Take the secrets' names by secrets in their recovery window."""
    aws = stack.aws()
    for service in SERVICES:
        aws.create_secret(Name=stack.secret_name(service), SecretString=THEIRS)
        aws.delete_secret(SecretId=stack.secret_name(service), RecoveryWindowInDays=7)
    yield Witness(met=lambda: True)
    for service in SERVICES:
        aws.delete_secret(SecretId=stack.secret_name(service), ForceDeleteWithoutRecovery=True)


@contextmanager
def taken(stack: Stack, _step: Step) -> Iterator[Witness]:
    """Take the secrets' names by secrets of somebody else's, whose values must stay."""
    aws = stack.aws()
    names = [stack.secret_name(service) for service in SERVICES]
    for name in names:
        aws.create_secret(Name=name, SecretString=THEIRS)

    def overwritten() -> int:
        return sum(aws.get_secret_value(SecretId=name)["SecretString"] != THEIRS for name in names)

    yield Witness(met=lambda: True, lost=overwritten)
    for name in names:
        aws.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def rows() -> list[Row]:
    """Return the faults of Secrets Manager, those that pass before those that stay."""
    stored = (CREATE, ROTATE)
    return [
        Row("throttling", spoiled("ThrottlingException"), LIFE, READERS),
        Row("500", spoiled("InternalServiceError"), LIFE, READERS),
        Row("500 after PutSecretValue's work", _lost_put(), stored),
        Row("access denied on PutSecretValue", denied("PutSecretValue"), stored, refusal=DENIED),
        Row("access denied on PutResourcePolicy", denied("PutResourcePolicy"), (CREATE,), READERS, DENIED),
        Row(
            "secret scheduled for deletion",
            scheduled_for_deletion,
            (CREATE,),
            {"recoveryWindowInDays": 7},
            "delete-secret --force-delete-without-recovery",
        ),
        Row("name taken by somebody else's secret", taken, (CREATE,), refusal="already exists"),
    ]


def _lost_put() -> Trouble:
    return spoiled("InternalServiceError", "PutSecretValue", after=True)
