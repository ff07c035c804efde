"""The account's changes of a day are used up in the middle of a deployment: it stops, and the next day it goes on."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from tests.harness import Stack
from tests.soak import only_in_soak

COUNT, A_DAY = 10, 6
AT_ONCE = 8
SERVICES = {f"service-{number:02}": {"limit": 5} for number in range(COUNT)}


def set_day(stack: Stack, day: int) -> None:
    """Let the account's clock show noon of a day that is certainly not over yet."""
    tomorrow = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)
    stack.control.configure(now=(tomorrow + timedelta(days=day)).isoformat())
    stack.control.clear_calls()


def changes(stack: Stack) -> Counter[int]:
    """Return how often changing calls were answered with each status."""
    return Counter(call["status"] for call in stack.control.calls() if call["method"] != "GET")


@only_in_soak
def test_a_deployment_stops_at_the_daily_limit_and_goes_on_the_next_day(stack: Stack) -> None:
    """The first up says why it ends and when to go on; the next finishes, one key a service, as destroy does."""
    stack.control.configure(daily_change_limit=A_DAY)
    stack.configure(SERVICES)
    plan = stack.pulumi("preview")
    assert f"about {COUNT} calls that change the OpenRouter account are ahead" in plan.output
    set_day(stack, 0)
    run = stack.up(check=False)
    assert run.code
    assert f"today's limit of {A_DAY} on creating, changing and deleting is used up" in run.output
    assert "T00:00:00Z: run the same command again then" in run.output
    done = changes(stack)
    assert done[201] == A_DAY
    assert 1 <= done[429] <= AT_ONCE
    set_day(stack, 1)
    stack.up()
    assert sorted(key["name"].rpartition("-")[0] for key in stack.control.keys()) == [
        f"{stack.prefix}/{name}" for name in SERVICES
    ]
    assert all(stack.authenticates(name) for name in SERVICES)
    set_day(stack, 2)
    destroyed = stack.pulumi("destroy", "--yes", "--skip-preview", check=False)
    assert destroyed.code
    assert len(stack.control.keys()) == COUNT - A_DAY
    stack.control.configure(daily_change_limit=COUNT)
    stack.destroy()
    assert stack.control.keys() == []
