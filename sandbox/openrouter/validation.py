"""Requests as the API accepts them; everything else is a 400 that says which field is wrong."""

import json
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NoReturn, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    StrictBool,
    StrictStr,
    ValidationError,
)
from starlette.requests import Request

from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.records import Window

Model = TypeVar("Model", bound=BaseModel)

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z", re.ASCII)
_UUID = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"


def _instant(value: Any) -> datetime | None:
    """Accept `YYYY-MM-DDTHH:MM:SS[.f]Z` only: UTC, with seconds."""
    if value is None:
        return None
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise ValueError("Invalid datetime: expected ISO 8601 in UTC with seconds, like YYYY-MM-DDTHH:MM:SSZ")
    return datetime.fromisoformat(value).astimezone(UTC)


DataRegion = Literal["global", "europe", "us"]
Instant = Annotated[datetime | None, BeforeValidator(_instant)]
Money = Annotated[FiniteFloat, Field(strict=True, ge=0)] | None
Text = Annotated[StrictStr, Field(min_length=1)]
Uuid = Annotated[StrictStr, Field(pattern=_UUID), AfterValidator(str.lower)]


class CreateKey(BaseModel):
    """Body of POST /keys."""

    name: Text
    limit: Money = None
    limit_reset: Window | None = None
    include_byok_in_limit: StrictBool = False
    expires_at: Instant = None
    creator_user_id: Text | None = None
    workspace_id: Uuid | None = None


class UpdateKey(BaseModel):
    """Body of PATCH /keys/{hash}: a field left out stays, null clears a limit or its reset."""

    name: StrictStr = ""
    disabled: StrictBool = False
    limit: Money = None
    limit_reset: Window | None = None
    include_byok_in_limit: StrictBool = False
    workspace_id: Uuid = ""


class EditKey(UpdateKey):
    """Any field of a key, for edits out of band."""

    model_config = ConfigDict(extra="forbid")

    expires_at: Instant = None
    created_at: Instant = None
    creator_user_id: StrictStr | None = None
    usage: float = 0
    usage_daily: float = 0
    usage_weekly: float = 0
    usage_monthly: float = 0
    byok_usage: float = 0
    byok_usage_daily: float = 0
    byok_usage_weekly: float = 0
    byok_usage_monthly: float = 0


class ListKeys(BaseModel):
    """Query of GET /keys."""

    offset: Annotated[int, Field(ge=0)] = 0
    include_disabled: Literal["true", "false"] = "false"
    include_expired: Literal["true", "false"] = "false"
    workspace_id: Uuid | None = None


class Message(BaseModel):
    """One message of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: StrictStr | list[dict[str, Any]] | None = None


class Completion(BaseModel):
    """Body of POST /chat/completions, as far as the simulator reads it."""

    model: Text
    messages: Annotated[list[Message], Field(min_length=1)]
    stream: StrictBool = False


async def body_of(request: Request, model: type[Model]) -> Model:
    """Return a request's JSON body as a model; raise ApiError 400 when it isn't one."""
    try:
        sent = json.loads(await request.body(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "Invalid JSON in the request body") from error
    if not isinstance(sent, dict):
        raise ApiError(400, "Invalid input: expected a JSON object")
    return parse(model, sent)


def query_of(request: Request, model: type[Model]) -> Model:
    """Return a request's query as a model; raise ApiError 400 when it isn't one."""
    return parse(model, dict(request.query_params))


def parse(model: type[Model], sent: dict[str, Any]) -> Model:
    """Return values as a model; raise ApiError 400 naming every field that is wrong."""
    try:
        return model.model_validate(sent)
    except ValidationError as error:
        wrong = [
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False, include_input=False)
        ]
    raise ApiError(400, "; ".join(wrong))


def set_fields(model: BaseModel) -> dict[str, Any]:
    """Return only what the request itself gave."""
    return model.model_dump(exclude_unset=True)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
