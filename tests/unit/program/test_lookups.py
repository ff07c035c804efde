"""Look-ups find what the account holds by the settings that the stack's resources use."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from openrouter_provider import (
    get_activity,
    get_credits,
    get_guardrail,
    get_key,
    get_member,
    get_model,
    get_preset,
    get_workspace,
    list_endpoints,
    list_guardrails,
    list_keys,
    list_members,
    list_models,
    list_presets,
    list_providers,
    list_workspaces,
)
from openrouter_provider.api.errors import AuthenticationError, ConfigurationError, NotFound
from sandbox.openrouter import Control
from sandbox.openrouter.client import NO_TLS
from tests.provider.lives import Ground
from tests.unit.account_fixtures import START

pytest_plugins = ("tests.unit.account_fixtures",)


@pytest.fixture(autouse=True)
def environment(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the environment of a program that works for the account."""
    monkeypatch.setenv("OPENROUTER_MANAGEMENT_KEY", control.management_key)
    monkeypatch.setenv("OPENROUTER_BASE_URL", control.url)


@pytest.fixture
def ground(control: Control) -> Ground:
    """Prepare the account."""
    return Ground.of(control)


def test_keys_are_found_by_workspace(ground: Ground) -> None:
    """Without one, those of the default workspace; with one, by its id or its slug."""
    first = ground.workspaces[0]
    mine, _ = ground.control.create_key(name="c", workspace_id=first)
    assert sorted(key.hash for key in list_keys()) == sorted(ground.keys)
    assert [key.hash for key in list_keys(first)] == [key.hash for key in list_keys("first")] == [mine["hash"]]
    assert get_key(mine["hash"]).name == "c"


def test_workspaces_are_found(ground: Ground) -> None:
    """By id and by slug, and all of them."""
    first = ground.workspaces[0]
    assert get_workspace("first") == get_workspace(first)
    assert {*ground.workspaces} < {workspace.id for workspace in list_workspaces()}


def test_guardrails_are_found(ground: Ground) -> None:
    """By id, and by workspace as keys are."""
    made = ground.control.create_guardrail(name="x", workspace_id=ground.workspaces[0])
    assert get_guardrail(made["id"]).name == "x"
    assert {guardrail.id for guardrail in list_guardrails()} == {*ground.guardrails}
    assert [guardrail.id for guardrail in list_guardrails("first")] == [made["id"]]


def test_members_are_found(ground: Ground) -> None:
    """All of a workspace, and one by the person."""
    default = ground.control.default_workspace_id
    assert ground.member in {member.user_id for member in list_members(default)}
    assert get_member(default, ground.member).role == "member"


def test_credits_and_models_are_found() -> None:
    """In USD, and with their prices; a model also by its canonical slug."""
    assert get_credits().total_credits >= 0
    assert {model.id for model in list_models()} > {"openai/gpt-4o-mini"}
    assert get_model("sandbox/echo").pricing["prompt"] == "0.00001"
    assert get_model("sandbox/echo-2025-01-01").id == "sandbox/echo"


def test_what_serves_a_model_is_found(control: Control) -> None:
    """With its price; and everybody who serves one."""
    control.configure(model_prices={"sandbox/echo": {"prompt": "0.5"}})
    (endpoint,) = list_endpoints("sandbox/echo")
    assert (endpoint.provider_name, endpoint.pricing["prompt"]) == ("sandbox", "0.5")
    assert {"anthropic", "openai", "sandbox"} <= {provider.slug for provider in list_providers()}


def test_models_of_every_output_are_found() -> None:
    """Not only those that answer with text."""
    assert get_model("sandbox/painter").output_modalities == ["image"]


def test_presets_are_found(control: Control) -> None:
    """All of them, and one with what it stands for."""
    control.configure(presets={"triage": {"model": "sandbox/echo"}, "draft": {}})
    assert [preset.slug for preset in list_presets()] == ["triage", "draft"]
    version = get_preset("triage").designated_version
    assert version is not None
    assert version.config == {"model": "sandbox/echo"}


def test_activity_is_found_by_key(control: Control) -> None:
    """Of one key, one workspace or one day; the day that is not over yet is not in it."""
    made = [control.create_key(name=name) for name in ("a", "b")]
    for (_, key), model in zip(made, ("sandbox/echo", "openai/gpt-4o-mini"), strict=True):
        asked = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
        httpx.post(
            f"{control.url}/chat/completions", headers={"Authorization": f"Bearer {key}"}, json=asked, verify=NO_TLS
        )
    assert get_activity() == []
    control.configure(now=(START + timedelta(days=1)).isoformat())
    assert {each.model for each in get_activity()} == {"sandbox/echo", "openai/gpt-4o-mini"}
    (row,) = get_activity(key=made[0][0]["hash"], date="2027-01-01")
    assert (row.date, row.model, row.requests, row.usage) == ("2027-01-01", "sandbox/echo", 1, 0.01)
    assert len(get_activity(workspace="default")) == 2
    assert get_activity(date="2026-12-31") == []


@pytest.mark.parametrize(
    ("look_up", "said"),
    [
        (lambda: get_key("0" * 64), "reading key 0000"),
        (lambda: get_workspace("nowhere"), "reading workspace 'nowhere'"),
        (lambda: list_keys("nowhere"), "reading workspace 'nowhere'"),
        (lambda: get_guardrail("nowhere"), "reading guardrail nowhere"),
        (lambda: get_member("default", "nobody"), "workspace 'default'"),
        (lambda: get_model("no/such"), "there is no model 'no/such'"),
        (lambda: list_endpoints("no/such"), "listing the endpoints of model 'no/such'"),
        (lambda: get_preset("nowhere"), "reading preset 'nowhere'"),
        (lambda: get_activity(workspace="nowhere"), "reading workspace 'nowhere'"),
    ],
)
def test_what_does_not_exist_is_not_found(look_up: Callable[[], object], said: str) -> None:
    """Each is a NotFound that names what was looked for."""
    with pytest.raises(NotFound, match=said):
        look_up()


def test_a_wrong_credential_is_one_of_our_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong is told as everywhere else, without the credential."""
    canary = "sk-or-v1-" + "c" * 24
    monkeypatch.setenv("OPENROUTER_MANAGEMENT_KEY", canary)
    with pytest.raises(AuthenticationError) as caught:
        list_workspaces()
    assert canary not in repr(caught.value)


def test_a_missing_credential_says_how_to_set_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a call is made."""
    monkeypatch.setenv("OPENROUTER_MANAGEMENT_KEY", "")
    with pytest.raises(ConfigurationError, match="no OpenRouter management key: set OPENROUTER_MANAGEMENT_KEY"):
        get_credits()
