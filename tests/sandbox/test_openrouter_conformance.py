"""OpenRouter's own SDK drives the simulator; what it accepts is what its own API would answer."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from openrouter import OpenRouter, components, errors

from sandbox.openrouter import Control, SimulatorServer
from sandbox.openrouter.client import NO_TLS

NO_SUCH_HASH = "0" * 64
HELLO: list[components.ChatMessagesTypedDict] = [{"role": "user", "content": "hi"}]


Connect = Callable[[str], OpenRouter]


@pytest.fixture(scope="module")
def connect(simulator: SimulatorServer) -> Iterator[Connect]:
    """Make SDK clients that share connections and don't retry."""
    http = httpx.Client(trust_env=False, verify=NO_TLS)
    unused = httpx.AsyncClient(trust_env=False, verify=NO_TLS)
    yield lambda credential: OpenRouter(
        api_key=credential, server_url=simulator.url, client=http, async_client=unused, retry_config=None
    )
    http.close()


@pytest.fixture
def sdk(connect: Connect, control: Control) -> OpenRouter:
    """Use the SDK with a management key."""
    return connect(control.management_key)


def test_a_key_lives_through_the_sdk(sdk: OpenRouter) -> None:
    """The SDK creates, lists, gets, updates and deletes a key."""
    expiry = (datetime.now(UTC) + timedelta(days=30)).replace(microsecond=0)
    made = sdk.api_keys.create(name="sdk", limit=5, limit_reset="monthly", expires_at=expiry)
    key_hash = made.data.hash

    assert made.key.startswith("sk-or-")
    assert [key.hash for key in sdk.api_keys.list().data] == [key_hash]
    assert sdk.api_keys.get(hash=key_hash).data.expires_at == expiry
    updated = sdk.api_keys.update(hash=key_hash, limit=None, limit_reset=None, disabled=True, name="renamed")
    assert (updated.data.limit, updated.data.limit_reset, updated.data.disabled) == (None, None, True)
    assert sdk.api_keys.list(include_disabled=True).data[0].name == "renamed"
    assert sdk.api_keys.delete(hash=key_hash).DELETED is True
    with pytest.raises(errors.NotFoundResponseError):
        sdk.api_keys.get(hash=key_hash)


def test_sdk_reads_the_calling_key_of_either_kind(sdk: OpenRouter, connect: Connect) -> None:
    """The SDK accepts GET /key for a management key and for a standard key."""
    assert sdk.api_keys.get_current_key_metadata().data.is_management_key is True
    made = sdk.api_keys.create(name="sdk", limit=0)
    facts = connect(made.key).api_keys.get_current_key_metadata().data
    assert (facts.is_management_key, facts.label, facts.limit) == (False, made.data.label, 0)


def test_sdk_reads_credits(sdk: OpenRouter) -> None:
    """The SDK accepts GET /credits."""
    assert sdk.credits.get_credits().data.total_credits == 100


def test_a_workspace_lives_through_the_sdk(sdk: OpenRouter) -> None:
    """The SDK creates, lists, gets, updates and deletes a workspace."""
    made = sdk.workspaces.create(name="Team", slug="team", description="for a test").data
    listed = sdk.workspaces.list()
    assert listed is not None
    assert [w.slug for w in listed.result.data] == ["default", "team"]
    assert sdk.workspaces.get(id="team").data.id == made.id
    assert sdk.workspaces.update(id=made.id, name="Crew").data.name == "Crew"
    key = sdk.api_keys.create(name="sdk", workspace_id=made.id).data
    assert [k.hash for k in sdk.api_keys.list(workspace_id=made.id).data] == [key.hash]
    sdk.api_keys.delete(hash=key.hash)
    assert sdk.workspaces.delete(id="team").DELETED is True


def test_sdk_chats_with_a_free_model(sdk: OpenRouter, connect: Connect) -> None:
    """The SDK accepts a completion of a free model, asked for with a key whose limit is 0."""
    made = sdk.api_keys.create(name="sdk", limit=0)
    answer = connect(made.key).chat.send(model="sandbox/echo:free", messages=HELLO)
    assert answer.choices[0].message.content


def test_sdk_lists_models(sdk: OpenRouter) -> None:
    """The SDK accepts the list of models: one free, one paid."""
    listed = sdk.models.list()
    assert listed is not None
    assert [model.id for model in listed.result.data][:2] == ["sandbox/echo:free", "sandbox/echo"]


def test_sdk_knows_the_refusals(sdk: OpenRouter, connect: Connect, control: Control) -> None:
    """The SDK maps 400, 401, 403, 404, 429 and 500 to its own errors."""
    with pytest.raises(errors.BadRequestResponseError):
        sdk.api_keys.create(name="")
    with pytest.raises(errors.NotFoundResponseError):
        sdk.api_keys.delete(hash=NO_SUCH_HASH)
    with pytest.raises(errors.UnauthorizedResponseError):
        connect("unknown").api_keys.list()
    standard = sdk.api_keys.create(name="sdk").key
    with pytest.raises(errors.ForbiddenResponseError):
        connect(standard).api_keys.create(name="not allowed")
    for status, error in (
        (429, errors.TooManyRequestsResponseError),
        (500, errors.InternalServerResponseError),
    ):
        control.fault("get_key", "status_before", status=status)
        with pytest.raises(error):
            sdk.api_keys.get(hash=NO_SUCH_HASH)


def test_sdk_hears_of_an_exhausted_key(sdk: OpenRouter, connect: Connect) -> None:
    """The SDK maps a 402 to its own error for payment required."""
    made = sdk.api_keys.create(name="sdk", limit=0)
    with pytest.raises(errors.PaymentRequiredResponseError):
        connect(made.key).chat.send(model="sandbox/echo", messages=HELLO)
