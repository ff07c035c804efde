"""Settings as `pulumi config set --path` and YAML type them: one stack's life through the real command line."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from tests.harness import Stack

SERVICES, DEFAULTS = "openrouter-keys:services", "openrouter-keys:defaults"
SET = {
    f"{SERVICES}.checkout.includeByokInLimit": "TRUE",
    f"{SERVICES}.checkout.expiresAt": "2099-01-01T00:00:00+02:00",
    f"{SERVICES}.checkout.tags.Team": "42",
    f"{SERVICES}.checkout.tags.Critical": "true",
    f"{SERVICES}.checkout.readers": '["arn:aws:iam::123456789012:role/checkout"]',
    f"{SERVICES}.checkout.guardrails[0]": "2027",
    f"{SERVICES}.search": '{"limit": "7", "rotation": {"every": "30d", "overlap": "1d", "stagger": "false"}}',
    f"{DEFAULTS}.limit": ".5",
    f"{DEFAULTS}.rotation.every": "90d",
    f"{DEFAULTS}.appTitle": "4711",
    "openrouter-keys:maxLimit": "100.0",
    "openrouter-keys:policy.monthlyBudget": "9999.99",
    "openrouter-keys:policy.exemptions.bot.requireReset": "2027",
    "openrouter-keys:guardrails.2027.limit": "1.5",
    "openrouter-keys:guardrails.2027.limitReset": "daily",
    "openrouter-keys:guardrails.2027.enforceZdr": "true",
    "openrouter-keys:workspaces.shop.name": "1234",
    "openrouter-keys:workspaces.shop.budgets.daily": "9.50",
    "openrouter-keys:workspaces.shop.budgets.monthly": "10",
    "openrouter-keys:workspaces.shop.includeByokInBudgets": "True",
    "openrouter-keys:byokKeys.ours.provider": "openai",
    "openrouter-keys:byokKeys.ours.isFallback": "FALSE",
    "openrouter-keys:byokKeys.ours.allowedServices": '["checkout"]',
}
ONE_BY_ONE = (
    f"{SERVICES}.checkout.limit 2.50",
    f"{SERVICES}.checkout.rotateNow 20270301",
    f"{SERVICES}.bot.rotation null",
    f"{SERVICES}.bot.disabled true --type string",
    "openrouter-keys:byokKeys.ours.key 12345678 --secret",
)


def set_config(stack: Stack, settings: Mapping[str, str]) -> None:
    """Set the settings as a person does, several with one command."""
    pairs = [word for path, value in settings.items() for word in ("--plaintext", f"{path}={value}")]
    stack.pulumi("config", "set-all", "--path", *pairs)


def outputs_by_type(stack: Stack) -> dict[str, dict[str, Any]]:
    """Return the outputs of all resources by the last part of their type and by their name."""
    found: dict[str, dict[str, Any]] = {}
    for resource in stack.export()["deployment"]["resources"]:
        kind, name = resource["type"].rpartition(":")[2], resource["urn"].rpartition("::")[2]
        found.setdefault(kind, {})[name] = resource.get("outputs")
    return found


@pytest.fixture
def typed(stack: Stack) -> Stack:
    """A stack all of whose settings were set by commands."""
    set_config(stack, SET)
    for words in ONE_BY_ONE:
        stack.pulumi("config", "set", "--path", *words.split())
    file = stack.folder / f"Pulumi.{stack.name}.yaml"
    # What only a person types: YAML's own timestamp.
    file.write_text(file.read_text().replace("search:", "mail: {limit: 1, expiresAt: 2099-01-01}, search:"))
    return stack


def test_a_stack_set_by_commands_is_what_was_typed(typed: Stack) -> None:
    """Texts that are numbers, numbers that are texts, booleans, timestamps, JSON and null all mean what they say."""
    text = (typed.folder / f"Pulumi.{typed.name}.yaml").read_text()
    config = yaml.safe_load(text)["config"][SERVICES]
    assert "expiresAt: 2099-01-01}" in text
    assert (config["checkout"]["limit"], config["checkout"]["rotateNow"]) == ("2.50", 20270301)
    assert (config["bot"]["disabled"], config["bot"]["rotation"]) == ("true", "null")
    typed.up()
    made = outputs_by_type(typed)
    keys = made["ApiKey"]
    assert {name: key["limit"] for name, key in keys.items()} == {"checkout": 2.5, "search": 7, "bot": 0.5, "mail": 1}
    checkout, bot = keys["checkout"], keys["bot"]
    assert (checkout["rotate_now"], checkout["include_byok_in_limit"]) == ("20270301", True)
    assert (checkout["expires_at"], keys["mail"]["expires_at"]) == ("2098-12-31T22:00:00Z", "2099-01-01T00:00:00Z")
    assert keys["search"]["rotation"] == {"every": "30d", "overlap": "1d", "stagger": False}
    assert (bot.get("rotation"), bot["disabled"]) == (None, True)
    assert made["Guardrail"]["2027"]["limit_usd"] == 1.5
    assert made["Workspace"]["shop"]["name"] == "1234"
    assert {budget["limit_usd"] for budget in made["WorkspaceBudget"].values()} == {9.5, 10}
    assert made["Secret"]["checkout"]["tags"] | {"Team": "42", "Critical": "true"} == made["Secret"]["checkout"]["tags"]
    assert '"4711"' in typed.secret_text("checkout")
    typed.up("--refresh", "--expect-no-changes")


def test_what_has_two_meanings_is_refused_with_the_fix(stack: Stack) -> None:
    """One preview names all of them by path."""
    wrong = {
        "services.checkout.limit": ("1,000", "must be a number of USD"),
        "services.checkout.rotateNow": ("true", "must be a text: put it in quotes"),
        "services.checkout.expiresAt": ("2099-01-01", "must be ISO 8601"),
        "services.checkout.rotation.every": ("90", "must be a duration"),
        "defaults.disabled": ("yes", "must be true or false"),
    }
    set_config(stack, {f"openrouter-keys:{path}": value for path, (value, _) in wrong.items()})
    output = stack.pulumi("preview", check=False).output
    for path, (_, what) in wrong.items():
        assert f"{path}: {what}" in output
