"""A secret that AWS does not give out: each refusal says what to do."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openrouter_provider.stores.aws import reading
from openrouter_provider.stores.value import ATTEMPTS, SecretUnreadable, quickly
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


@pytest.mark.parametrize(
    ("code", "away"),
    [("ExpiredTokenException", True), ("UnrecognizedClientException", True), ("AccessDeniedException", False)],
)
def test_credentials_that_are_no_good_are_so_for_every_secret(server: AwsServer, code: str, away: bool) -> None:
    """Expired credentials are told apart from a secret that is not for this reader."""
    with AwsControl(server.url) as control:
        control.fault("GetSecretValue", code)
        with pytest.raises(SecretUnreadable) as caught:
            reading.read(NAME, quickly())
        control.clear()
    assert caught.value.away is away


def test_an_endpoint_that_nobody_serves_is_away(server: AwsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is refused concerns every secret."""
    assert server.url
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(SecretUnreadable, match="could not be asked") as caught:
        reading.read(NAME, {**quickly(), ATTEMPTS: "1"})
    assert caught.value.away


def test_a_person_who_waits_is_told_after_two_tries(server: AwsServer) -> None:
    """A gateway that is out of order is asked as often as the access says, and is away."""
    with AwsControl(server.url) as control:
        control.fault("GetSecretValue", "ServiceUnavailable", status=503, count=-1)
        control.clear_calls()
        with pytest.raises(SecretUnreadable) as caught:
            reading.read(NAME, quickly())
        calls = control.calls()
        control.clear()
    assert caught.value.away
    assert len(calls) == int(quickly()[ATTEMPTS])
