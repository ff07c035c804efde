"""`pulumi up` through the real engine: what it makes, changes, leaves alone and takes away."""

import json
import re
from typing import Any

from tests.harness import NO_AWS, PLAINTEXT, Stack
from tests.soak import only_in_soak

SERVICES: dict[str, dict[str, Any]] = {
    "checkout": {"limit": 50, "limitReset": "monthly", "readers": ["arn:aws:iam::123456789012:role/checkout"]},
    "search": {"limit": 10, "limitReset": "daily", "format": "plain"},
    "bot": {"unlimited": True},
}


def test_first_up_makes_one_working_key_a_service_and_the_second_changes_nothing(stack: Stack) -> None:
    """One POST a service; every secret holds a working key; a second up and a refresh preview are silent."""
    stack.configure(SERVICES)
    stack.up()
    assert stack.control.stats()["by_operation"].get("create_key") == len(SERVICES)
    assert all(stack.authenticates(service) for service in SERVICES)
    assert json.loads(stack.secret_text("checkout"))["OPENROUTER_BASE_URL"] == stack.environment["OPENROUTER_BASE_URL"]
    assert PLAINTEXT.match(stack.secret_text("search"))
    policy = json.loads(
        stack.aws().get_resource_policy(SecretId=stack.secret_name("checkout"))["ResourcePolicy"],
    )
    assert policy["Statement"][0]["Principal"] == {"AWS": ["arn:aws:iam::123456789012:role/checkout"]}
    check_inventory(stack)
    checked = stack.run("openrouter-keys", "verify", "--stack", stack.name, "--json", "--chat")
    assert [found["findings"] for found in json.loads(checked.stdout)["services"]] == [[]] * len(SERVICES)
    stack.control.clear_calls()
    stack.up("--expect-no-changes")
    assert "Outputs:" not in stack.pulumi("preview").stdout
    assert not stack.drifted()
    assert {call["method"] for call in stack.control.calls()} <= {"GET"}


def check_inventory(stack: Stack) -> None:
    """The state and the outputs have hashes, names and labels under each service, and a value only encrypted."""
    (live,) = stack.live("checkout")
    exported = json.dumps(stack.export())
    assert not PLAINTEXT.search(exported)
    assert not any(secret in exported for secret in stack.control.all_secrets())
    service = stack.services()["checkout"]
    assert (service["keyHash"], service["keyName"], service["keyLabel"]) == (live["hash"], live["name"], live["label"])
    assert re.fullmatch(rf"{stack.prefix}/checkout-[0-9a-f]{{7}}", live["name"])
    for kind in ("ApiKey", "Secret", "SecretVersion", "SecretPolicy", "SupersededKeys"):
        assert re.search(rf"ServiceKey\$[^\"]*[:/]{kind}::checkout", exported), kind


def test_changed_limit_is_one_patch_of_the_same_key(stack: Stack) -> None:
    """A raised limit, a removed reset and an enabling are one PATCH; hash, value and secret stay."""
    stack.configure({"checkout": SERVICES["checkout"] | {"disabled": True}})
    stack.up()
    assert not stack.authenticates("checkout")
    before = stack.services()["checkout"]["keyHash"], stack.secret_text("checkout")
    stack.configure({"checkout": {"limit": 75}})
    stack.control.clear_calls()
    stack.up()
    assert [call["operation"] for call in stack.control.calls() if call["method"] != "GET"] == ["update_key"]
    (live,) = stack.live("checkout")
    assert (live["limit"], live["limit_reset"], live["disabled"]) == (75, None, False)
    assert (live["hash"], stack.secret_text("checkout")) == before
    assert stack.authenticates("checkout")


@only_in_soak
def test_changed_expiry_rotates_without_a_moment_of_a_dead_key(stack: Stack) -> None:
    """The new key is made and stored, also when storing it fails the first time, and the old one has its overlap."""
    stack.configure({"checkout": {"limit": 5, "expiresAt": "2030-01-01T00:00:00Z"}})
    stack.up()
    (old,) = stack.live("checkout")
    stack.configure({"checkout": {"limit": 5, "expiresAt": "2031-01-01T00:00:00Z"}})
    with stack.watching("checkout") as failures:
        failed = stack.up(check=False, **NO_AWS)
        assert failed.code != 0
        assert old["hash"] in [key["hash"] for key in stack.live("checkout")]
        stack.up()
    assert failures == []
    live = {key["hash"]: key["expires_at"][:4] for key in stack.live("checkout")}
    assert live == {old["hash"]: "2030", stack.services()["checkout"]["keyHash"]: "2031"}


def test_removed_service_loses_its_secret_before_its_key(stack: Stack) -> None:
    """A removed service's secret is deleted first; the others stay; destroy leaves nothing at all."""
    stack.configure(SERVICES)
    stack.up()
    stack.configure({"search": SERVICES["search"], "bot": SERVICES["bot"]})
    removed = stack.up().output
    secret, key = (removed.find(f"{kind} checkout deleted") for kind in ("secretsmanager:Secret", "openrouter:ApiKey"))
    assert -1 < secret < key
    assert stack.secret_names() == [stack.secret_name("search"), stack.secret_name("bot")] or set(
        stack.secret_names()
    ) == {stack.secret_name("search"), stack.secret_name("bot")}
    assert stack.live("checkout") == []
    assert stack.authenticates("search")
    stack.destroy()
    assert (stack.control.keys(), stack.secret_names()) == ([], [])


def test_key_of_a_service_can_be_adopted(stack: Stack) -> None:
    """An existing key is taken over without a POST, brought to its wish, and stored for the service."""
    record, plaintext = stack.control.create_key(name="made by hand", limit=1)
    stack.configure({"checkout": {"limit": 20}})
    for path, text in {"hash": record["hash"], "key": plaintext}.items():
        stack.pulumi("config", "set", "--secret", "--path", f"openrouter-keys:services.checkout.adopt.{path}", text)
    stack.control.clear_calls()
    stack.up()
    assert "create_key" not in [call["operation"] for call in stack.control.calls()]
    (live,) = stack.live("checkout")
    assert (live["hash"], live["limit"]) == (record["hash"], 20)
    assert stack.authenticates("checkout")
    assert not any(secret in json.dumps(stack.export()) for secret in stack.control.all_secrets())
    stack.up("--expect-no-changes")
