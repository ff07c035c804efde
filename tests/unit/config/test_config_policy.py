"""The policy's rules: which service breaks which, said by path with the rule and the fix."""

from datetime import date, timedelta
from typing import Any

import pytest

from openrouter_provider.config.models import ServiceConfig
from openrouter_provider.config.policy import (
    LIMITS_A_MONTH,
    PolicyConfig,
    month_at_most_usd,
    over_budget,
    over_ceiling,
    over_stack_budget,
    uncounted,
    violations,
)
from openrouter_provider.config.problems import StackConfigError
from openrouter_provider.config.stack import parse_stack_config

Props = dict[str, Any]
READER = "arn:aws:iam::123456789012:role/checkout"


def broken(policy: Props, services: dict[str, Props]) -> dict[str, str]:
    """Return what breaks the rules, by path."""
    checked = {name: ServiceConfig.model_validate(wish) for name, wish in services.items()}
    rules = PolicyConfig.model_validate(policy)
    found = [*violations(rules, checked, "services.{}".format), *over_budget(rules, checked)]
    return {problem.path: problem.what for problem in found}


@pytest.mark.parametrize(
    ("policy", "wish", "path"),
    [
        ({"requireReset": True}, {"limit": 5}, "services.a.limitReset"),
        ({"requireReset": True}, {"limit": 0}, "services.a.limitReset"),
        ({"requireReset": True}, {"limit": 5, "limitReset": "daily"}, None),
        ({"requireReset": True}, {"unlimited": True}, None),
        ({"requireExpiryOrRotation": True}, {"limit": 5}, "services.a.rotation"),
        ({"requireExpiryOrRotation": True}, {"limit": 5, "rotation": {}}, None),
        ({"requireExpiryOrRotation": True}, {"limit": 5, "expiresAt": "2030-01-01T00:00:00Z"}, None),
        ({"maxRotationPeriod": "30d"}, {"limit": 5, "rotation": {"every": "31d"}}, "services.a.rotation.every"),
        ({"maxRotationPeriod": "30d"}, {"limit": 5, "rotation": {"every": "30d"}}, None),
        ({"maxRotationPeriod": "720h"}, {"limit": 5, "rotation": {"every": "4w2d"}}, None),
        ({"maxRotationPeriod": "30d"}, {"limit": 5}, None),
        ({"forbidUnlimited": True}, {"unlimited": True}, "services.a.unlimited"),
        ({"forbidUnlimited": True}, {"limit": 5}, None),
        ({"requireReaders": True}, {"limit": 5}, "services.a.readers"),
        ({"requireReaders": True}, {"limit": 5, "readers": [READER]}, None),
        ({"requireReaders": True}, {"limit": 5, "store": "vault"}, "services.a.vault.policy"),
        ({"requireReaders": True}, {"limit": 5, "store": "vault", "vault": {"policy": "a-reader"}}, None),
        ({"namePattern": "[a-z]{2,}"}, {"limit": 5}, "services.a"),
        ({"namePattern": "b|ab"}, {"limit": 5}, "services.a"),
        ({"namePattern": "[a-z]+"}, {"limit": 5}, None),
        ({}, {"unlimited": True}, None),
    ],
)
def test_a_rule_names_the_setting_that_breaks_it(policy: Props, wish: Props, path: str | None) -> None:
    """Each rule holds for what it says and nothing else, and says of itself which it is."""
    found = broken(policy, {"a": wish})
    assert list(found) == ([path] if path else [])
    assert all(f"policy.{next(iter(policy))}" in what for what in found.values())


@pytest.mark.parametrize(
    ("wish", "usd"),
    [
        ({"limit": 10}, 10),
        ({"limit": 10, "limitReset": "monthly"}, 10),
        ({"limit": 10, "limitReset": "weekly"}, 60),
        ({"limit": 10, "limitReset": "daily"}, 310),
        ({"limit": 0, "limitReset": "daily"}, 0),
        ({"unlimited": True}, float("inf")),
        ({"unlimited": True, "disabled": True}, 0),
        ({"limit": 10, "limitReset": "daily", "disabled": True}, 0),
        ({"limit": 1e308, "limitReset": "daily"}, float("inf")),
    ],
)
def test_what_a_month_may_cost(wish: Props, usd: float) -> None:
    """A limit counts as often as it can be used up in one calendar month; a disabled key costs nothing."""
    assert month_at_most_usd(ServiceConfig.model_validate(wish)) == usd


