"""The life of one key on the simulator: created, read, changed, replaced and deleted with the fewest calls."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pulumi.dynamic import ResourceProvider
from pulumi.runtime.rpc import UNKNOWN

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import NotFound, OpenRouterError, ResponseError
from openrouter_provider.keys.schedule import same_instant
from openrouter_provider.keys.state import inputs_of
from openrouter_provider.resources.api_key import ApiKeyProvider
from openrouter_provider.resources.base import Session
from openrouter_provider.resources.reads import KeyReader
from sandbox.openrouter import Control

pytest_plugins = ("tests.unit.account_fixtures",)

Props = dict[str, Any]
Sent = list[tuple[str, str, Props]]
KeysAt = Callable[[datetime], ApiKeyProvider]
Up = Callable[[ResourceProvider, Props, Props], Props]
NOW = datetime(2027, 1, 1, tzinfo=UTC)
WISH: Props = {"name_prefix": "acme/dev/checkout", "limit": 50, "limit_reset": "monthly"}


@pytest.fixture
def keys(keys_at: KeysAt) -> ApiKeyProvider:
    """Provide keys at the beginning of the timeline."""
    return keys_at(NOW)


def records(control: Control) -> list[Props]:
    """Return the live keys."""
    return control.keys()


def calls(control: Control) -> list[str]:
    """Return the operations since the last look."""
    operations = [call["operation"] for call in control.calls()]
    control.clear_calls()
    return operations


def test_a_create_is_one_post(keys: ApiKeyProvider, up: Up, control: Control, sent: Sent) -> None:
    """A new key costs one POST that says the wish and nothing else."""
    state = up(keys, {}, WISH)
    assert sent == [
        (
            "POST",
            "/keys",
            {
                "name": state["inputs"]["name"],
                "limit": 50.0,
                "limit_reset": "monthly",
                "include_byok_in_limit": False,
            },
        )
    ]
    (made,) = control.keys()
    assert made["name"] == state["inputs"]["name"]


def test_the_state_is_the_wish_and_the_api_s_answer(keys: ApiKeyProvider, up: Up, control: Control) -> None:
    """Id and hash are the key's hash; label, creation and value are kept, and each input as check made it."""
    state = up(keys, {}, WISH)
    (made,) = control.keys()
    outs = state["outs"]
    assert state["id"] == outs["hash"] == made["hash"]
    assert (outs["label"], outs["created_at"]) == (made["label"], "2027-01-01T00:00:00Z")
    assert outs["key"] == control.secrets()["keys"][made["hash"]]
    assert inputs_of(outs) == state["inputs"]


def test_an_unlimited_key_is_sent_without_a_limit(keys: ApiKeyProvider, up: Up, control: Control, sent: Sent) -> None:
    """No limit is no field, not a null one."""
    up(keys, {}, {"name": "free", "unlimited": True})
    assert "limit" not in sent[0][2]
    assert control.keys()[0]["limit"] is None


def test_a_disabled_wish_is_a_post_and_a_patch(keys: ApiKeyProvider, up: Up, control: Control, sent: Sent) -> None:
    """Creation cannot disable, so a disabled key is created and then disabled."""
    state = up(keys, {}, {**WISH, "disabled": True})
    assert [(method, body.get("disabled")) for method, _, body in sent] == [("POST", None), ("PATCH", True)]
    assert control.keys()[0]["disabled"] is True
    assert state["outs"]["disabled"] is True


@pytest.mark.parametrize("status", [400, 500])
def test_a_key_that_cannot_be_disabled_is_deleted(keys: ApiKeyProvider, up: Up, control: Control, status: int) -> None:
    """Where the PATCH fails for good the new key goes again, and the failure is what is reported."""
    control.fault("update_key", "status_before", status=status, count=50)
    with pytest.raises(ResponseError) as caught:
        up(keys, {}, {**WISH, "disabled": True})
    assert caught.value.status == status
    assert control.keys() == []


