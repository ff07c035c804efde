"""OpenRouter's own SDK drives the simulator; what it accepts is what its own API would answer."""

import inspect
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from openrouter import OpenRouter, components, errors, operations

from sandbox.openrouter import Control, SimulatorServer
from sandbox.openrouter.client import NO_TLS
from sandbox.openrouter.operations import known_operations, operation_of
from tests import around

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


@pytest.mark.default_answers
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
    """The SDK accepts the list of models: one is free, one has a canonical slug of another name."""
    listed = sdk.models.list()
    assert listed is not None
    models = {model.id: model for model in listed.result.data}
    assert (models["sandbox/echo:free"].pricing.prompt, models["sandbox/echo"].canonical_slug) == (
        "0",
        "sandbox/echo-2025-01-01",
    )


def test_sdk_lists_who_serves_a_model(sdk: OpenRouter) -> None:
    """The SDK accepts a model's endpoints with their prices, and the list of providers."""
    found = sdk.endpoints.list(author="sandbox", slug="mimic").data
    assert [(each.provider_name, each.pricing.prompt) for each in found.endpoints] == [("sandbox", "0.000002")]
    assert "sandbox" in [each.slug for each in sdk.providers.list().data]
    with pytest.raises(errors.NotFoundResponseError):
        sdk.endpoints.list(author="no", slug="such")


def test_sdk_lists_models_of_other_outputs(sdk: OpenRouter, control: Control) -> None:
    """Without being asked for more, the list has models that answer with text; prices and offers change."""
    control.configure(model_prices={"sandbox/echo": {"prompt": "0.5"}}, withdrawn_models=["openai/gpt-4o-mini"])
    by_default, every = sdk.models.list(), sdk.models.list(output_modalities="all")
    assert by_default is not None
    assert every is not None
    names = {each.id: each.pricing.prompt for each in by_default.result.data}
    assert {each.id for each in every.result.data} - {*names} == {"sandbox/painter"}
    assert names["sandbox/echo"] == "0.5"
    assert "openai/gpt-4o-mini" not in names


def test_sdk_reads_presets(sdk: OpenRouter, control: Control) -> None:
    """The SDK accepts the list of presets, and one with the version that counts."""
    control.configure(presets={"triage": {"model": "sandbox/echo"}})
    listed = sdk.presets.list()
    assert listed is not None
    assert [each.slug for each in listed.result.data] == ["triage"]
    version = sdk.presets.get(slug="triage").data.designated_version
    assert version is not None
    assert version.config == {"model": "sandbox/echo"}


def test_budgets_live_through_the_sdk(sdk: OpenRouter) -> None:
    """The SDK sets, gets, lists and deletes a workspace's budgets; one that never resets has no interval."""
    workspace = sdk.workspaces.create(name="Team", slug="team").data.id
    made = sdk.workspaces.set_budget(workspace_ref="team", interval="monthly", limit_usd=5)
    assert (made.data.workspace_id, made.data.limit_usd, made.data.reset_interval) == (workspace, 5, "monthly")
    sdk.workspaces.set_budget(workspace_ref="team", interval="lifetime", limit_usd=9, include_byok_in_budgets=True)
    kept = sdk.workspaces.get_budget(workspace_ref=workspace, interval="lifetime")
    assert (kept.data.reset_interval, kept.include_byok_in_budgets) == (None, True)
    assert len(sdk.workspaces.list_budgets(workspace_ref="team").data) == 2
    assert sdk.workspaces.delete_budget(workspace_ref="team", interval="monthly").DELETED is True
    with pytest.raises(errors.NotFoundResponseError):
        sdk.workspaces.get_budget(workspace_ref="team", interval="monthly")


def test_workspace_members_come_and_go_through_the_sdk(sdk: OpenRouter, control: Control) -> None:
    """The SDK adds, lists and removes members of a workspace."""
    control.add_member("user_alice")
    sdk.workspaces.create(name="Team", slug="team")
    assert sdk.workspaces.bulk_add_members(id="team", user_ids=["user_alice"]).added_count == 1
    listed = sdk.workspaces.list_members(id="team")
    assert listed is not None
    assert [(m.user_id, m.role) for m in listed.result.data] == [
        (control.account_id, "admin"),
        ("user_alice", "member"),
    ]
    assert sdk.workspaces.bulk_remove_members(id="team", user_ids=["user_alice"]).removed_count == 1


def test_a_guardrail_lives_through_the_sdk(sdk: OpenRouter) -> None:
    """The SDK creates, lists, gets, updates and deletes a guardrail with every kind of restriction."""
    made = sdk.guardrails.create(
        name="cheap",
        limit_usd=3,
        reset_interval="daily",
        allowed_models=["sandbox/echo"],
        ignored_providers=["azure"],
        enforce_zdr_openai=True,
        content_filters=[components.ContentFilterEntry(pattern="secret", action="block", label="[X]")],
        content_filter_builtins=[
            components.ContentFilterBuiltinEntryInput(
                slug="regex-prompt-injection", action="flag", scan_scope="user_only"
            )
        ],
    ).data
    assert made.allowed_models == ["sandbox/echo-2025-01-01"]
    listed = sdk.guardrails.list()
    assert listed is not None
    assert [guardrail.id for guardrail in listed.result.data] == [made.id]
    assert sdk.guardrails.update(id=made.id, description="new", limit_usd=None).data.limit_usd is None
    assert sdk.guardrails.get(id=made.id).data.description == "new"
    assert sdk.guardrails.delete(id=made.id).DELETED is True
    with pytest.raises(errors.NotFoundResponseError):
        sdk.guardrails.get(id=made.id)