def test_a_month_touches_six_weeks_at_most() -> None:
    """No month of a century's quarter has days in more weeks than a weekly limit is counted for."""
    days = [date(2001, 1, 1) + timedelta(day) for day in range(25 * 365)]
    weeks: dict[tuple[int, int], set[tuple[int, int]]] = {(day.year, day.month): set() for day in days}
    for day in days:
        weeks[day.year, day.month].add(day.isocalendar()[:2])
    assert max(map(len, weeks.values())) == LIMITS_A_MONTH["weekly"] == 6


def test_the_budget_is_the_sum_of_all_services() -> None:
    """One problem names the sum and the services that make most of it."""
    services: dict[str, Props] = {
        "a": {"limit": 1},
        "b": {"limit": 10, "limitReset": "daily"},
        "c": {"limit": 300},
        "d": {"limit": 100},
    }
    assert broken({"monthlyBudget": 711}, services) == {}
    assert broken({"monthlyBudget": 710.99}, services) == {
        "policy.monthlyBudget": "is exceeded: a month may cost $711.00 (most of it: b $310.00, c $300.00, "
        "d $100.00); lower limits, or raise the budget"
    }


def test_no_budget_holds_a_service_without_a_limit() -> None:
    """What may cost any amount exceeds any budget."""
    assert "a any amount" in broken({"monthlyBudget": 1e308}, {"a": {"unlimited": True}})["policy.monthlyBudget"]


def test_the_budget_counts_the_other_stacks_of_the_environment() -> None:
    """Each stack is within it, and together they are not; an exemption holds in whatever stack the service is."""
    policy = PolicyConfig.model_validate({"monthlyBudget": 100})
    own = {"a": ServiceConfig.model_validate({"limit": 60, "limitReset": "monthly"})}
    theirs = {"eu": {"b": ServiceConfig.model_validate({"limit": 50, "limitReset": "monthly"})}}
    assert list(over_budget(policy, own)) == []
    (problem,) = over_budget(policy, own, theirs)
    assert "$110.00 in 2 stacks (most of it: a $60.00, b of stack eu $50.00)" in problem.what
    exempt = {"monthlyBudget": 100, "exemptions": {"b": {"monthlyBudget": "paid by others"}}}
    assert list(over_budget(PolicyConfig.model_validate(exempt), own, theirs)) == []


def test_a_stack_that_cannot_be_counted_is_no_smaller_budget() -> None:
    """Where a budget is set, a stack whose services are wrong is named; without a budget nobody asks."""
    (problem,) = uncounted(PolicyConfig.model_validate({"monthlyBudget": 100}), {"eu": 2, "us": 0})
    assert "the services of stack eu have problems" in problem.what
    assert list(uncounted(PolicyConfig(), {"eu": 2})) == []


@pytest.mark.parametrize(
    ("budget", "wishes", "found"),
    [
        (None, [{"unlimited": True}], {}),
        (41, [{"limit": 1, "limitReset": "daily"}, {"limit": 10, "limitReset": "monthly"}], {}),
        (
            40.99,
            [{"limit": 1, "limitReset": "daily"}, {"limit": 10}],
            {"budget": "is exceeded: a month may cost $41.00 (most of it: a $31.00, b $10.00); lower limits, or"},
        ),
        (
            50,
            [{"unlimited": True}, {"limit": 10}],
            {"services.a.unlimited": "may spend any amount, and budget $50.00 a month bounds the stack: give"},
        ),
        (10, [{"unlimited": True, "disabled": True}, {"limit": 10}], {}),
        (
            9,
            [{"unlimited": True}, {"limit": 10}, {"limit": 99, "disabled": True}],
            {"services.a.unlimited": "", "budget": ""},
        ),
    ],
)
def test_a_stack_s_budget_bounds_its_own_keys(budget: float | None, wishes: list[Props], found: dict[str, str]) -> None:
    """The sum of what their limits let a month cost; a key without a limit is told by its path."""
    services = {name: ServiceConfig.model_validate(wish) for name, wish in zip("abc", wishes, strict=False)}
    told = {problem.path: problem.what for problem in over_stack_budget(budget, services, "services.{}".format)}
    assert [*told] == [*found]
    assert all(what.startswith(found[path]) for path, what in told.items())


