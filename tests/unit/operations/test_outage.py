"""OpenRouter or a store away: one line for all services, and hardly a call."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pulumi.automation import LocalWorkspace
from pydantic import SecretStr

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import ConfigurationError, OpenRouterError
from openrouter_provider.api.http.retry import QUICK
from openrouter_provider.operations.outage import PartyAway, refuse_stores_away
from openrouter_provider.operations.stack.accounts import Accounts
from openrouter_provider.operations.stack.any_stack import AnyStack
from openrouter_provider.operations.stack.deployment import Deployment
from openrouter_provider.operations.stack.holders import Place
from openrouter_provider.operations.stack.stacks import DeployedStack
from openrouter_provider.operations.verify import verify_stack
from openrouter_provider.settings import Settings
from openrouter_provider.stores.aws.access import WITHHELD
from openrouter_provider.stores.reading import AWS
from openrouter_provider.stores.value import ATTEMPTS, SecretUnreadable
from tests.unit.report_fixtures import deployed, stack_of

SERVICES = 40
KEY = SecretStr("sk-or-v1-" + "a" * 40)
Answer = Callable[[httpx.Request], httpx.Response]


def refused(request: httpx.Request) -> httpx.Response:
    """Answer as a port does on which nobody listens."""
    raise httpx.ConnectError("[Errno 111] Connection refused", request=request)


def unknown(request: httpx.Request) -> httpx.Response:
    """Answer as a resolver does that doesn't know the name."""
    raise httpx.ConnectError("[Errno -2] Name or service not known", request=request)


def out_of_order(_request: httpx.Request) -> httpx.Response:
    """Answer as a gateway does whose server is gone."""
    return httpx.Response(503, json={"error": {"code": 503, "message": "Service unavailable"}})


class Line:
    """The way to an API that is away; counts what is sent and how long was waited, and waits for nothing."""

    def __init__(self, answer: Answer) -> None:
        self.sent, self.waited = 0, 0.0
        self._answer = answer

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.sent += 1
        return self._answer(request)

    def _sleep(self, seconds: float) -> None:
        self.waited += seconds

    def client(self, key: SecretStr = KEY, base_url: str = "http://127.0.0.1:1/api/v1") -> ManagementClient:
        """Return a client as the reading commands have it."""
        transport = httpx.MockTransport(self._handle)
        return ManagementClient(
            key.get_secret_value(),
            base_url=base_url,
            policy=QUICK,
            transport=transport,
            sleep=self._sleep,
            monotonic=lambda: self.waited,
        )


def services(store: str = "arn") -> list[Any]:
    """Return many services of one store."""
    return [deployed(f"{store}-{number}", secret_reference=f"{store}:{number}") for number in range(SERVICES)]


def own_stack(*deployed_services: Any) -> DeployedStack:
    """Return a stack of a program that declares its services itself."""
    return replace(stack_of(*deployed_services), has_no_config=True)


@pytest.mark.parametrize("answer", [refused, unknown, out_of_order])
def test_an_api_that_is_away_is_asked_for_one_service(answer: Answer) -> None:
    """Forty services are one line, with as many attempts as one service has, within seconds."""
    line = Line(answer)
    found = verify_stack(own_stack(*services()), read=lambda _reference: KEY, open_client=line.client)
    (error,) = found.errors
    assert error.endswith(f"; {SERVICES} services not looked at; see `openrouter-keys doctor --stack dev`")
    assert (found.services, "\n" in error) == ((), False)
    assert line.sent == QUICK.max_attempts
    assert line.waited < 10


def test_a_store_that_is_away_is_asked_for_one_service() -> None:
    """Expired credentials are one line for all services of that store; those of another are verified."""
    asked: list[str] = []

    def read(reference: str) -> SecretStr:
        asked.append(reference)
        if reference.startswith("arn"):
            raise SecretUnreadable("AWS refused GetSecretValue: ExpiredTokenException", away=True)
        raise SecretUnreadable("Vault has nothing at its path", gone=True)

    found = verify_stack(own_stack(*services(), *services("vault")), read=read)
    (error,) = found.errors
    assert error.startswith(f"AWS refused GetSecretValue: ExpiredTokenException; {SERVICES} services not looked at")
    assert len([each for each in asked if each.startswith("arn")]) == 1
    assert len(found.services) == SERVICES
    assert {each.findings for each in found.services} == {("secret: Vault has nothing at its path",)}


def test_a_store_that_answered_once_is_there() -> None:
    """What fails after an answer is told of the service that it concerns."""

    def read(reference: str) -> SecretStr:
        if reference == "arn:0":
            raise SecretUnreadable("AWS refused GetSecretValue: AccessDeniedException")
        raise SecretUnreadable("AWS could not be asked: ReadTimeoutError", away=True)

    found = verify_stack(own_stack(*services()), read=read)
    assert (len(found.services), found.errors) == (SERVICES, ())