def test_keys_are_put_under_a_guardrail_through_the_sdk(sdk: OpenRouter) -> None:
    """The SDK assigns a key, finds it in both listings and releases it."""
    guardrail, key = sdk.guardrails.create(name="g").data.id, sdk.api_keys.create(name="sdk").data.hash
    assert sdk.guardrails.bulk_assign_keys(id=guardrail, key_hashes=[key]).assigned_count == 1
    listings = (sdk.guardrails.list_key_assignments(), sdk.guardrails.list_guardrail_key_assignments(id=guardrail))
    for listed in listings:
        assert listed is not None
        assert [(a.key_hash, a.guardrail_id) for a in listed.result.data] == [(key, guardrail)]
    assert sdk.guardrails.bulk_unassign_keys(id=guardrail, key_hashes=[key]).unassigned_count == 1


def test_members_are_put_under_a_guardrail_through_the_sdk(sdk: OpenRouter, control: Control) -> None:
    """The SDK assigns a member, finds the member in both listings and releases the member."""
    guardrail, user = sdk.guardrails.create(name="g").data.id, control.account_id
    assert sdk.guardrails.bulk_assign_members(id=guardrail, member_user_ids=[user]).assigned_count == 1
    of_all, of_one = (
        sdk.guardrails.list_member_assignments(),
        sdk.guardrails.list_guardrail_member_assignments(id=guardrail),
    )
    for listed in (of_all, of_one):
        assert listed is not None
        assert [(a.user_id, a.guardrail_id) for a in listed.result.data] == [(user, guardrail)]
    assert sdk.guardrails.bulk_unassign_members(id=guardrail, member_user_ids=[user]).unassigned_count == 1


def test_a_byok_key_lives_through_the_sdk(sdk: OpenRouter) -> None:
    """The SDK creates, lists, gets, updates and deletes another vendor's key, and never sees its value again."""
    made = sdk.byok.create(provider="openai", key="sk-proj-0123456789abcdef", name="ours").data
    assert (made.label, made.name, made.provider) == ("sk-...cdef", "ours", "openai")
    listed = sdk.byok.list(provider="openai")
    assert listed is not None
    assert [key.id for key in listed.result.data] == [made.id]
    assert sdk.byok.update(id=made.id, key="sk-proj-0123456789abcxyz").data.label == "sk-...cxyz"
    assert sdk.byok.get(id=made.id).data.label == "sk-...cxyz"
    assert sdk.byok.delete(id=made.id).DELETED is True
    with pytest.raises(errors.NotFoundResponseError):
        sdk.byok.get(id=made.id)


def test_sdk_reads_the_activity(sdk: OpenRouter, connect: Connect, control: Control) -> None:
    """The SDK accepts GET /activity, with a row for each day, model and workspace."""
    connect(sdk.api_keys.create(name="sdk").key).chat.send(model="sandbox/echo", messages=HELLO)
    control.configure(now=(datetime.now(UTC) + timedelta(days=1)).isoformat())
    rows = sdk.analytics.get_user_activity(request=operations.GetUserActivityRequest(group_by="workspace")).data
    assert [(row.model, row.model_permaslug, row.requests, row.usage) for row in rows] == [
        ("sandbox/echo", "sandbox/echo-2025-01-01", 1, 0.01)
    ]


@pytest.mark.default_answers
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


@pytest.mark.default_answers
def test_sdk_hears_of_an_exhausted_key(sdk: OpenRouter, connect: Connect) -> None:
    """The SDK maps a 402 to its own error for payment required."""
    made = sdk.api_keys.create(name="sdk", limit=0)
    with pytest.raises(errors.PaymentRequiredResponseError):
        connect(made.key).chat.send(model="sandbox/echo", messages=HELLO)


@pytest.mark.parametrize("drive", around.named("drive"), ids=lambda drive: drive.__module__.rpartition(".")[2])
def test_what_surrounds_keys_lives_through_the_sdk(
    sdk: OpenRouter, control: Control, drive: Callable[[OpenRouter, Control], None]
) -> None:
    """The SDK does with it whatever its API takes, and accepts the answers."""
    drive(sdk, control)


def test_every_operation_is_driven_here(sdk: OpenRouter) -> None:
    """By the SDK's own requests, the calls here and in tests/around meet every operation that the simulator has."""
    calls = Path(__file__).read_text(encoding="utf-8") + around.sources()
    called = set(re.findall(r"\.(\w+)\s*\.(\w+)\(", calls))
    methods = [getattr(getattr(sdk, area, None), name, None) for area, name in called]
    sources = [inspect.getsource(method) for method in methods if inspect.ismethod(method)]
    requests = [re.findall(r'\b(?:method|path)="([^"]+)"', source)[:2] for source in sources]
    driven = {operation_of(method, re.sub(r"\{\w+\}", "x", path)) for method, path in requests}
    assert driven == known_operations()
