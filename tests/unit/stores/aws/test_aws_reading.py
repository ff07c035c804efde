"""A secret that AWS does not give out: each refusal says what to do."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openrouter_provider.stores.aws import reading
from openrouter_provider.stores.value import SecretUnreadable
from sandbox.aws.client import AwsControl
from sandbox.aws.server import CREDENTIAL, REGION, AwsServer

CANARY = "sk-or-v1-" + "c0ffee" * 10
NAME = "acme/dev/checkout/openrouter"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServer]:
    """Secrets Manager with one secret, where the environment points to."""
    with AwsServer() as served:
        variables = {"AWS_ENDPOINT_URL": served.url, "AWS_DEFAULT_REGION": REGION}
        credentials = {"AWS_ACCESS_KEY_ID": CREDENTIAL, "AWS_SECRET_ACCESS_KEY": CREDENTIAL}
        for name, value in {**variables, **credentials}.items():
            monkeypatch.setenv(name, value)
        client = served.client()
        client.create_secret(Name=NAME, SecretString=json.dumps({"OPENROUTER_API_KEY": CANARY}))
        yield served
        client.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)


def gone(client: Any, _control: AwsControl) -> None:
    """Delete the secret."""
    client.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)


def marked(client: Any, _control: AwsControl) -> None:
    """Schedule the secret for deletion."""
    client.delete_secret(SecretId=NAME, RecoveryWindowInDays=7)


def denied(_client: Any, control: AwsControl) -> None:
    """Take the permission away."""
    control.fault("GetSecretValue", "AccessDeniedException")


@pytest.mark.parametrize(
    ("trouble", "words"),
    [(gone, "`pulumi up --refresh`"), (marked, "restore-secret"), (denied, "may not read")],
)
def test_a_refusal_says_what_to_do(server: AwsServer, trouble: Callable[[Any, AwsControl], None], words: str) -> None:
    """A secret that is gone, marked for deletion or not for this reader are three things to a person."""
    with AwsControl(server.url) as control:
        trouble(server.client(), control)
        with pytest.raises(SecretUnreadable, match=words):
            reading.read(NAME)
        control.clear()