def test_a_refused_create_leaves_nothing_and_shows_nothing(keys: ApiKeyProvider, up: Up, control: Control) -> None:
    """A create that the API refuses ends in one line without any credential."""
    control.fault("create_key", "status_before", status=402)
    with pytest.raises(OpenRouterError) as caught:
        up(keys, {}, WISH)
    assert control.keys() == []
    assert "\n" not in str(caught.value)
    assert not [secret for secret in control.all_secrets() if secret in repr(caught.value)]


def test_an_unchanged_key_is_left_alone(keys_at: KeysAt, up: Up, control: Control) -> None:
    """A second run makes no call, and changes neither inputs nor state."""
    first = up(keys_at(NOW), {}, WISH)
    calls(control)
    second = up(keys_at(NOW), first, WISH)
    assert {**second, "did": "create"} == first
    assert second["did"] == "same"
    assert calls(control) == []


def test_usage_is_no_drift(keys_at: KeysAt, up: Up, control: Control) -> None:
    """Spending changes nothing of what a refresh returns."""
    state = up(keys_at(NOW), {}, WISH)
    control.edit_key(state["id"], usage=12.5, usage_daily=1, usage_monthly=12.5, byok_usage=3)
    read = keys_at(NOW).read(state["id"], state["outs"])
    assert (read.id, read.outs, read.inputs) == (state["id"], state["outs"], state["inputs"])


@pytest.mark.parametrize(
    ("edit", "name", "value"),
    [
        ({"disabled": True}, "disabled", True),
        ({"limit": 500}, "limit", 500),
        ({"limit": None}, "limit", None),
        ({"limit_reset": None}, "limit_reset", None),
        ({"name": "renamed"}, "name", "renamed"),
        ({"include_byok_in_limit": True}, "include_byok_in_limit", True),
    ],
)
def test_an_edit_behind_our_back_is_drift(
    keys_at: KeysAt, up: Up, control: Control, edit: Props, name: str, value: object
) -> None:
    """A refresh shows the changed field in outputs and inputs, and the next run sets it back with one PATCH."""
    state = up(keys_at(NOW), {}, WISH)
    control.edit_key(state["id"], **edit)
    read = keys_at(NOW).read(state["id"], state["outs"])
    assert read.outs is not None
    assert read.outs.get(name) == value
    assert read.inputs == inputs_of(read.outs)
    calls(control)
    healed = up(keys_at(NOW), {"id": read.id, "outs": read.outs, "inputs": read.inputs}, WISH)
    assert (healed["did"], calls(control)) == ("update", ["update_key"])
    assert healed["outs"] == state["outs"]
    assert control.keys()[0][name] == state["inputs"].get(name)


def test_a_hostile_name_is_spelled_out_in_the_state(keys_at: KeysAt, up: Up, control: Control) -> None:
    """What somebody named the key is drift, and Pulumi is given nothing to print that a terminal acts on."""
    state = up(keys_at(NOW), {}, WISH)
    control.edit_key(state["id"], name="a\x1b]0;title\x07\r\nb\u202e é")
    read = keys_at(NOW).read(state["id"], state["outs"])
    assert read.outs is not None
    assert read.outs["name"] == r"a\x1b]0;title\x07\r\nb\u202e é"
    healed = up(keys_at(NOW), {"id": read.id, "outs": read.outs, "inputs": read.inputs}, WISH)
    assert (healed["did"], control.keys()[0]["name"]) == ("update", state["inputs"]["name"])


def test_an_undeclared_workspace_and_owner_are_the_api_s_choice(keys_at: KeysAt, up: Up, control: Control) -> None:
    """What the program does not say of workspace and owner is no drift, whatever the account has."""
    state = up(keys_at(NOW), {}, WISH)
    control.edit_key(state["id"], creator_user_id="somebody-else")
    read = keys_at(NOW).read(state["id"], state["outs"])
    assert read.outs == state["outs"]


def test_a_deleted_key_reads_as_deleted(keys_at: KeysAt, up: Up, control: Control) -> None:
    """A key that is gone is an empty result, confirmed by a call for the key itself."""
    state = up(keys_at(NOW), {}, WISH)
    control.delete_key(state["id"])
    calls(control)
    read = keys_at(NOW).read(state["id"], state["outs"])
    assert (read.id, read.outs) == ("", {})
    assert calls(control) == ["list_keys", "get_key"]


