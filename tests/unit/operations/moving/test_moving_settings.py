"""A service's settings mean the same in the other stack, or it is refused by the name of what would change."""

from typing import Any

import pytest

from openrouter_provider.config.source import RawConfig
from openrouter_provider.operations.moving.same_meaning import Side, differing_settings, settle


def side(stack: str, services: dict[str, Any], defaults: dict[str, Any] | None = None, **more: Any) -> Side:
    """Return a stack with these services."""
    settings = {"services": services, "defaults": defaults or {}, "namePrefix": "acme/dev", "servicesFrom": None} | more
    return Side(stack, "openrouter-keys", RawConfig(settings), {})


SAME_TAG = {"tags": {"Environment": "one"}}


@pytest.mark.parametrize(
    ("wish", "here", "there", "written"),
    [
        ({"limit": 5}, {}, {}, SAME_TAG),
        ({"limit": 5, "tags": {"Environment": "x"}}, {}, {}, {}),
        ({"limit": 5, "tags": {"Team": "a"}}, {}, {}, {"tags": {"Environment": "one", "Team": "a"}}),
        ({}, {"limit": 25}, {"limit": 25}, SAME_TAG),
        ({}, {"limit": 25}, {}, {"limit": 25} | SAME_TAG),
        ({}, {"limit": 25}, {"limit": 30}, {"limit": 25} | SAME_TAG),
        ({"limit": 5}, {}, {"unlimited": True}, SAME_TAG),
        ({"limit": 5}, {}, {"limitReset": "daily"}, {"limitReset": None} | SAME_TAG),
        ({"limit": 5}, {}, {"rotation": {"every": "30d"}}, {"rotation": None} | SAME_TAG),
        (
            {"limit": 5, "rotation": {"every": "30d"}},
            {},
            {"rotation": {"overlap": "1d", "stagger": False}},
            {"rotation": {"every": "30d", "overlap": "7d", "stagger": True}} | SAME_TAG,
        ),
        ({"limit": 5}, {"recoveryWindowInDays": 0}, {}, {"recoveryWindowInDays": 0} | SAME_TAG),
        ({"limit": 5}, {}, {"readers": ["arn:aws:iam::123456789012:role/a"]}, {"readers": []} | SAME_TAG),
        ({"limit": 5}, {}, {"disabled": True}, {"disabled": False} | SAME_TAG),
        (
            {"limit": 5, "store": "gcp", "gcp": {"project": "acme-prod-1234"}},
            {},
            {},
            {"tags": {"environment": "one"}},
        ),
        ({"limit": 5, "store": "kubernetes", "kubernetes": {"namespace": "shop"}}, {}, {}, SAME_TAG),
    ],
)
def test_what_the_other_stack_gives_otherwise_is_written_out(
    wish: dict[str, Any], here: dict[str, Any], there: dict[str, Any], written: dict[str, Any]
) -> None:
    """Defaults and the environment's tag stay what they were; nothing more is written than that needs."""
    settled, reasons = settle(side("one", {"a": wish}, here), side("two", {}, there), ["a"])
    assert reasons == []
    assert settled is not None
    assert settled.changes == {"a": written}


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        (side("one", {"a": {"limit": 1}}), side("two", {}, namePrefix="acme/two"), "pulumi config set --stack two"),
        (side("one", {"b": {"limit": 1}}), side("two", {}), "has no service a in its config"),
        (side("one", {"a": {"limit": 1}}), side("two", {"a": {"limit": 1}}), "two has a service a"),
        (side("one", {"a": {"limit": 1}}), side("two", {}, {"tags": {"X": "y"}}), "services.a.tags would become"),
        (side("one", {"a": {"limit": 9}}), side("two", {}, maxLimit=5), "services.a.limit: is above maxLimit $5.00"),
        (
            side("one", {"a": {"limit": 9, "workspace": "w"}}, workspaces={"w": {}}),
            side("two", {}),
            "services.a.workspace: is no name in workspaces",
        ),
        (
            side("one", {"a": {"limit": 9}}, policy={"exemptions": {"a": {"requireReset": "old"}}}),
            side("two", {}),
            "policy.exemptions.a: is no name in services",
        ),
    ],
)
def test_what_can_not_stay_the_same_is_refused_by_name(source: Side, target: Side, said: str) -> None:
    """The reason names the setting and what to do."""
    settled, reasons = settle(source, target, ["a"])
    assert settled is None
    assert said in "\n".join(reasons)


def test_stacks_that_look_at_other_accounts_are_told_apart() -> None:
    """A region, a management key or an endpoint that differs is named; what no moved resource uses isn't."""
    one = Side("one", "p", RawConfig({}), {"aws:region": "a", "openrouter:managementKey": "k", "gcp:project": "x"})
    two = Side("two", "p", RawConfig({}), {"aws:region": "b", "gcp:project": "y"})
    assert differing_settings(one, two, ["aws"]) == ["aws:region", "openrouter:managementKey"]
