"""Rules that the config and the providers share: what one refuses the other refuses, in the same words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from openrouter_provider.config.problems import StackConfigError
from openrouter_provider.config.stack import parse_stack_config
from openrouter_provider.keys.inputs import check_inputs
from openrouter_provider.resources.byok_key import ByokKeyProvider
from openrouter_provider.resources.guardrail import GuardrailProvider
from openrouter_provider.resources.workspace import WorkspaceProvider

KINDS: dict[str, tuple[Any, Mapping[str, Any]]] = {
    "guardrails": (GuardrailProvider, {"name_prefix": "acme/a"}),
    "workspaces": (WorkspaceProvider, {"name": "A", "slug": "a"}),
    "byokKeys": (ByokKeyProvider, {"name_prefix": "acme/a", "provider": "openai", "key": "vendor"}),
}


def of_config(section: str, wish: Mapping[str, Any]) -> dict[str, str]:
    """Return what the config says of one wish, by the last step of its path."""
    sections: dict[str, Any] = {"services": {}} | {section: {"a": dict(wish)}}
    try:
        parse_stack_config(sections, "acme/dev")
    except StackConfigError as error:
        return {problem.path.rpartition(".")[2]: problem.what for problem in error.problems}
    return {}


def of_provider(section: str, wish: Mapping[str, Any]) -> dict[str, str]:
    """Return what the resource's provider says of it, by property, without the property in front."""
    if section == "services":
        return check_inputs({}, {"name_prefix": "acme/a", **wish}, datetime(2027, 1, 1, tzinfo=UTC))[1]
    provider, needed = KINDS[section]
    failures = provider().check({}, {**needed, **wish}).failures
    return {failure.property: failure.reason.removeprefix(f"{failure.property} ") for failure in failures or ()}


@pytest.mark.parametrize(
    ("section", "config", "properties"),
    [
        ("services", {}, {}),
        ("services", {"limit": 5, "unlimited": True}, None),
        ("services", {"limit": -1}, None),
        ("services", {"limit": 1, "limitReset": "hourly"}, {"limit": 1, "limit_reset": "hourly"}),
        ("services", {"limit": 1, "expiresAt": "2028"}, {"limit": 1, "expires_at": "2028"}),
        ("services", {"limit": 1, "rotation": {"every": "7d", "overlap": "7d"}}, None),
        ("guardrails", {"limit": 0, "limitReset": "daily"}, {"limit_usd": 0, "reset_interval": "daily"}),
        ("guardrails", {"description": "x" * 1001}, None),
        ("workspaces", {"slug": "A"}, None),
        ("workspaces", {"slug": "a" * 51}, None),
        ("workspaces", {"slug": "a--b"}, None),
        ("byokKeys", {"provider": "Open AI", "key": "vendor"}, None),
        ("byokKeys", {"provider": "open.ai", "key": "vendor"}, None),
        ("byokKeys", {"provider": "open_ai", "key": "vendor"}, None),
    ],
)
def test_both_refuse_it_in_the_same_words(
    section: str, config: dict[str, Any], properties: dict[str, Any] | None
) -> None:
    """Only the path in front differs."""
    ours, theirs = of_config(section, config), of_provider(section, config if properties is None else properties)
    assert len(ours) == 1
    assert [*ours.values()] == [*theirs.values()]


@pytest.mark.parametrize(
    ("config", "properties"),
    [({"limit": 5}, {"limit_usd": 5}), ({"limitReset": "daily"}, {"reset_interval": "daily"})],
)
def test_a_guardrail_s_limit_and_its_reset_go_together_in_both(
    config: dict[str, Any], properties: dict[str, Any]
) -> None:
    """Each names the other by its own word for it."""
    (ours,), (theirs,) = of_config("guardrails", config).values(), of_provider("guardrails", properties).values()
    own = ours.replace("limitReset", "reset_interval").replace("guardrail's limit ", "guardrail's limit_usd ")
    assert own == theirs
