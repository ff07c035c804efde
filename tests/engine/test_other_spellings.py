"""The API rounds an expiry, trims a name and spells ids its own way, and nothing drifts."""

from typing import Any

from tests.engine.test_call_counts import calls_of
from tests.harness import Stack
from tests.soak import only_in_soak

SERVICES: dict[str, Any] = {
    "checkout": {"limit": 0.1 + 0.2, "expiresAt": "2099-03-01T18:40:10Z", "guardrails": ["cheap"], "workspace": "pay"},
    "search": {"limit": 25, "expiresAt": "2099-03-01T18:40:10.5Z"},
}
AROUND: dict[str, Any] = {
    "workspaces": {"pay": {"description": " takes money ", "budgets": {"monthly": 0.7 + 0.1}}},
    "guardrails": {
        "cheap": {
            "limit": 0.1 + 0.2,
            "limitReset": "daily",
            "workspace": "pay",
            "ignoredProviders": ["azure", "openai"],
        }
    },
}


@only_in_soak
def test_an_answer_in_another_spelling_is_no_drift(stack: Stack) -> None:
    """No preview, refresh, drift check or verify finds anything, and `up --refresh` writes nothing."""
    stack.control.configure(expiry_early_seconds=2, timestamp_style="fractional")
    stack.control.configure(respelled=["names", "numbers", "ids", "lists"])
    stack.configure(SERVICES, **AROUND)
    stack.up()
    before = stack.control.keys()
    stack.pulumi("preview", "--refresh", "--expect-no-changes", "--diff")
    stack.run("openrouter-keys", "drift", "--stack", stack.name)
    stack.run("openrouter-keys", "verify", "--stack", stack.name)
    calls = calls_of(stack, "up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes")
    assert not [name for name in calls if not name.startswith(("get_", "list_"))]
    assert stack.control.keys() == before
