"""How many calls each operation makes: the number is what a bigger stack pays, so it is pinned exactly."""

from typing import Any

from tests.harness import Stack

COUNT = 12
WISH = {"limit": 50, "limitReset": "monthly"}


def services(**changed: Any) -> dict[str, dict[str, Any]]:
    """Return the wish for twelve services, the first one's settings changed."""
    wishes = {f"service-{number:02}": dict(WISH) for number in range(COUNT)}
    wishes["service-00"] |= changed
    return wishes


def calls_of(stack: Stack, *arguments: str) -> dict[str, int]:
    """Run pulumi and return the API calls that it made, by operation."""
    stack.control.clear_calls()
    stack.pulumi(*arguments)
    counts: dict[str, int] = stack.control.stats()["by_operation"]
    return counts


def test_each_operation_makes_exactly_the_calls_it_must(stack: Stack) -> None:
    """One POST a new key, none to preview, a page to refresh, one PATCH a change, one DELETE a key."""
    stack.configure(services())
    up = ("up", "--yes", "--skip-preview")
    assert calls_of(stack, *up) == {"create_key": COUNT}
    assert calls_of(stack, "preview", "--expect-no-changes") == {}
    assert calls_of(stack, "preview", "--refresh", "--expect-no-changes") == {"list_keys": 1}
    stack.configure(services(limit=60))
    assert calls_of(stack, *up) == {"update_key": 1}
    assert calls_of(stack, "destroy", "--yes", "--skip-preview") == {"delete_key": COUNT}
