"""The rules that a platform team sets for every service: pure decisions over the checked config, before any call.

A rule is off until the policy sets it. One service may be exempt from one rule, with a reason, and only by the policy:
whoever owns a service's settings can't excuse it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from math import inf
from typing import ClassVar

from pydantic import Field, StrictBool

from ..api.money import usd
from ..keys.schedule import parse_duration
from ..stores.catalog import STORES
from .fields import Budget, OptionalDuration, Pattern, Printable
from .models import MaxPrice, MaxPriceConfig, ServiceConfig
from .parsing import ConfigModel
from .problems import Problem

LIMITS_A_MONTH = {"daily": 31, "weekly": 6, "monthly": 1, None: 1}
"""How often a limit can be used up in one calendar month, at most: 31 days touch six weeks, where the first is a
Sunday."""

SHOWN_SERVICES = 3
MOST_SHOWN_USD = 1e15
ServicesByName = Mapping[str, ServiceConfig]
Violation = tuple[str, str]
"""The setting to mend, empty for the service as a whole, and what to do."""


class ExemptionConfig(ConfigModel):
    """The rules that one service need not follow, each with the reason why."""

    require_reset: Printable = Field(default=None, description="why the limit needs no reset")
    require_expiry_or_rotation: Printable = Field(default=None, description="why the key may live for ever")
    max_rotation_period: Printable = Field(default=None, description="why it may be rotated more seldom")
    forbid_unlimited: Printable = Field(default=None, description="why it may be unlimited")
    require_readers: Printable = Field(default=None, description="why nobody is named")
    require_models: Printable = Field(default=None, description="why it may call any model")
    max_price: Printable = Field(default=None, description="why it may call dearer models")
    name_pattern: Printable = Field(default=None, description="why it has another name")
    monthly_budget: Printable = Field(default=None, description="why it is not counted")


class PolicyConfig(ConfigModel):
    """Rules that every service must follow; all are off until they are set."""

    inner: ClassVar[Mapping[str, type[ConfigModel]]] = {"exemptions": ExemptionConfig, "maxPrice": MaxPriceConfig}

    require_reset: StrictBool = Field(default=False, description="a limit must have a reset")
    require_expiry_or_rotation: StrictBool = Field(default=False, description="no key may live for ever")
    max_rotation_period: OptionalDuration = Field(default=None, description="the longest rotation.every")
    forbid_unlimited: StrictBool = Field(default=False, description="every service must have a limit")
    require_readers: StrictBool = Field(default=False, description="who may read each secret must be named")
    require_models: StrictBool = Field(default=False, description="the models that each key may call must be bounded")
    max_price: MaxPrice = Field(default=None, description="the highest maxPrice, which each service must have")
    name_pattern: Pattern = Field(default=None, description="a regular expression that service names match as a whole")
    monthly_budget: Budget = Field(default=None, description="what all limits may let a month cost, in USD")
    exemptions: dict[str, ExemptionConfig] = Field(
        default_factory=dict, description="by service and rule: the reason why it need not follow the rule"
    )


def over_ceiling(ceiling: float | None, services: ServicesByName, path_of: Callable[[str], str]) -> Iterator[Problem]:
    """Yield a problem for each service that may spend more than `maxLimit`.

    Args:
        ceiling: `maxLimit` in USD; None for no ceiling.
        services: the services by name.
        path_of: returns where a service stands in the config.
    """
    if ceiling is None:
        return
    for name, service in services.items():
        path = path_of(name)
        if service.unlimited:
            yield Problem(f"{path}.unlimited", f"is not allowed under maxLimit {usd(ceiling)}: give a limit")
        elif service.limit is not None and service.limit > ceiling:
            yield Problem(f"{path}.limit", f"is above maxLimit {usd(ceiling)}: lower it, or raise maxLimit")


def violations(policy: PolicyConfig, services: ServicesByName, path_of: Callable[[str], str]) -> Iterator[Problem]:
    """Yield a problem for every rule that a service breaks by itself.

    Args:
        policy: the rules.
        services: the services by name.
        path_of: returns where a service stands in the config.
    """
    for name, service in services.items():
        exempt = policy.exemptions.get(name, ExemptionConfig())
        for rule, check in _RULES.items():
            if getattr(exempt, rule) is None:
                for setting, what in check(policy, name, service):
                    yield Problem(f"{path_of(name)}.{setting}".removesuffix("."), what)


def _require_reset(policy: PolicyConfig, _name: str, service: ServiceConfig) -> Iterator[Violation]:
    if policy.require_reset and service.limit is not None and service.limit_reset is None:
        yield "limitReset", "is missing, and policy.requireReset demands it: set daily, weekly or monthly"


def _require_expiry_or_rotation(policy: PolicyConfig, _name: str, service: ServiceConfig) -> Iterator[Violation]:
    if policy.require_expiry_or_rotation and not service.rotation and not service.expires_at:
        what = "is missing, and policy.requireExpiryOrRotation demands it or expiresAt: set rotation: {every: 90d}"
        yield "rotation", what


def _max_rotation_period(policy: PolicyConfig, _name: str, service: ServiceConfig) -> Iterator[Violation]:
    longest = policy.max_rotation_period
    if longest and service.rotation and parse_duration(service.rotation.every) > parse_duration(longest):
        yield "rotation.every", f"is longer than policy.maxRotationPeriod allows: set {longest} or less"


def _forbid_unlimited(policy: PolicyConfig, _name: str, service: ServiceConfig) -> Iterator[Violation]:
    if policy.forbid_unlimited and service.unlimited:
        yield "unlimited", "is forbidden by policy.forbidUnlimited: give a limit in USD"


def _require_readers(policy: PolicyConfig, _name: str, service: ServiceConfig) -> Iterator[Violation]:
    store = STORES[service.store]
    if policy.require_readers and not store.readers:
        yield "store", f"has no readers, which policy.requireReaders demands, {store.readers_are}: take another store"
    elif policy.require_readers and not store.names_readers(service.model_dump(by_alias=True)):
        fix = f"name {store.readers_are} that may read the secret"
        yield store.readers, f"is missing, and policy.requireReaders demands it: {fix}"


def _name_pattern(policy: PolicyConfig, name: str, _service: ServiceConfig) -> Iterator[Violation]:
    if policy.name_pattern and not re.fullmatch(policy.name_pattern, name):
        yield "", "has a name that policy.namePattern does not match: name it otherwise"


_RULES: Mapping[str, Callable[[PolicyConfig, str, ServiceConfig], Iterator[Violation]]] = {
    "require_reset": _require_reset,
    "require_expiry_or_rotation": _require_expiry_or_rotation,
    "max_rotation_period": _max_rotation_period,
    "forbid_unlimited": _forbid_unlimited,
    "require_readers": _require_readers,
    "name_pattern": _name_pattern,
}


def month_at_most_usd(service: ServiceConfig) -> float:
    """Return what the service's limit lets one calendar month cost at most; infinity for no limit.

    A disabled key spends nothing. What a rotation adds is not counted: a new key starts with its whole limit.
    """
    if service.disabled:
        return 0.0
    return inf if service.limit is None else float(service.limit) * LIMITS_A_MONTH[service.limit_reset]


def over_budget(
    policy: PolicyConfig, services: ServicesByName, others: Mapping[str, ServicesByName] | None = None
) -> Iterator[Problem]:
    """Yield a problem where all limits of an environment together let a month cost more than the budget.

    Args:
        policy: the rules.
        services: the stack's services by name.
        others: those of the environment's other stacks, by stack.
    """
    budget = policy.monthly_budget
    if budget is None:
        return
    exempt = {name for name, exemption in policy.exemptions.items() if exemption.monthly_budget is not None}
    costs = {name: month_at_most_usd(service) for name, service in services.items() if name not in exempt}
    for stack, theirs in (others or {}).items():
        found = {f"{name} of stack {stack}": service for name, service in theirs.items() if name not in exempt}
        costs |= {name: month_at_most_usd(service) for name, service in found.items()}
    where = f" in {len(others) + 1} stacks" if others else ""
    yield from _exceeded("policy.monthlyBudget", budget, costs, where)


def over_stack_budget(
    budget: float | None, services: ServicesByName, path_of: Callable[[str], str]
) -> Iterator[Problem]:
    """Yield a problem where all limits of a stack together let a month cost more than its budget.

    Args:
        budget: `budget` in USD a month; None for none.
        services: the stack's services by name.
        path_of: returns where a service stands in the config.
    """
    if budget is None:
        return
    costs = {name: month_at_most_usd(service) for name, service in services.items()}
    for name in [name for name, cost in costs.items() if services[name].unlimited and cost == inf]:
        what = f"may spend any amount, and budget {usd(budget)} a month bounds the stack: give it a limit"
        yield Problem(f"{path_of(name)}.unlimited", what)
        del costs[name]
    yield from _exceeded("budget", budget, costs)


def _exceeded(path: str, budget: float, costs: Mapping[str, float], where: str = "") -> Iterator[Problem]:
    """Yield that services together may cost more than a budget, and which of them cost most."""
    total = sum(costs.values())
    if total > budget:
        largest = sorted(costs, key=lambda name: -costs[name])[:SHOWN_SERVICES]
        shown = ", ".join(f"{name} {_usd(costs[name])}" for name in largest)
        what = f"is exceeded: a month may cost {_usd(total)}{where} (most of it: {shown})"
        yield Problem(path, f"{what}; lower limits, or raise the budget")


def uncounted(policy: PolicyConfig, problems: Mapping[str, int]) -> Iterator[Problem]:
    """Yield a problem for the budget's other stacks whose services can't all be counted.

    Args:
        policy: the rules.
        problems: how many problems the services of each stack have.
    """
    wrong = [stack for stack, count in problems.items() if count]
    if policy.monthly_budget is not None and wrong:
        what = f"can't be summed up: the services of stack {', '.join(wrong)} have problems; mend those first"
        yield Problem("policy.monthlyBudget", what)


def _usd(amount: float) -> str:
    return usd(amount) if amount < MOST_SHOWN_USD else "any amount"
