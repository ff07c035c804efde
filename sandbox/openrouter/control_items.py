"""Control routes for workspaces, guardrails and keys of other vendors, and for budgets, assignments and members.

The rules of the API hold here too; what is asked for here neither counts as a call nor meets a fault. `created_at`
and `updated_at` may be set as well.
"""

from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.openrouter import around
from sandbox.openrouter.area import Area, show
from sandbox.openrouter.byok.routes import BYOK_KEYS
from sandbox.openrouter.control import account_of
from sandbox.openrouter.guardrails.assignments import SUBJECTS
from sandbox.openrouter.guardrails.routes import GUARDRAILS
from sandbox.openrouter.items import Item
from sandbox.openrouter.validation import Instant, Text, body_of, parse, set_fields
from sandbox.openrouter.workspaces.budgets import set_budget
from sandbox.openrouter.workspaces.finding import workspace_of
from sandbox.openrouter.workspaces.records import Role
from sandbox.openrouter.workspaces.requests import BudgetPath, PutBudget
from sandbox.openrouter.workspaces.routes import WORKSPACES

AREAS: dict[str, Area[Any]] = {"workspaces": WORKSPACES, "guardrails": GUARDRAILS, "byok": BYOK_KEYS}


class Instants(BaseModel):
    """What a test may set beside the fields of the API."""

    created_at: Instant = None
    updated_at: Instant = None


class Anything(BaseModel, extra="allow"):
    """Fields that are still to be checked."""


class NewMember(BaseModel, extra="forbid"):
    """Somebody who joins the organization."""

    user_id: Text
    role: Role = "member"


async def items(request: Request) -> JSONResponse:
    """Show everything of an area, in every workspace, or create something out of band."""
    account, area = account_of(request), _area(request)
    if request.method == "GET":
        style = account.settings.timestamp_style
        return JSONResponse([item.record(style) for item in area.owned(account).values()])
    sent = (await body_of(request, Anything)).model_dump()
    with account.lock:
        item = area.make(account, parse(area.create_body, sent))
        _date(item, sent)
    return show(account, item, 201)


async def item(request: Request) -> JSONResponse:
    """Edit or delete something out of band."""
    account, area = account_of(request), _area(request)
    chosen = area.existing(area.find_to_change(account, request.path_params["id"]))
    if request.method == "DELETE":
        area.remove(account, chosen)
        return JSONResponse({"deleted": True})
    sent = (await body_of(request, Anything)).model_dump()
    with account.lock:
        area.change(account, chosen, set_fields(parse(area.update_body, sent)))
        _date(chosen, sent)
    return show(account, chosen)


async def budget(request: Request) -> JSONResponse:
    """Set or delete a budget out of band."""
    account = account_of(request)
    workspace = workspace_of(account, request)
    interval = parse(BudgetPath, {"interval": request.path_params["interval"]}).interval
    if request.method == "DELETE":
        workspace.budgets.pop(interval, None)
        return JSONResponse({"deleted": True})
    return show(account, set_budget(account, workspace, interval, await body_of(request, PutBudget)))


async def budgets(request: Request) -> JSONResponse:
    """Show a workspace's budgets."""
    account = account_of(request)
    style = account.settings.timestamp_style
    return JSONResponse([budget.record(style) for budget in workspace_of(account, request).budgets.values()])


async def assignments(request: Request) -> JSONResponse:
    """Show every assignment of keys or of members; a POST first makes some, a DELETE first ends some."""
    account, subjects = account_of(request), SUBJECTS[request.path_params["kind"]]
    if request.method != "GET":
        guardrail = GUARDRAILS.existing(GUARDRAILS.find(account, request.query_params.get("guardrail_id", "")))
        named = getattr(await body_of(request, subjects.body), subjects.field)
        if request.method == "POST":
            subjects.assign(account, guardrail.id, named)
        else:
            subjects.table(account).unassign(guardrail.id, named)
    return JSONResponse(subjects.records(account))


async def people(request: Request) -> JSONResponse:
    """Show who is in the organization; a POST first lets somebody in."""
    account = account_of(request)
    if request.method == "POST":
        newcomer = await body_of(request, NewMember)
        account.members[newcomer.user_id] = newcomer.role
    return JSONResponse([{"user_id": user_id, "role": role} for user_id, role in account.members.items()])


def _area(request: Request) -> Area[Any]:
    area: Area[Any] = {**AREAS, **around.areas()}[request.path_params["area"]]
    return area


def _date(dated: Item, sent: dict[str, Any]) -> None:
    """Set the instants that a test asked for."""
    for name, instant in set_fields(parse(Instants, sent)).items():
        setattr(dated, name, instant)


ROUTES = [
    Route("/items/{area}", items, methods=["GET", "POST"]),
    Route("/items/{area}/{id}", item, methods=["PATCH", "DELETE"]),
    Route("/workspaces/{id}/budgets", budgets, methods=["GET"]),
    Route("/workspaces/{id}/budgets/{interval}", budget, methods=["PUT", "DELETE"]),
    Route("/assignments/{kind}", assignments, methods=["GET", "POST", "DELETE"]),
    Route("/members", people, methods=["GET", "POST"]),
]
