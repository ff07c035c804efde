"""Services that are protected, renamed or removed: nobody loses a key without a word."""

from typing import Any

from tests.engine.schedule import ROTATING, START, after
from tests.harness import Run, Stack

READER = "arn:aws:iam::123456789012:role/checkout"
PROTECTED: dict[str, Any] = {**ROTATING, "protect": True, "readers": [READER]}
SEARCH: dict[str, Any] = {"limit": 5}


def refused(stack: Stack, *arguments: str) -> Run:
    """Run what must fail, and assert that the service is whole afterwards."""
    run = stack.pulumi(*arguments, check=False)
    assert run.code != 0, run
    assert stack.authenticates("checkout")
    return run


def test_a_protected_service_rotates_and_does_not_go(stack: Stack) -> None:
    """Its rotation is no replacement; leaving it out, moving its secret and destroying it are refused; it heals."""
    stack.now = START
    stack.configure({"checkout": PROTECTED, "search": SEARCH})
    stack.up()
    (first,) = stack.live("checkout")
    stack.now = after(91)
    stack.configure({"checkout": {**PROTECTED, "limit": 6, "readers": [READER, f"{READER}-2"]}, "search": SEARCH})
    stack.up()
    assert stack.services()["checkout"]["keyHash"] != first["hash"]

    stack.configure({"search": SEARCH})
    for command in (["preview"], ["up", "--yes", "--skip-preview", "--continue-on-error"]):
        said = refused(stack, *command).output
        assert "services.checkout: is protected and may not be removed: put it back, or set protect: false" in said
    stack.configure({"checkout": {**PROTECTED, "secretName": f"{stack.prefix}/other"}, "search": SEARCH})
    assert "marked for protection" in refused(stack, "preview").output
    assert "because it is protected" in refused(stack, "destroy", "--yes").output

    stack.configure({"checkout": PROTECTED, "search": SEARCH})
    stack.control.delete_key(stack.services()["checkout"]["keyHash"])
    stack.aws().delete_secret(SecretId=stack.secret_name("checkout"), ForceDeleteWithoutRecovery=True)
    stack.up("--refresh")
    assert not stack.drifted()
    stack.pulumi("destroy", "--yes", "--skip-preview", "--exclude-protected")
    assert (stack.authenticates("checkout"), stack.live("search")) == (True, [])
    assert stack.aws().get_resource_policy(SecretId=stack.secret_name("checkout")).get("ResourcePolicy")

    stack.configure({"checkout": {**PROTECTED, "protect": False}})
    stack.up()
    stack.configure({})
    stack.up()
    assert (stack.control.keys(), stack.secret_names()) == ([], [])


def test_a_service_that_was_used_lately_is_missed_and_one_that_is_renamed_keeps_its_key(stack: Stack) -> None:
    """A preview warns of the used one alone; with its earlier name as alias a service is neither made nor removed."""
    stack.configure({"checkout": SEARCH, "search": SEARCH, "bot": SEARCH})
    stack.up()
    before = stack.services()
    stack.control.edit_key(before["search"]["keyHash"], usage=3, usage_weekly=2, usage_monthly=3)
    stack.configure({"shop": {**SEARCH, "aliases": ["checkout"]}})
    warnings = [line for line in stack.pulumi("preview").output.splitlines() if line.startswith("    warning:")]
    assert len(warnings) == 1, warnings
    assert "search: it is removed, and its key was used lately: it spent $2.00 this week" in warnings[0]
    stack.up()
    assert stack.services()["shop"]["keyHash"] == before["checkout"]["keyHash"]
    assert [key["name"] for key in stack.control.keys()] == [
        before["checkout"]["keyName"].replace("/checkout-", "/shop-")
    ]
    assert (stack.secret_names(), stack.authenticates("shop")) == ([stack.secret_name("shop")], True)
    stack.configure({"shop": SEARCH})
    stack.up("--expect-no-changes")
    assert not stack.drifted()
