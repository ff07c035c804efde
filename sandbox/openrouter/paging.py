"""Listings that are asked for by offset and limit."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field
from starlette.responses import JSONResponse

from sandbox.openrouter.validation import Uuid

# Python's own reading of a whole number is broader: it takes " 1 " and "1_0".
_WHOLE = re.compile(r"-?\d{1,15}", re.ASCII)


def _whole(sent: Any) -> int:
    if not isinstance(sent, str) or not _WHOLE.fullmatch(sent):
        raise ValueError("Invalid input: expected a whole number")
    return int(sent)


def _offset(sent: Any) -> int:
    """Read an offset; the description also allows null."""
    return 0 if sent == "null" else _whole(sent)


class Page(BaseModel):
    """Query of a listing."""

    offset: Annotated[int, BeforeValidator(_offset), Field(ge=0)] = 0
    limit: Annotated[int, BeforeValidator(_whole), Field(ge=1, le=100)] = 50


class WorkspacePage(Page):
    """Query of a listing of one workspace; without it the default workspace is meant."""

    workspace_id: Uuid | None = None


def page_of(page: Page, records: Sequence[dict[str, Any]]) -> JSONResponse:
    """Return the part of a listing that was asked for, and how many entries there are in all."""
    shown = records[page.offset : page.offset + page.limit]
    return JSONResponse({"data": list(shown), "total_count": len(records)})
