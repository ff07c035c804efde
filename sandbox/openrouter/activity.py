"""Route /activity: what was asked of the models, by day, over the last 30 whole days."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.openrouter.auth import manager
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.models import canonical
from sandbox.openrouter.spending import COMPLETION_TOKENS, PROMPT_TOKENS, PROVIDER, Spending
from sandbox.openrouter.store import Account
from sandbox.openrouter.validation import Uuid, query_of

_DAYS = 30
_DATE_LENGTH = len("YYYY-MM-DD")


def _day(sent: Any) -> date:
    if not isinstance(sent, str) or len(sent) != _DATE_LENGTH:
        raise ValueError("Invalid date: expected YYYY-MM-DD")
    return date.fromisoformat(sent)


Day = Annotated[date, BeforeValidator(_day)]


class ActivityQuery(BaseModel):
    """Query of GET /activity."""

    date: Day | None = None
    api_key_hash: str | None = None
    user_id: str | None = None
    group_by: Literal["workspace"] | None = None
    workspace_id: Uuid | None = None


async def show(request: Request) -> JSONResponse:
    """Show one row for each day, model and, if asked for, workspace."""
    account = manager(request)
    query = query_of(request, ActivityQuery)
    if query.workspace_id is not None and query.workspace_id not in account.workspaces:
        raise ApiError(404, "Workspace not found")
    chosen = [spending for spending in account.spendings if _asked_for(spending, query, _days(account, query))]
    return JSONResponse({"data": _rows(chosen, by_workspace=query.group_by is not None)})


def _days(account: Account, query: ActivityQuery) -> tuple[date, date]:
    """Return the first and the last day to show; raise ApiError 400 for a day that is out of reach."""
    today = account.now().date()
    first, last = today - timedelta(days=_DAYS), today - timedelta(days=1)
    if query.date is None:
        return first, last
    if not first <= query.date <= last:
        raise ApiError(400, "date: must be one of the last 30 completed UTC days")
    return query.date, query.date


def _asked_for(spending: Spending, query: ActivityQuery, days: tuple[date, date]) -> bool:
    return (
        days[0] <= spending.day <= days[1]
        and query.api_key_hash in {None, spending.key_hash}
        and query.user_id in {None, spending.user_id}
        and query.workspace_id in {None, spending.workspace_id}
    )


def _rows(spendings: Iterable[Spending], *, by_workspace: bool) -> list[dict[str, Any]]:
    groups: dict[tuple[date, str, str | None], list[Spending]] = defaultdict(list)
    for spending in spendings:
        groups[spending.day, spending.model, spending.workspace_id if by_workspace else None].append(spending)
    return [_row(*group, members) for group, members in groups.items()]


def _row(day: date, model: str, workspace_id: str | None, spendings: list[Spending]) -> dict[str, Any]:
    row = {
        "date": day.isoformat(),
        "model": model,
        "model_permaslug": canonical(model),
        "endpoint_id": str(uuid.uuid5(uuid.NAMESPACE_URL, model)),
        "provider_name": PROVIDER,
        "usage": round(sum(spending.cost_usd for spending in spendings), 9),
        "byok_usage_inference": 0.0,
        "requests": len(spendings),
        "prompt_tokens": PROMPT_TOKENS * len(spendings),
        "completion_tokens": COMPLETION_TOKENS * len(spendings),
        "reasoning_tokens": 0,
        "cached_tokens": 0,
    }
    return row if workspace_id is None else row | {"workspace_id": workspace_id}


ROUTES = [Route("/activity", show, methods=["GET"])]
