"""The simulator's record of what was asked of the models."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sandbox.openrouter import Control

AsKey = Callable[[str], httpx.Client]
MakeKey = Callable[..., tuple[dict[str, Any], str]]
MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def asked(control: Control, make_key: MakeKey, as_key: AsKey) -> list[str]:
    """Ask one model with two keys on a Monday; on the next day return the keys' hashes."""
    control.configure(now=MONDAY.isoformat())
    hashes = []
    for count in (2, 1):
        record, plaintext = make_key()
        hashes.append(record["hash"])
        body = {"model": "sandbox/echo", "messages": [{"role": "user", "content": "hi"}]}
        for _ in range(count):
            as_key(plaintext).post("/chat/completions", json=body)
    control.configure(now=(MONDAY + timedelta(days=1)).isoformat())
    return hashes


def rows(api: httpx.Client, query: str = "") -> list[dict[str, Any]]:
    """Return the rows of the activity."""
    found: list[dict[str, Any]] = api.get(f"/activity?{query}").json()["data"]
    return found


@pytest.mark.usefixtures("asked")
def test_a_row_sums_a_model_s_day(api: httpx.Client) -> None:
    """Completions of one model on one day are one row, without a workspace unless asked for."""
    [row] = rows(api)
    assert (row["date"], row["model"], row["requests"], row["usage"]) == ("2026-03-02", "sandbox/echo", 3, 0.03)
    assert "workspace_id" not in row
    assert "workspace_id" in rows(api, "group_by=workspace")[0]


def test_rows_can_be_narrowed(api: httpx.Client, asked: list[str]) -> None:
    """A key's hash, a user or a day narrows the rows."""
    narrowed = {
        f"api_key_hash={asked[1]}": [1],
        "user_id=user_other": [],
        "date=2026-03-01": [],
        "date=2026-03-02": [3],
    }
    assert {query: [row["requests"] for row in rows(api, query)] for query in narrowed} == narrowed


@pytest.mark.usefixtures("asked")
def test_only_whole_days_of_the_last_thirty_are_shown(api: httpx.Client, control: Control) -> None:
    """Neither the day under way nor one more than thirty days ago is shown."""
    seen = {}
    for days in (0, 30, 31):
        control.configure(now=(MONDAY + timedelta(days=days)).isoformat())
        seen[days] = len(rows(api))
    assert seen == {0: 0, 30: 1, 31: 0}


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("query", ["date=2026-03-03", "date=20260302", "date=x", "group_by=model", "workspace_id=x"])
def test_wrong_queries_are_refused(api: httpx.Client, query: str) -> None:
    """A day out of reach or a value of the wrong form is a 400."""
    assert api.get(f"/activity?{query}").status_code == 400
