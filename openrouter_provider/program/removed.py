"""Services that were deployed and that the config no longer declares: which were used, and which may not go.

Pulumi calls no hook for them: one that runs before a deletion would have to be registered by every later program, and
`pulumi destroy`, which runs none, would fail on it. So the program compares its services with the stack's last output.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pulumi

from ..api.errors import NotFound, OpenRouterError
from ..api.money import usd
from ..config.problems import Problem, StackConfigError, config_step
from ..keys.schedule import format_instant
from ..settings import clock

if TYPE_CHECKING:
    from ..api.models import KeyRecord
    from ..config.stack import StackConfig

LastServices = Mapping[str, Mapping[str, Any]]
LATELY = timedelta(days=7)
YOUNG_WEEK_DAYS = 3
"""On the first days of a week its counter says too little, and the month's is asked too."""
AT_ONCE = 8


def removed(before: LastServices, declared: Collection[str], aliases: Collection[str]) -> LastServices:
    """Return the services of the last output that this program would delete.

    Args:
        before: the stack's output `services` of the last run.
        declared: the names of the services that the config has.
        aliases: the earlier names of those that were renamed.
    """
    return {name: each for name, each in before.items() if name not in declared and name not in aliases}


def protected(gone: LastServices) -> Iterator[Problem]:
    """Yield a problem for each service that was protected and is to be deleted."""
    for name, each in gone.items():
        if each.get("protect"):
            what = "is protected and may not be removed: put it back, or set protect: false and run `pulumi up` first"
            yield Problem(f"services{config_step(name)}", what)


def use_of(record: "KeyRecord", now: datetime) -> str | None:
    """Return in words how a key was used in the last days; None where it was not."""
    week = record.usage_weekly + record.byok_usage_weekly
    month = record.usage_monthly + record.byok_usage_monthly
    day = record.usage_daily + record.byok_usage_daily
    spent = max(week, day, month if now.weekday() < YOUNG_WEEK_DAYS else 0.0)
    called = record.last_used_at
    lately = called is not None and called > now - LATELY and not record.never_used
    if not spent and not lately:
        return None
    sums = f"it spent {usd(week)} this week and {usd(month)} this month"
    return f"{sums}; its last call was at {format_instant(called)}" if called else sums


def lines_of(gone: LastServices, look: Callable[[str], "KeyRecord"], now: datetime) -> Iterator[str]:
    """Yield the warning of each service that goes and whose key was used lately, or could not be asked about.

    Args:
        gone: the services that go.
        look: returns a key's record by its hash; raises NotFound where it is gone already.
        now: the present instant.
    """

    def line(name: str) -> str | None:
        try:
            use = use_of(look(str(gone[name]["keyHash"])), now)
        except NotFound:
            return None
        except OpenRouterError as error:
            return f"{name}: it is removed, and whether its key is still in use could not be asked: {error}"
        return use and f"{name}: it is removed, and its key was used lately: {use}; its readers will fail"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from filter(None, pool.map(line, [name for name, each in gone.items() if each.get("keyHash")]))


def watch_removals(config: "StackConfig") -> None:
    """Refuse to let a protected service go, and warn of each other one that goes and was used lately.

    Raises:
        StackConfigError: names each protected service that the config no longer has.
    """
    aliases = [alias for each in config.services.values() for alias in each.aliases]
    gone = removed(_last_services(), config.services, aliases)
    if not gone:
        return
    problems = list(protected(gone))
    if problems:
        raise StackConfigError(problems)
    from .lookups import get_key  # noqa: PLC0415 - a program that makes no call loads no HTTP client

    for line in lines_of(gone, get_key, clock()):
        pulumi.log.warn(line)


def _last_services() -> LastServices:
    """Return the stack's own output `services` of the last run; nothing where there was none or it can't be read."""
    name = "/".join((pulumi.get_organization() or "organization", pulumi.get_project(), pulumi.get_stack()))
    try:
        found = pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {"name": name}).value
    except Exception:  # noqa: BLE001 - whatever the backend answers, the run itself will say it better
        return {}
    services = found.get("outputs", {}).get("services") if isinstance(found, Mapping) else None
    return {name: each for name, each in services.items() if isinstance(each, Mapping)} if services else {}
