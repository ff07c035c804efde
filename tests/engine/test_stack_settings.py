"""The stack's settings as the real CLI hands them over: files of services, the policy, and what is encrypted."""

from tests.harness import Stack
from tests.provider.life import ELSEWHERE_KEY

CANARY = "sk-or-v1-" + "c" * 24
DATADOG = "datadog-canary-" + "d" * 20


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
    """Whatever surrounds the keys is made with the service, stays silent, and goes with it; a key is read elsewhere."""
    stack.control.add_member("user_alice")
    stack.configure(
        {"checkout": {"limit": 5, "workspace": "shop", "guardrails": ["cheap"]}},
        workspaces={
            "shop": {
                "slug": f"shop-{stack.name}",
                "budgets": {"daily": 5, "monthly": 100},
                "broadcast": True,
                "ioLoggingApiKeyIds": [7, 3],
                "disabledServerTools": ["openrouter:shell"],
            }
        },
        guardrails={
            "cheap": {
                "workspace": "shop",
                "limit": 1,
                "limitReset": "daily",
                "allowedModels": ["openai/gpt-4o-mini"],
                "allowedDataRegions": ["us", "europe"],
                "contentFilterBuiltins": [{"slug": "secrets", "action": "block"}],
            }
        },
        byokKeys={
            "ours": {"provider": "openai", "workspace": "shop", "allowedServices": ["checkout"], "isRequired": True},
            "theirs": {"provider": "anthropic", "keyFrom": "env:ELSEWHERE_KEY", "keyVersion": 20270101},
        },
        defaultGuardrails={"all": {"workspace": "shop", "ignoredProviders": ["azure"]}},
        members={"alice": {"workspace": "shop", "userId": "user_alice"}},
        destinations={
            "traces": {
                "type": "datadog",
                "workspace": "shop",
                "settings": {"mlApp": "shop"},
                "allowedServices": ["checkout"],
                "samplingRate": 0.5,
            }
        },
        organization={"filteredModelCatalog": True},
    )
    stack.pulumi(
        "config", "set", "--secret", "--path", "openrouter-keys:destinations.traces.credentials.apiKey", DATADOG
    )
    stack.pulumi("config", "set", "--secret", "--path", "openrouter-keys:byokKeys.ours.key", f"sk-proj-{'d' * 24}")
    stack.up(ELSEWHERE_KEY=ELSEWHERE_KEY)
    made = stack.control.stats()["by_operation"]
    operations = (
        *("create_workspace", "create_guardrail", "create_byok_key", "assign_keys", "put_budget", "create_key"),
        *("update_guardrail", "add_members", "create_destination", "update_organization_settings"),
    )
    twice = {"put_budget": 2, "create_byok_key": 2}
    assert {name: made.get(name) for name in operations} == dict.fromkeys(operations, 1) | twice
    decrypted = f"pulumi stack export --show-secrets --stack {stack.name}"
    found = stack.run("sh", "-c", f"{decrypted} | grep -o -e {DATADOG} -e {ELSEWHERE_KEY} | sort -u").stdout
    assert found.split() == [DATADOG]
    stack.up("--expect-no-changes")
    assert not stack.drifted()
    stack.pulumi("destroy", "--yes", "--skip-preview")
    assert not stack.control.keys()
    assert not [*stack.control.byok_keys(), *stack.control.items("destinations")]
    assert not any(each["is_filtered_model_catalog_enabled"] for each in stack.control.items("organization"))