def test_a_key_in_a_workspace_that_is_not_known_yet_can_be_read(keys_at: KeysAt, up: Up) -> None:
    """Where a preview does not know the workspace, the key is found by itself."""
    state = up(keys_at(NOW), {}, WISH)
    read = keys_at(NOW).read(state["id"], {**state["outs"], "workspace_id": UNKNOWN})
    assert read.id == state["id"]


def test_a_key_known_by_its_hash_alone_can_be_read(keys_at: KeysAt, control: Control) -> None:
    """ApiKey.get has nothing but the hash, and learns everything except the value."""
    record, _ = control.create_key(name="made elsewhere", limit=5)
    read = keys_at(NOW).read(record["hash"], {})
    assert read.outs is not None
    assert (read.outs["hash"], read.outs["name"], read.outs["limit"]) == (record["hash"], "made elsewhere", 5)
    assert "key" not in read.outs


@pytest.mark.parametrize(
    ("change", "body"),
    [
        ({"limit": 75}, {"limit": 75}),
        ({"limit": None, "unlimited": True}, {"limit": None}),
        ({"limit_reset": None}, {"limit_reset": None}),
        ({"disabled": True}, {"disabled": True}),
        ({"limit": 1, "limit_reset": "daily"}, {"limit": 1, "limit_reset": "daily"}),
        ({"include_byok_in_limit": True}, {"include_byok_in_limit": True}),
    ],
)
def test_a_change_is_one_patch_of_the_changed_fields(
    keys_at: KeysAt, up: Up, control: Control, sent: Sent, change: Props, body: Props
) -> None:
    """Only what changed is sent, a cleared field as null; id, hash and value stay."""
    first = up(keys_at(NOW), {}, WISH)
    sent.clear()
    second = up(keys_at(NOW), first, {**WISH, **change})
    assert sent == [("PATCH", f"/keys/{first['id']}", body)]
    assert {name: control.keys()[0][name] for name in body} == body
    assert [second["id"], second["outs"]["key"]] == [first["id"], first["outs"]["key"]]
    assert up(keys_at(NOW), second, {**WISH, **change})["did"] == "same"


def test_a_declared_workspace_is_patched(keys_at: KeysAt, up: Up, control: Control, sent: Sent) -> None:
    """Moving a key between workspaces needs no new key."""
    first = up(keys_at(NOW), {}, WISH)
    up(keys_at(NOW), first, {**WISH, "workspace_id": control.default_workspace_id})
    assert sent[-1] == ("PATCH", f"/keys/{first['id']}", {"workspace_id": control.default_workspace_id})


def test_a_change_of_a_key_that_is_gone_says_so(keys_at: KeysAt, up: Up, control: Control) -> None:
    """An update of a key deleted behind our back fails with the API's not-found."""
    first = up(keys_at(NOW), {}, WISH)
    control.delete_key(first["id"])
    with pytest.raises(NotFound):
        up(keys_at(NOW), first, {**WISH, "limit": 1})


@pytest.mark.parametrize(
    ("change", "generation"),
    [
        ({"expires_at": "2028-06-01T00:00:00Z"}, 2),
        ({"expires_at": "2028-01-01T00:00:30Z"}, 1),
        ({"creator_user_id": "user_2"}, 2),
        ({"adopt_hash": "another", "adopt_key": "value"}, 2),
        ({"limit": 1, "disabled": True}, 1),
        ({}, 1),
    ],
)
def test_what_only_creation_takes_is_a_new_generation(
    keys: ApiKeyProvider, up: Up, change: Props, generation: int
) -> None:
    """A changed expiry or owner, or another key to adopt, rotates; nothing replaces the resource."""
    wish = {**WISH, "expires_at": "2028-01-01T00:00:00Z"}
    state = up(keys, {}, wish)
    news = keys.check(state["inputs"], {**wish, **change}).inputs
    diff = keys.diff(state["id"], state["outs"], news)
    assert (diff.replaces, news["generation"]) == ([], generation)
    assert diff.changes is bool(change and "00:00:30" not in str(change))


