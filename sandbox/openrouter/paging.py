"""Listings that are asked for by offset and limit."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, Field
from starlette.responses import JSONResponse

from sandbox.openrouter.validation import Uuid

Entry = TypeVar("Entry")
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


Row = dict[str, Any] | None
"""An entry as it is shown; None where the row is there and shown to nobody."""


def page_of(page: Page, rows: Sequence[Row], every: int | None = None) -> JSONResponse:
    """Return the part of a listing that was asked for, and how many rows there are in all.

    The page is cut first; rows that are shown to nobody are left out of it afterwards, so that it may be short before
    the end.

    Args:
        page: the query.
        rows: the listing.
        every: how often a row is put in that is shown to nobody.
    """
    all_rows = with_dead_rows(rows, every)
    return JSONResponse(
        {"data": living(all_rows[page.offset : page.offset + page.limit]), "total_count": len(all_rows)}
    )


def with_dead_rows(rows: Sequence[Entry | None], every: int | None) -> list[Entry | None]:
    """Return a listing in which a row that is shown to nobody comes before each so many."""
    if every is None:
        return list(rows)
    pieces = [[None, *rows[start : start + every]] for start in range(0, len(rows), every)]
    return [row for piece in pieces for row in piece]


def living(rows: Sequence[Entry | None]) -> list[Entry]:
    """Return the rows that are shown."""
    return [row for row in rows if row is not None]