def test_the_budget_is_told_with_all_that_is_wrong() -> None:
    """In one error, and as a number in whatever type it comes; an exemption from a rule is none from it."""
    policy = {"monthlyBudget": 5, "exemptions": {"a": {"monthlyBudget": "paid by others"}}, "requireReset": True}
    with pytest.raises(StackConfigError) as caught:
        parse_stack_config({"services": {"a": {"limit": 50}}, "budget": "40.0", "policy": policy}, "p/dev")
    assert {problem.path for problem in caught.value.problems} == {"services.a.limitReset", "budget"}
    assert parse_stack_config({"services": {"a": {"limit": 50}}, "budget": "50.0"}, "p/dev").budget == 50
    with pytest.raises(StackConfigError, match="budget: must be more than 0 USD"):
        parse_stack_config({"services": {}, "budget": 0}, "p/dev")


@pytest.mark.parametrize(
    ("rule", "setting", "wish"),
    [
        ("requireReset", True, {"limit": 5}),
        ("requireExpiryOrRotation", True, {"limit": 5}),
        ("maxRotationPeriod", "8d", {"limit": 5, "rotation": {}}),
        ("forbidUnlimited", True, {"unlimited": True}),
        ("requireReaders", True, {"limit": 5}),
        ("namePattern", "x+", {"limit": 5}),
        ("monthlyBudget", 1, {"unlimited": True}),
    ],
)
def test_an_exemption_is_of_one_service_from_one_rule(rule: str, setting: Any, wish: Props) -> None:
    """With a reason the rule does not hold for that service; it still does for its neighbour."""
    exempt = {rule: setting, "exemptions": {"a": {rule: "the vendor's importer, until March"}}}
    assert broken(exempt, {"a": wish}) == {}
    assert len(broken(exempt, {"a": wish, "b": wish})) == 1


@pytest.mark.parametrize(("ceiling", "limit", "problems"), [(None, 10**9, 0), (5, 5, 0), (5, 5.01, 1), (0, 0, 0)])
def test_the_ceiling_bounds_each_limit(ceiling: float | None, limit: float, problems: int) -> None:
    """The ceiling is a bound for each service by itself."""
    services = {"a": ServiceConfig.model_validate({"limit": limit})}
    assert len(list(over_ceiling(ceiling, services, str))) == problems


def test_all_violations_are_found_at_once() -> None:
    """Every rule that any service breaks is in one error, with the ceiling and the wrong settings."""
    rules = {
        "requireReset": True,
        "requireExpiryOrRotation": True,
        "forbidUnlimited": True,
        "requireReaders": True,
        "namePattern": "[a-z]+",
        "monthlyBudget": 1,
    }
    services = {"a": {"limit": 50}, "B": {"unlimited": True}, "c": {"limit": -1}}
    with pytest.raises(StackConfigError) as caught:
        parse_stack_config({"services": services, "policy": rules, "maxLimit": 10}, "p/dev")
    assert {problem.path for problem in caught.value.problems} == {
        "services.a.limit",
        "services.a.limitReset",
        "services.a.rotation",
        "services.a.readers",
        "services.B",
        "services.B.rotation",
        "services.B.unlimited",
        "services.B.readers",
        "services.c.limit",
        "policy.monthlyBudget",
    }


@pytest.mark.parametrize(
    ("policy", "path", "what"),
    [
        ("strict", "policy", "must be an object of rules"),
        ({"requireReset": "yes"}, "policy.requireReset", "must be true or false"),
        ({"requireRest": True}, "policy.requireRest", "did you mean requireReset?"),
        ({"maxRotationPeriod": "soon"}, "policy.maxRotationPeriod", "must be a duration"),
        ({"namePattern": "[a-z"}, "policy.namePattern", "must be a regular expression"),
        ({"namePattern": "a{99999999999}"}, "policy.namePattern", "must be a regular expression"),
        ({"namePattern": "a" * 201}, "policy.namePattern", "must have at most 200 characters"),
        ({"monthlyBudget": 0}, "policy.monthlyBudget", "must be more than 0 USD"),
        ({"exemptions": {"a": {"requireRest": "x"}}}, "policy.exemptions.a.requireRest", "did you mean requireReset?"),
        ({"exemptions": {"a": {"requireReset": " "}}}, "policy.exemptions.a.requireReset", "is not empty"),
        ({"exemptions": {"a": "all"}}, "policy.exemptions.a", "must be an object of settings"),
        ({"exemptions": {"b": {}}}, "policy.exemptions.b", "is no name in services; there are: a"),
    ],
)
def test_a_wrong_policy_is_a_config_error(policy: Any, path: str, what: str) -> None:
    """What is wrong with the rules themselves is said like everything else that is wrong."""
    with pytest.raises(StackConfigError) as caught:
        parse_stack_config({"services": {"a": {"limit": 5}}, "policy": policy}, "p/dev")
    (problem,) = caught.value.problems
    assert problem.path == path
    assert what in problem.what