def test_a_changed_expiry_supersedes_the_key(keys_at: KeysAt, up: Up, control: Control) -> None:
    """The new key has a name of its own and the new expiry; the old one lives on, to be retired like any other."""
    first = up(keys_at(NOW), {}, WISH)
    calls(control)
    second = up(keys_at(NOW), first, {**WISH, "expires_at": "2028-06-01T00:00:00Z"})
    assert second["did"] == "update"
    assert calls(control) == ["list_keys", "list_keys", "create_key", "current_key"]
    assert first["inputs"]["name"] != second["inputs"]["name"]
    assert [entry["hash"] for entry in second["outs"]["superseded"]] == [first["outs"]["hash"]]
    expiries = {key["hash"]: key["expires_at"] for key in records(control)}
    assert expiries[first["outs"]["hash"]] is None
    assert same_instant(expiries[second["outs"]["hash"]], "2028-06-01T00:00:00Z")


def test_a_deleted_key_is_deleted_once(keys_at: KeysAt, up: Up, control: Control) -> None:
    """Delete is one DELETE."""
    state = up(keys_at(NOW), {}, WISH)
    calls(control)
    keys_at(NOW).delete(state["id"], state["outs"])
    assert calls(control) == ["delete_key"]
    assert control.keys() == []


def test_deleting_what_is_gone_succeeds(keys_at: KeysAt, up: Up, control: Control) -> None:
    """A 404 is what was wanted."""
    state = up(keys_at(NOW), {}, WISH)
    control.delete_key(state["id"])
    keys_at(NOW).delete(state["id"], state["outs"])


def test_deleting_takes_the_superseded_keys_along(keys_at: KeysAt, up: Up, control: Control) -> None:
    """The current key and every superseded one go, those that are gone already included."""
    state = up(keys_at(NOW), {}, WISH)
    older, _ = control.create_key(name="older")
    outs = {**state["outs"], "superseded": [{"hash": "gone-already"}, {"hash": older["hash"]}]}
    control.clear_calls()
    keys_at(NOW).delete(state["id"], outs)
    assert control.keys() == []
    # The current one last: a refresh forgets the whole resource once it is gone.
    assert control.calls("delete_key")[-1]["path"].endswith(str(state["outs"]["hash"]))


def test_check_names_the_property_and_the_reason(keys: ApiKeyProvider) -> None:
    """A failure reaches the user as the property and one sentence about it."""
    result = keys.check({}, {**WISH, "limit": -1})
    assert [(failure.property, failure.reason) for failure in result.failures] == [
        ("limit", "limit must be a finite number of USD, 0 or more")
    ]


def test_the_state_can_be_written_as_json(keys: ApiKeyProvider, up: Up) -> None:
    """Inputs and outputs are plain JSON values."""
    state = up(keys, {}, {**WISH, "rotation": {"every": "90d"}})
    assert json.loads(json.dumps(state)) == state


def test_a_key_that_the_api_does_not_move_is_an_error() -> None:
    """Where the API ignores a new workspace, the update fails instead of recording a wish as the truth."""
    stays = {
        "hash": "f01d",
        "name": "acme/dev/checkout-0000001",
        "label": "sk-or-v1-0e6...1c96",
        "disabled": False,
        "limit": 5,
        "created_at": "2027-01-01T00:00:00Z",
        "workspace_id": "6f1c0a2e-0000-4000-8000-000000000001",
    }
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, json={"data": stays}))
    client = ManagementClient("sk-or-test", base_url="https://openrouter.test/api/v1", transport=transport)
    provider = ApiKeyProvider()
    provider.session = Session(client, KeyReader(client), NOW)
    olds = {"hash": "f01d", "limit": 5, "generation": 1}
    with pytest.raises(OpenRouterError, match="stayed in its workspace"):
        provider.update("f01d", olds, olds | {"workspace_id": "6f1c0a2e-0000-4000-8000-000000000002"})
