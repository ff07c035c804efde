"""What OpenRouter answers to keys that work no more, in each way in which it may answer, and what is made of it."""

from typing import Any

import pytest
from pydantic import SecretStr

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import (
    AuthenticationError,
    InsufficientCredits,
    NotFound,
    PermissionDenied,
    ResponseError,
)
from sandbox.openrouter import Control

pytest_plugins = ("tests.unit.account_fixtures",)


@pytest.mark.parametrize(
    ("key", "settings", "kind", "words"),
    [
        ({"expires_at": "2026-01-01T00:00:00Z"}, {}, AuthenticationError, "the key has expired, was deleted or is"),
        ({"disabled": True}, {"disabled_key_status": 403}, PermissionDenied, "the key is disabled or has expired"),
        ({"disabled": True}, {"disabled_key_status": 401}, AuthenticationError, "was deleted or is disabled"),
    ],
)
def test_a_key_that_is_expired_or_disabled(
    client: ManagementClient, control: Control, key: dict[str, Any], settings: dict[str, Any], kind: Any, words: str
) -> None:
    """Each answer is refused with every cause that fits, and with the service's secret as the place to look at."""
    record, value = control.create_key(name="n")
    control.edit_key(record["hash"], **key)
    control.configure(**settings)
    with pytest.raises(kind, match=words) as caught:
        client.current_key(SecretStr(value))
    assert "OPENROUTER_MANAGEMENT_KEY" not in str(caught.value)
    assert value not in str(caught.value)


@pytest.mark.parametrize("status", [402, 403])
def test_a_key_that_has_spent_its_limit(client: ManagementClient, control: Control, status: int) -> None:
    """Both statuses are a spent limit, and the key's own is named before the account's credits."""
    _, value = control.create_key(name="n", limit=0)
    control.configure(over_limit_status=status)
    with pytest.raises(InsufficientCredits, match=r"Key limit exceeded.*the key has spent its limit"):
        client.chat(SecretStr(value), "sandbox/echo", "hi")


@pytest.mark.parametrize(("mode", "kind"), [("not_found", NotFound), ("forbidden", PermissionDenied)])
def test_budgets_without_the_plan_for_them(
    client: ManagementClient, control: Control, mode: str, kind: type[ResponseError]
) -> None:
    """Setting one says that they need a plan, whichever way the API says no."""
    control.configure(workspace_budgets=mode)
    with pytest.raises(kind, match=r"needs? OpenRouter's Enterprise plan"):
        client.put_budget("default", "monthly", {"limit_usd": 5})


@pytest.mark.parametrize("status", [200, 404])
def test_a_workspace_without_budgets_has_none(client: ManagementClient, control: Control, status: int) -> None:
    """An empty listing may be a 404; that of a workspace which isn't there stays one."""
    control.configure(empty_budgets_status=status)
    assert client.list_budgets("default") == []
    with pytest.raises(NotFound):
        client.list_budgets("nowhere")


def test_a_change_of_nothing_that_is_known_is_refused(client: ManagementClient, control: Control) -> None:
    """Unknown fields are ignored beside known ones, and alone they are a 400."""
    hash_ = control.create_key(name="n")[0]["hash"]
    assert client.update_key(hash_, {"limit": 3, "invented": 1}).limit == 3
    with pytest.raises(ResponseError, match="No update fields provided"):
        client.update_key(hash_, {"invented": 1})
