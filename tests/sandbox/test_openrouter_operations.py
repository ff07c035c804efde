"""Names of the simulator's operations, and edits that are none."""

import httpx
import pytest
from starlette.routing import Mount, Route

from sandbox.openrouter import Control
from sandbox.openrouter.app import make_app
from sandbox.openrouter.client import ControlError
from sandbox.openrouter.middleware import API_PREFIX
from sandbox.openrouter.operations import known_operations, operation_of
from sandbox.openrouter.store import Store


def served() -> list[tuple[str, str]]:
    """Return method and path of everything that the API serves."""
    api = next(m for m in make_app(Store()).routes if isinstance(m, Mount) and m.path == API_PREFIX)
    routes = [route for route in api.routes if isinstance(route, Route)]
    return [(method, route.path) for route in routes for method in sorted((route.methods or set()) - {"HEAD"})]


def test_every_route_has_a_name_that_faults_know() -> None:
    """Each route is one operation, of a name of its own, and there are no other names."""
    named = [operation_of(method, path) for method, path in served()]
    assert sorted(named) == sorted(known_operations())


@pytest.mark.parametrize("path", ["/guardrails/", "/guardrails/x/y", "/keys/x/assignments", "", "/"])
def test_other_paths_have_none(path: str) -> None:
    """A path that the API doesn't serve is `other`."""
    assert operation_of("GET", path) == "other"


def test_a_guardrail_meets_its_faults(api: httpx.Client, control: Control) -> None:
    """A fault planned for an operation spoils that operation alone; its calls are counted."""
    control.fault("create_guardrail", "empty", after=True)
    assert api.post("/guardrails", json={"name": "g"}).content == b""
    assert [g["name"] for g in api.get("/guardrails").json()["data"]] == ["g"]
    assert control.stats()["by_operation"] == {"create_guardrail": 1, "list_guardrails": 1}


def test_edits_out_of_band_are_no_calls(control: Control) -> None:
    """What a test edits behind the API's back is neither counted nor spoiled."""
    control.fault("any", "status_before", count=99)
    workspace = control.create_workspace(name="W", slug="w")["id"]
    control.edit_workspace(workspace, name="V")
    control.edit_budget(workspace, "daily", limit_usd=5)
    guardrail = control.create_guardrail(name="g", workspace_id=workspace)["id"]
    control.edit_guardrail(guardrail, description="d")
    control.assign_members(guardrail, [control.account_id])
    byok_key = control.create_byok_key(provider="openai", key="k")["id"]
    control.edit_byok_key(byok_key, disabled=True)
    assert [control.workspaces()[1]["name"], control.budgets(workspace)[0]["limit_usd"]] == ["V", 5]
    assert [control.guardrails()[0]["description"], control.byok_keys()[0]["disabled"]] == ["d", True]
    assert len(control.member_assignments()) == 1
    assert control.calls() == []


def test_deletions_out_of_band_are_no_calls(control: Control) -> None:
    """What a test deletes behind the API's back is gone."""
    workspace = control.create_workspace(name="W", slug="w")["id"]
    control.edit_budget(workspace, "daily", limit_usd=5)
    control.delete_budget(workspace, "daily")
    assert control.budgets(workspace) == []
    guardrail = control.create_guardrail(name="g")["id"]
    control.assign_members(guardrail, [control.account_id])
    control.unassign_members(guardrail, [control.account_id])
    assert control.member_assignments() == []
    control.delete_guardrail(guardrail)
    control.delete_byok_key(control.create_byok_key(provider="openai", key="k")["id"])
    control.delete_workspace(workspace)
    assert [control.guardrails(), control.byok_keys(), len(control.workspaces())] == [[], [], 1]
    assert control.calls() == []


@pytest.mark.default_answers
def test_a_thing_can_be_older_than_the_test(control: Control) -> None:
    """The instant of creation can be set out of band."""
    made = control.create_guardrail(name="g", created_at="2026-01-01T00:00:00Z")
    assert made["created_at"] == "2026-01-01T00:00:00.000000+00:00"


def test_edits_out_of_band_obey_the_rules(control: Control) -> None:
    """An edit that the API would refuse is refused."""
    with pytest.raises(ControlError, match="reset_interval"):
        control.create_guardrail(name="g", limit_usd=5)
