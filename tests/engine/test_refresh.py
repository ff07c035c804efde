"""What a read-only refresh preview sees, and what `up --refresh` heals."""

import json
from collections.abc import Callable
from typing import Any

from tests.harness import VIOLATED_EXPECTATION, Stack

CHANGES: dict[str, Callable[[Stack, str], Any]] = {
    "raised": lambda stack, key: stack.control.edit_key(key, limit=5000),
    "unlimited": lambda stack, key: stack.control.edit_key(key, limit=None),
    "disabled": lambda stack, key: stack.control.edit_key(key, disabled=True),
    "renamed": lambda stack, key: stack.control.edit_key(key, name="somebody was here"),
    "deleted": lambda stack, key: stack.control.delete_key(key),
    "edited": lambda stack, _: stack.aws().put_secret_value(
        SecretId=stack.secret_name("edited"), SecretString="by hand"
    ),
}
UNTOUCHED = ("used", "spent")


def changed_services(stack: Stack) -> set[str]:
    """Return the services of which a read-only refresh preview would change anything."""
    run = stack.pulumi("preview", "--refresh", "--json", "--expect-no-changes", check=False)
    assert run.code in (0, VIOLATED_EXPECTATION), run
    steps = json.loads(run.stdout)["steps"]
    return {step["urn"].rpartition("::")[2] for step in steps if step["op"] not in ("same", "refresh", "read")}


def test_changes_behind_pulumis_back_are_found_and_healed_and_usage_is_none(stack: Stack) -> None:
    """A preview names exactly the changed services, `up --refresh` heals each, and usage never shows."""
    services = [*CHANGES, *UNTOUCHED]
    stack.configure({name: {"limit": 50, "limitReset": "monthly"} for name in services})
    stack.up()
    first = {name: stack.live(name)[0]["hash"] for name in services}
    stack.control.edit_key(first["used"], usage=12, usage_daily=1, usage_monthly=12)
    stack.control.edit_key(first["spent"], usage=50, usage_monthly=50)
    assert changed_services(stack) == set()
    for name, change in CHANGES.items():
        change(stack, first[name])
    before = stack.export()
    assert changed_services(stack) == set(CHANGES)
    assert stack.export()["deployment"]["resources"] == before["deployment"]["resources"]
    stack.up("--refresh")
    assert changed_services(stack) == set()
    for name in services:
        (healed,) = stack.live(name)
        assert (healed["limit"], healed["limit_reset"], healed["disabled"]) == (50, "monthly", False)
        assert healed["name"].startswith(f"{stack.prefix}/{name}-")
        assert (healed["hash"] == first[name]) == (name != "deleted")
        assert stack.authenticates(name)
