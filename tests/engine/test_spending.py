"""What a service spent, through a rotation and the end of its overlap: what all its keys spent, in sum."""

import json
from typing import Any

from openrouter_provider.keys.spent import SPENT
from tests.engine.previewing import lies, outputs_of, previewed
from tests.engine.schedule import after
from tests.harness import Stack
from tests.soak import only_in_soak

SUPERSEDED = "SupersededKeys checkout"


def command(stack: Stack, *arguments: str) -> Any:
    """Return what a reading command prints as JSON; it changes nothing."""
    stack.control.clear_calls()
    run = stack.run("openrouter-keys", *arguments, "--format", "json", "--stack", stack.name)
    assert {call["method"] for call in stack.control.calls()} == {"GET"}
    return json.loads(run.stdout)


def reported(stack: Stack) -> dict[str, Any]:
    """Return the service's row in the report."""
    row: dict[str, Any]
    (row,) = command(stack, "report")["services"]
    return row


def move(stack: Stack, days: float) -> None:
    """Let days pass, for the commands and for the API."""
    stack.now = after(days)
    stack.control.configure(now=stack.now)


def spend(stack: Stack, hash_: str, usage: float, month: float) -> None:
    """Have a key spent so much, in total and this month."""
    stack.control.edit_key(hash_, usage=usage, usage_monthly=month, usage_weekly=month, usage_daily=0)


@only_in_soak
def test_the_sums_are_what_all_keys_of_the_service_spent(rotating: Stack) -> None:
    """Through a rotation, the end of its overlap, and a key that was deleted by hand; previews stay truthful."""
    move(rotating, 0)
    first = rotating.services()["checkout"]["keyHash"]
    spend(rotating, first, 4.25, 4.25)
    assert reported(rotating)["total_usd"] == 4.25

    move(rotating, 91)
    rotating.up()
    second = rotating.services()["checkout"]["keyHash"]
    spend(rotating, first, 6, 1.75)
    spend(rotating, second, 0.5, 0.5)
    row = reported(rotating)
    assert (row["month_usd"], row["total_usd"], row["superseded_keys"]) == (2.25, 6.5, 1)
    (shown,) = command(rotating, "show", "checkout")["superseded"]
    assert (shown["key_hash"], shown["usage_usd"], shown["usage_monthly_usd"]) == (first, 6, 1.75)

    move(rotating, 99)
    planned, said = previewed(rotating)
    rotating.up()
    kept = outputs_of(rotating)[SUPERSEDED]
    assert (planned[SUPERSEDED], lies(said[SUPERSEDED], kept)) == ("update", {})
    assert (kept[SPENT]["total"], kept[SPENT]["monthly"]) == (6, 1.75)
    rotating.up("--expect-no-changes")
    rotating.up("--refresh", "--expect-no-changes")
    assert not rotating.drifted()
    row = reported(rotating)
    assert (row["month_usd"], row["total_usd"], row["deleted_keys"], row["uncounted_keys"]) == (2.25, 6.5, 1, 0)
    assert command(rotating, "show", "checkout")["deleted"]["usage_usd_by_key"] == {first: 6}

    move(rotating, 125)
    assert (reported(rotating)["month_usd"], reported(rotating)["total_usd"]) == (0, 6.5)

    rotating.control.delete_key(second)
    rotating.up("--refresh")
    row = reported(rotating)
    assert (row["total_usd"], row["deleted_keys"], row["uncounted_keys"]) == (6, 1, 1)
