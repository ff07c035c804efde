"""What OpenRouter demands of guardrails, met before and after the keys are made."""

from typing import Any

from tests.harness import Stack
from tests.soak import only_in_soak

PROGRAM = """
import os

import openrouter_provider as openrouter

payments = openrouter.Workspace("payments")
everybody = openrouter.Guardrail(
    "everybody", adopt_id=payments.default_guardrail_id, limit_usd=50, reset_interval="monthly"
)
cheap = openrouter.Guardrail("cheap", workspace_id=payments.id, limit_usd=5, reset_interval="daily")
keys = [openrouter.ApiKey(f"key{n}", limit=5, workspace_id=payments.id) for n in range(3)]
wrong = [os.environ["WRONG"]] if os.environ.get("WRONG") else []
openrouter.GuardrailAssignment("some", guardrail_id=cheap.id, key_hashes=wrong or [key.hash for key in keys])
"""
UNKNOWN = "0" * 64
WORKSPACES: dict[str, Any] = {"payments": {}, "other": {}}


def test_a_guardrail_of_another_workspace_is_refused_before_any_call(stack: Stack) -> None:
    """The config is refused with the setting's path; no key was made and nothing was asked."""
    cheap = {"limit": 1, "limitReset": "daily", "workspace": "other"}
    services = {"checkout": {"limit": 5, "workspace": "payments", "guardrails": ["cheap"]}}
    stack.configure(services, workspaces=WORKSPACES, guardrails={"cheap": cheap})
    run = stack.up(check=False)
    assert run.code
    assert "services.checkout.guardrails.0: is in workspace other and the key in workspace payments" in run.output
    assert stack.control.calls() == []


@only_in_soak
def test_guardrails_live_by_openrouter_s_rules(stack: Stack) -> None:
    """An unknown key is an error by name; short pages are no drift; a default guardrail is emptied by destroy."""
    (stack.folder / "__main__.py").write_text(PROGRAM)
    failed = stack.up(check=False, WRONG=UNKNOWN)
    assert failed.code
    assert f"passed over 1 of 1 key_hashes without an error: {UNKNOWN}" in failed.output
    stack.up()
    stack.control.configure(short_pages=1)
    assert not stack.drifted()
    stack.up("--refresh", "--expect-no-changes")
    default = {each["name"]: each["limit_usd"] for each in stack.control.guardrails()}
    assert 50 in default.values()
    stack.control.clear_calls()
    stack.destroy()
    assert len(stack.control.calls("update_guardrail")) == 1
    assert stack.control.guardrails() == []
