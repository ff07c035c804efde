"""A service's own models through the real engine: made, kept, widened, rotated, refused and taken away."""

from typing import Any

from openrouter_provider.stores.payload import key_in
from tests.clients import http_client
from tests.harness import Stack

START, ROTATED = "2027-01-01T00:00:00Z", "2027-04-02T00:00:00Z"
ROTATING: dict[str, Any] = {"limit": 5, "rotation": {"every": "90d", "overlap": "7d", "stagger": False}}
ECHO, MINI = "sandbox/echo", "openai/gpt-4o-mini"


def chat(stack: Stack, service: str, model: str) -> int:
    """Return the status of a completion that the service asks for with the key in its secret."""
    answer = http_client().post(
        f"{stack.environment['OPENROUTER_BASE_URL']}/chat/completions",
        headers={"Authorization": f"Bearer {key_in(stack.secret_text(service))}"},
        json={"model": model, "messages": [{"role": "user", "content": "hi"}]},
    )
    return answer.status_code


def changes(stack: Stack) -> list[str]:
    """Return the operations that changed anything since the last look."""
    made = [call["operation"] for call in stack.control.calls() if call["method"] != "GET"]
    stack.control.clear_calls()
    return made


def warnings(output: str) -> list[str]:
    """Return what a run warned of."""
    return [line.strip().removeprefix("warning: ") for line in output.splitlines() if line.startswith("    warning:")]


def test_a_key_may_call_its_service_s_models_and_no_others(stack: Stack) -> None:
    """From its creation on, through a wider list and a rotation, until the service no longer names any."""
    stack.now = START
    stack.control.configure(now=START)
    priced: dict[str, Any] = {"limit": 5, "maxPrice": 2}
    stack.configure({"checkout": {**ROTATING, "models": [ECHO], "maxPrice": 10}, "search": priced})
    stack.up()
    operations = changes(stack)
    assert sorted({*operations}) == ["assign_keys", "create_guardrail", "create_key"]
    statuses = {model: chat(stack, "checkout", model) for model in (ECHO, MINI)}
    assert statuses == {ECHO: 200, MINI: 404}
    assert [chat(stack, "search", model) for model in ("sandbox/mimic", ECHO)] == [200, 404]
    assert not stack.drifted()
    changes(stack)

    # A model that becomes cheap enough joins no list by itself; a named one that becomes too dear stops the run.
    stack.control.configure(model_prices={MINI: {"prompt": "0", "completion": "0"}})
    stack.up("--expect-no-changes")
    stack.control.configure(model_prices={ECHO: {"completion": "0.00002"}})
    refused = stack.up(check=False)
    assert refused.code
    assert f"services.checkout.models.0: {ECHO} costs $20.00 for a million completion tokens" in refused.output
    stack.control.configure(model_prices={})
    stack.configure({"checkout": {**ROTATING, "models": [ECHO, "sandbox/ecco"]}, "search": priced})
    refused = stack.pulumi("preview", check=False)
    assert "services.checkout.models.1: sandbox/ecco is no model that OpenRouter offers" in refused.output
    assert changes(stack) == []

    # A model that became dearer leaves the derived list; a longer list and a ceiling that goes are told before.
    stack.control.configure(model_prices={"sandbox/mimic": {"completion": "0.00002"}})
    stack.configure({"checkout": {**ROTATING, "models": [ECHO, MINI]}, "search": priced})
    stack.now = ROTATED
    stack.control.configure(now=ROTATED)
    said = warnings(stack.pulumi("preview").output)
    assert any(
        line.startswith("checkout: the change widens what the guardrail allows") and MINI in line for line in said
    )
    assert any("models leave the list that maxPrice allows" in line and "sandbox/mimic" in line for line in said)
    with stack.watching("checkout") as failures:
        stack.up()
    assert failures == []
    assert {chat(stack, "checkout", model) for model in (ECHO, MINI)} == {200}
    assert [chat(stack, "checkout", "sandbox/mimic"), chat(stack, "search", "sandbox/mimic")] == [404, 404]
    bound = {each["key_hash"] for each in stack.control.key_assignments()}
    assert bound == {key["hash"] for key in stack.control.keys()}
    assert len(bound) == 3
    stack.up("--expect-no-changes")

    stack.configure({"checkout": ROTATING, "search": priced})
    said = warnings(stack.pulumi("preview").output)
    assert said == ["checkout: the change widens what the key may do: guardrail removed"]
    stack.up()
    assert chat(stack, "checkout", "sandbox/mimic") == 200
    assert [each["name"].startswith(f"{stack.prefix}/search-") for each in stack.control.guardrails()] == [True]
    stack.destroy()
    assert [stack.control.guardrails(), stack.control.keys()] == [[], []]
