"""The real dynamic provider host over gRPC: what the engine sends, and what reaches the user when it fails."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2 as pb

from openrouter_provider.resources.api_key import ApiKeyProvider
from openrouter_provider.resources.superseded_keys import SupersededKeysProvider
from sandbox.openrouter import Control
from sandbox.plugins.wire import UNKNOWN
from tests.provider.dynamic_host import OURS, PULUMIS, Host, HostError

Props = dict[str, Any]
StartHost = Callable[..., Host]
CANARY = "sk-or-v1-" + "c" * 24
API_KEY = serialize_provider(ApiKeyProvider())
SUPERSEDED = serialize_provider(SupersededKeysProvider())
NOW = "2027-01-01T00:00:00Z"
WISH: Props = {"name_prefix": "acme/dev/checkout", "limit": 50.0, "rotation": {"every": "90d", "overlap": "7d"}}


@pytest.fixture(autouse=True)
def control(account: Control) -> Iterator[Control]:
    """Steer the account, without calls of tests before, and leave no key and no fault to the next one."""
    account.clear_calls()
    yield account
    account.clear_faults()
    for key in records(account):
        account.delete_key(key["hash"])


def surroundings(account: Control) -> dict[str, str]:
    """Return the environment of a host that works for an account at the first instant."""
    return {
        "OPENROUTER_MANAGEMENT_KEY": account.management_key,
        "OPENROUTER_BASE_URL": account.url,
        "OPENROUTER_KEYS_NOW": NOW,
    }


@pytest.fixture(scope="module", params=[OURS, PULUMIS])
def host(account: Control, request: pytest.FixtureRequest) -> Iterator[Host]:
    """Start each host once, at the first instant, for every test that needs nothing else: a start takes a second."""
    with Host(surroundings(account), {}, request.param) as started:
        yield started


@pytest.fixture
def start(control: Control) -> Iterator[StartHost]:
    """Start hosts of a test's own, and end each with it."""
    with ExitStack() as hosts:

        def make(config: Props | None = None, **environment: str) -> Host:
            return hosts.enter_context(Host({**surroundings(control), **environment}, config or {}))

        yield make


def records(control: Control) -> list[Props]:
    """Return the live keys."""
    return control.keys()


def refused(call: Callable[[], object]) -> str:
    """Return the message with which a call fails, and make sure that it is one line."""
    with pytest.raises(HostError) as caught:
        call()
    message = str(caught.value).strip()
    assert "Traceback" not in message
    assert "\n" not in message
    return message


def test_a_key_lives_its_life(host: Host, control: Control) -> None:
    """Check, create, diff, read, update and delete, as the engine asks for them."""
    inputs, failures = host.check({}, WISH, API_KEY)
    assert failures == {}
    id_, state = host.create(inputs)
    assert state["key"] == control.secrets()["keys"][id_]
    assert host.diff(id_, state, host.check(inputs, WISH, API_KEY)[0]).changes == pb.DiffResponse.DIFF_NONE

    assert host.read(id_, state) == (id_, state, inputs)

    changed, _ = host.check(inputs, {**WISH, "limit": 75.0}, API_KEY)
    diff = host.diff(id_, state, changed)
    assert (diff.changes, list(diff.replaces)) == (pb.DiffResponse.DIFF_SOME, [])
    after = host.update(id_, state, changed)
    assert (after["limit"], after["key"], control.keys()[0]["limit"]) == (75, state["key"], 75)

    host.delete(id_, after)
    assert control.keys() == []
    assert host.read(id_, after)[0] == ""
    operations = [call["operation"] for call in control.calls()]
    assert operations == ["create_key", "get_key", "update_key", "delete_key", "get_key"]


def test_another_expiry_is_a_new_generation(host: Host) -> None:
    """Nothing is replaced: the engine's deferred deletion of what a replacement leaves waits for no secret."""
    inputs, _ = host.check({}, WISH, API_KEY)
    id_, state = host.create(inputs)
    changed, _ = host.check(inputs, {**WISH, "expires_at": "2028-01-01T00:00:00Z"}, API_KEY)
    diff = host.diff(id_, state, changed)
    assert (list(diff.replaces), diff.changes, changed["generation"]) == ([], pb.DiffResponse.DIFF_SOME, 2)


def test_a_rotation_and_the_end_of_its_overlap(host: Host, start: StartHost, control: Control) -> None:
    """The key moves on within its resource; its predecessor is bounded, and deleted after the overlap."""
    inputs, _ = host.check({}, WISH, API_KEY)
    id_, state = host.create(inputs)
    second_host = start(OPENROUTER_KEYS_NOW="2027-06-01T00:00:00Z")
    due, _ = second_host.check(inputs, WISH, API_KEY)
    assert due["generation"] == 2
    rotated = second_host.update(id_, state, due)
    assert rotated["hash"] != id_
    assert rotated["superseded"] == [{"hash": id_, "label": state["label"], "limit": 50}]

    wish = {"service": "acme/dev/checkout", "superseded": rotated["superseded"], "version": "v2", "overlap": "7d"}
    planned, _ = second_host.check({}, wish, SUPERSEDED)
    name, kept = second_host.create(planned)
    assert [key["limit_remaining"] < 50 for key in records(control) if key["hash"] == id_] == [True]

    third_host = start(OPENROUTER_KEYS_NOW="2027-06-08T00:00:00Z")
    over, _ = third_host.check(planned, wish, SUPERSEDED)
    assert third_host.diff(name, kept, over).changes == pb.DiffResponse.DIFF_SOME
    third_host.update(name, kept, over)
    assert [key["hash"] for key in records(control)] == [rotated["hash"]]


