"""The stack's settings as the real CLI hands them over: files of services, the policy, and what is encrypted."""

from tests.harness import Stack

CANARY = "sk-or-v1-" + "c" * 24


def test_services_of_files_follow_the_policy(stack: Stack) -> None:
    """Pulumi accepts the project's settings; a breach in a file is one line with its path, and mended it deploys."""
    team = stack.folder / "services" / "shop.yaml"
    team.parent.mkdir()
    team.write_text("checkout: {limit: 5}\n", encoding="utf-8")
    stack.configure({}, servicesFrom=["services/*.yaml"], policy={"requireReset": True, "monthlyBudget": 200})
    refused = stack.pulumi("preview", check=False)
    assert "services/shop.yaml: services.checkout.limitReset: is missing, and policy.requireReset" in refused.output
    assert not stack.control.keys()
    team.write_text("checkout: {limit: 5, limitReset: daily}\n", encoding="utf-8")
    stack.up()
    assert stack.services()["checkout"]["limitReset"] == "daily"
    assert stack.authenticates("checkout")


def test_a_value_in_plaintext_beside_an_encrypted_one_is_found(stack: Stack) -> None:
    """Pulumi calls the whole setting secret then; the stack's file shows which value is not."""
    wishes = {name: {"limit": 5, "adopt": {"hash": name, "key": CANARY}} for name in ("checkout", "search")}
    stack.configure(wishes)
    path = "openrouter-keys:services.search.adopt.key"
    stack.pulumi("config", "set", "--secret", "--path", path, f"{CANARY}-encrypted")
    refused = stack.pulumi("preview", check=False)
    assert "1 problem in the stack config" in refused.output
    assert "services.checkout.adopt.key: is in plaintext" in refused.output


def test_a_stack_is_made_with_all_that_its_keys_live_in(stack: Stack) -> None:
    """Workspace, budgets, guardrail and provider key are made with the service, stay silent, and go with it."""
    stack.configure(
        {"checkout": {"limit": 5, "workspace": "shop", "guardrails": ["cheap"]}},
        workspaces={"shop": {"slug": f"shop-{stack.name}", "budgets": {"daily": 5, "monthly": 100}}},
        guardrails={
            "cheap": {
                "workspace": "shop",
                "limit": 1,
                "limitReset": "daily",
                "allowedModels": ["openai/gpt-4o-mini"],
            }
        },
        byokKeys={"ours": {"provider": "openai", "workspace": "shop", "allowedServices": ["checkout"]}},
    )
    stack.pulumi("config", "set", "--secret", "--path", "openrouter-keys:byokKeys.ours.key", f"sk-proj-{'d' * 24}")
    stack.up()
    made = stack.control.stats()["by_operation"]
    operations = ("create_workspace", "create_guardrail", "create_byok_key", "assign_keys", "put_budget", "create_key")
    assert {name: made.get(name) for name in operations} == dict.fromkeys(operations, 1) | {"put_budget": 2}
    stack.up("--expect-no-changes")
    assert not stack.drifted()
    stack.pulumi("destroy", "--yes", "--skip-preview")
    assert not stack.control.keys()
