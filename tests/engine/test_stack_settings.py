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
    wish = {"limit": 5, "adopt": {"hash": "abc", "key": CANARY}}
    stack.configure({"checkout": wish, "search": wish})
    path = "openrouter-keys:services.search.adopt.key"
    stack.pulumi("config", "set", "--secret", "--path", path, f"{CANARY}-encrypted")
    refused = stack.pulumi("preview", check=False)
    assert "1 problem in the stack config" in refused.output
    assert "services.checkout.adopt.key: is in plaintext" in refused.output