def test_unknown_values_survive_a_preview(host: Host) -> None:
    """A wish that is not known yet comes back unknown, and its diff is a change."""
    inputs, _ = host.check({}, WISH, API_KEY)
    id_, state = host.create(inputs)
    unknown, failures = host.check(inputs, {**WISH, "limit": UNKNOWN, "workspace_id": UNKNOWN}, API_KEY)
    assert failures == {}
    assert (unknown["limit"], unknown["workspace_id"]) == (UNKNOWN, UNKNOWN)
    assert host.diff(id_, state, unknown).changes == pb.DiffResponse.DIFF_SOME


def test_wrong_inputs_are_failures_by_property(host: Host, control: Control) -> None:
    """Check answers with all that is wrong instead of failing, and asks the API nothing."""
    _, failures = host.check({}, {**WISH, "limit": -1.0, "limit_reset": "hourly"}, API_KEY)
    assert set(failures) == {"limit", "limit_reset"}
    assert control.calls() == []


def test_a_refused_credential_is_one_line(start: StartHost, control: Control) -> None:
    """A wrong management key fails with the error's type and message, without a traceback or the key."""
    host = start(OPENROUTER_MANAGEMENT_KEY=CANARY)
    inputs, _ = host.check({}, WISH, API_KEY)
    message = refused(lambda: host.create(inputs))
    assert message.startswith("openrouter_provider.api.errors.AuthenticationError: creating key ")
    assert "OPENROUTER_MANAGEMENT_KEY" in message
    written = host.stop()
    assert CANARY not in message + written
    assert control.keys() == []


@pytest.mark.parametrize(
    ("status", "type_"), [(402, "InsufficientCredits"), (403, "PermissionDenied"), (404, "NotFound")]
)
def test_a_refusal_of_the_api_is_one_line(host: Host, control: Control, status: int, type_: str) -> None:
    """Whatever the API refuses reaches the user as `Type: message`, and no credential of the account does."""
    inputs, _ = host.check({}, WISH, API_KEY)
    id_, state = host.create(inputs)
    control.fault("update_key", "status_before", status=status)
    changed, _ = host.check(inputs, {**WISH, "limit": 75.0}, API_KEY)
    message = refused(lambda: host.update(id_, state, changed))
    assert message.startswith(f"openrouter_provider.api.errors.{type_}: changing key {id_}: ")
    assert not [secret for secret in control.all_secrets() if secret in message]


def test_a_missing_management_key_is_said_at_check(start: StartHost, control: Control) -> None:
    """Without a credential the first call already fails, with one line that says how to set one."""
    host = start(OPENROUTER_MANAGEMENT_KEY="")
    message = refused(lambda: host.check({}, WISH, API_KEY))
    assert message == (
        "openrouter_provider.api.errors.ConfigurationError: no OpenRouter management key: "
        "set OPENROUTER_MANAGEMENT_KEY in the environment, or run: pulumi config set --secret openrouter:managementKey"
    )
    assert control.calls() == []


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"OPENROUTER_BASE_URL": "http://api.example.com/v1"}, "plain HTTP to api.example.com"),
        ({"OPENROUTER_MANAGEMENT_KEY": f"{CANARY} {CANARY}"}, "the management key holds a space"),
    ],
)
def test_a_wrong_environment_is_said_at_check(start: StartHost, environment: dict[str, str], said: str) -> None:
    """An endpoint in the clear and a malformed key are each one line, without the key."""
    host = start(**environment)
    message = refused(lambda: host.check({}, WISH, API_KEY))
    assert said in message
    assert CANARY not in message + host.stop()


def test_the_stack_s_config_wins_over_the_environment(start: StartHost, control: Control) -> None:
    """Credential and endpoint of the config are used where both are set."""
    config = {"openrouter:managementKey": control.management_key, "openrouter:baseUrl": control.url}
    host = start(config, OPENROUTER_MANAGEMENT_KEY=CANARY, OPENROUTER_BASE_URL="https://api.invalid/v1")
    inputs, _ = host.check({}, WISH, API_KEY)
    assert host.create(inputs)[0] == control.keys()[0]["hash"]


def test_as_many_calls_run_at_once_as_the_engine_makes(start: StartHost, control: Control) -> None:
    """Our host has a thread for each call; Pulumi's has four."""
    host = start()
    wishes = [host.check({}, {**WISH, "name_prefix": f"acme/dev/{number}"}, API_KEY)[0] for number in range(16)]
    control.configure(latency_ms=300)
    with ThreadPoolExecutor(max_workers=len(wishes)) as engine:
        made = list(engine.map(host.create, wishes))
    control.configure(latency_ms=0)
    assert len({id_ for id_, _ in made}) == len(wishes)
    assert control.stats()["max_concurrent"] > 8