def test_one_service_s_bad_gateway_is_no_outage() -> None:
    """An API that answers some keys and fails for one is a finding of that service."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"].endswith("bad"):
            return httpx.Response(500, json={"error": {"code": 500, "message": "x"}})
        return httpx.Response(401, json={"error": {"code": 401, "message": "User not found."}})

    line = Line(answer)
    found = verify_stack(
        own_stack(deployed("a"), deployed("b")),
        read=lambda reference: SecretStr(KEY.get_secret_value() + ("bad" if reference == "arn:b" else "")),
        open_client=line.client,
    )
    assert [len(each.findings) for each in found.services] == [1, 1]
    assert found.errors == ()


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.list_keys(),
        lambda client: client.get_key("h"),
        lambda client: client.current_key(),
        lambda client: client.list_workspaces(),
    ],
)
@pytest.mark.parametrize("answer", [refused, unknown, out_of_order])
def test_a_reading_command_gives_up_within_seconds(answer: Answer, ask: Callable[[ManagementClient], Any]) -> None:
    """Each call that list, show, report, recover and adopt begin with is one error after a few attempts."""
    line = Line(answer)
    with pytest.raises(OpenRouterError):
        ask(line.client())
    assert line.sent <= QUICK.max_attempts
    assert line.waited < 10


def test_the_commands_that_look_have_such_a_client() -> None:
    """Report and show by the deployment, list --all-keys and adopt by any stack: all of them give up within seconds."""
    settings = Settings(KEY.get_secret_value(), "http://127.0.0.1:1/api/v1")
    config = {"openrouter:managementKey": settings.management_key, "openrouter:baseUrl": settings.base_url}
    deployment = Deployment(own_stack(), settings, LocalWorkspace.__new__(LocalWorkspace))
    for client in (deployment.client(), AnyStack("new", config).client(), settings.quick_client()):
        with client:
            assert client._caller.policy is QUICK


class AwaySettings(Settings):
    """Settings of an account that is away."""

    line = Line(refused)

    def quick_client(self) -> ManagementClient:
        """Return a client of it."""
        return self.line.client()


def test_an_account_that_is_away_is_asked_once_for_all_stacks(tmp_path: Path) -> None:
    """Drift of many stacks stops each before its preview, and only the first one waits."""
    accounts, settings = Accounts(tmp_path), AwaySettings("sk-or-v1-x")
    for _ in range(5):
        with pytest.raises(OpenRouterError, match="no connection could be made"):
            accounts.preview_environment(settings)
    assert settings.line.sent == QUICK.max_attempts


def place(reference: str, read: Callable[..., Any], **access: str) -> Place:
    """Return a secret in a store."""
    return Place("prod", reference, f"arn:{reference}", replace(AWS, read=read), access)


def test_a_store_is_asked_once_for_each_way_to_it() -> None:
    """Drift and recover ask for one secret a store and account, with few attempts; who is denied one is not away."""
    asked: list[tuple[str, Any]] = []

    def denied(reference: str, access: Any) -> None:
        asked.append((reference, access))
        raise SecretUnreadable("AWS refused GetSecretValue: AccessDeniedException")

    refuse_stores_away("prod", [place("a", denied), place("b", denied), place("c", denied, profile="other")])
    assert [access.get("profile") for _, access in asked] == [None, "other"]
    assert all(int(access[ATTEMPTS]) <= 2 for _, access in asked)


def test_what_says_nothing_of_a_store_is_passed_over() -> None:
    """A missing package, and an answer to others' keys than the provider's, are no outage."""

    def missing(_reference: str, _access: Any) -> None:
        raise ConfigurationError("install openrouter-keys[vault]")

    def away(_reference: str, _access: Any) -> None:
        raise SecretUnreadable("AWS refused GetSecretValue: ExpiredTokenException", away=True)

    refuse_stores_away("prod", [place("a", missing), place("b", away, **{WITHHELD: "program"})])
    with pytest.raises(PartyAway):
        refuse_stores_away("prod", [place("a", missing, profile="x"), place("b", away)])


def test_a_region_that_is_away_is_not_the_whole_store() -> None:
    """Secrets of another region are read all the same."""

    def read(reference: str) -> SecretStr:
        if ":eu-west-1:" in reference:
            raise SecretUnreadable("AWS could not be asked: EndpointConnectionError", away=True)
        raise SecretUnreadable("the secret is gone", gone=True)

    regions = [("a", "eu-west-1"), ("b", "eu-west-1"), ("c", "us-east-1")]
    arns = {name: f"arn:aws:secretsmanager:{where}:1:secret:{name}" for name, where in regions}
    here = [deployed(name, secret_reference=arn) for name, arn in arns.items()]
    found = verify_stack(own_stack(*here), read=read)
    assert [each.service for each in found.services] == ["c"]
    assert "; 2 services not looked at" in found.errors[0]


def test_a_store_that_is_away_is_one_line() -> None:
    """The line says what failed, that nothing was looked at, and what tells more."""

    def away(_reference: str, _access: Any) -> None:
        raise SecretUnreadable("AWS could not be asked: EndpointConnectionError", away=True)

    with pytest.raises(PartyAway) as caught:
        refuse_stores_away("prod", [place("a", away)])
    assert str(caught.value) == (
        "AWS could not be asked: EndpointConnectionError; nothing looked at; see `openrouter-keys doctor --stack prod`"
    )
