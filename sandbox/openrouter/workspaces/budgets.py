"""Routes under /workspaces/{id}/budgets."""

from itertools import pairwise

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.openrouter.auth import manager
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.store import Account
from sandbox.openrouter.validation import body_of, parse
from sandbox.openrouter.workspaces.finding import workspace_of
from sandbox.openrouter.workspaces.records import Budget, Workspace
from sandbox.openrouter.workspaces.requests import WIDEST_FIRST, BudgetPath, Interval, PutBudget


async def list_all(request: Request) -> JSONResponse:
    """Show every budget of a workspace."""
    account = manager(request)
    workspace = workspace_of(account, request)
    _check_plan(account)
    if not workspace.budgets and account.settings.empty_budgets_status == 404:
        raise ApiError(404, "No budgets found for this workspace")
    style = account.settings.timestamp_style
    return _answer(workspace, [budget.record(style) for budget in workspace.budgets.values()])


async def get(request: Request) -> JSONResponse:
    """Show the budget of one interval."""
    account = manager(request)
    workspace = workspace_of(account, request)
    _check_plan(account)
    budget = workspace.budgets.get(_interval(request))
    if budget is None:
        raise ApiError(404, "Budget not found")
    return _answer(workspace, budget.record(account.settings.timestamp_style))


async def put(request: Request) -> JSONResponse:
    """Make or change the budget of one interval."""
    account = manager(request)
    workspace, interval = workspace_of(account, request), _interval(request)
    _check_plan(account)
    wish = await body_of(request, PutBudget)
    with account.lock:
        budget = set_budget(account, workspace, interval, wish)
    return _answer(workspace, budget.record(account.settings.timestamp_style))


async def delete(request: Request) -> JSONResponse:
    """Remove the budget of one interval; that there is none is no error."""
    account = manager(request)
    workspace_of(account, request).budgets.pop(_interval(request), None)
    return JSONResponse({"deleted": True})


def set_budget(account: Account, workspace: Workspace, interval: Interval, wish: PutBudget) -> Budget:
    """Make or change a budget; raise ApiError when a narrower interval would have as much as a wider one."""
    limits = {name: budget.limit_usd for name, budget in workspace.budgets.items()} | {interval: wish.limit_usd}
    check_order(limits)
    now = account.now()
    budget = workspace.budgets.get(interval) or Budget(
        fields={}, created_at=now, workspace_id=workspace.id, interval=interval
    )
    budget.change({"limit_usd": wish.limit_usd}, now)
    workspace.budgets[interval] = budget
    if "include_byok_in_budgets" in wish.model_fields_set:
        workspace.include_byok_in_budgets = wish.include_byok_in_budgets
    return budget


def check_order(limits: dict[Interval, float]) -> None:
    """Raise ApiError 400 unless the limits strictly decrease as the interval narrows."""
    present = [interval for interval in WIDEST_FIRST if interval in limits]
    for wide, narrow in pairwise(present):
        if limits[narrow] >= limits[wide]:
            raise ApiError(400, f"limit_usd: the {narrow} budget must be lower than the {wide} budget")


def _check_plan(account: Account) -> None:
    """Raise ApiError where the account's plan has no budgets of workspaces."""
    if account.settings.workspace_budgets == "not_found":
        raise ApiError(404, "Not found")
    if account.settings.workspace_budgets == "forbidden":
        raise ApiError(403, "Workspace budgets require an Enterprise plan")


def _interval(request: Request) -> Interval:
    return parse(BudgetPath, {"interval": request.path_params["interval"]}).interval


def _answer(workspace: Workspace, data: object) -> JSONResponse:
    return JSONResponse({"data": data, "include_byok_in_budgets": workspace.include_byok_in_budgets})


_ONE = "/workspaces/{id}/budgets/{interval}"
ROUTES = [
    Route("/workspaces/{id}/budgets", list_all, methods=["GET"]),
    Route(_ONE, get, methods=["GET"]),
    Route(_ONE, put, methods=["PUT"]),
    Route(_ONE, delete, methods=["DELETE"]),
]
