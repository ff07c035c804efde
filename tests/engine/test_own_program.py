"""A program of somebody's own, in a project of another name: the commands find its ServiceKeys in the state."""

import json
from pathlib import Path

import pytest

from sandbox.lifecycle import Sandbox
from tests.harness import Stack, open_stack

PROGRAM = '''
import pulumi

from openrouter_provider import ServiceKey, ServiceKeyArgs


class Team(pulumi.ComponentResource):
    """A component of the user's own, with a service's key in it whose limit is a secret setting, say."""

    def __init__(self, name):
        super().__init__("shop:index:Team", name)
        args = ServiceKeyArgs(secret_name="mall/search", limit=pulumi.Output.secret(7), recovery_window_in_days=0)
        ServiceKey("search", args, pulumi.ResourceOptions(parent=self))


args = ServiceKeyArgs(
    secret_name="mall/checkout",
    limit=5,
    limit_reset="monthly",
    rotation={"every": "90d", "overlap": "7d"},
    recovery_window_in_days=0,
)
checkout = ServiceKey("checkout", args)
Team("finders")
pulumi.export("services", ["https://shop.example"])
'''
PROJECT = """
name: shop
runtime: {name: python, options: {virtualenv: .venv}}
plugins:
  providers:
    - {name: pulumi-python, path: .venv/share/openrouter-keys/host}
"""


@pytest.fixture
def shop(sandbox: Sandbox, tmp_path: Path) -> Stack:
    """A deployed stack of project shop, which has no setting of this package."""
    stack = open_stack(tmp_path / "shop", sandbox)
    (stack.folder / "Pulumi.yaml").write_text(PROJECT)
    (stack.folder / "__main__.py").write_text(PROGRAM)
    stack.write_config({"aws:region": "us-east-1"})
    stack.run("pulumi", "stack", "init", stack.name, "--no-select")
    stack.up()
    return stack


def test_every_command_knows_the_services_of_another_program(shop: Stack) -> None:
    """Without any export for it, verify, list, show, report, drift, doctor and recover see what is deployed."""

    def asked(*arguments: str, check: bool = True) -> str:
        return shop.run("openrouter-keys", *arguments, "--stack", shop.name, check=check).stdout

    verified = json.loads(asked("verify", "--json"))["services"]
    assert [(each["service"], each["secret_name"], each["limit_usd"], each["findings"]) for each in verified] == [
        ("checkout", "mall/checkout", 5, []),
        ("search", "mall/search", 7, []),
    ]
    listed = json.loads(asked("list", "--format", "json"))["services"]
    assert [each["service"] for each in listed] == ["checkout", "search"]
    assert json.loads(asked("show", "checkout", "--format", "json"))
    assert "search" in asked("report", "--format", "json")
    assert "nothing to recover" in asked("recover")

    hash_ = next(each["hash"] for each in shop.control.keys() if "checkout" in each["name"])
    shop.control.edit_key(hash_, limit=500)
    drifted = shop.run("openrouter-keys", "drift", "--stack", shop.name, "--format", "json", check=False)
    assert drifted.code == 2, str(drifted)
    assert "checkout" in drifted.stdout
    doctor = shop.run("openrouter-keys", "doctor", "--stack", shop.name, check=False)
    assert doctor.code == 0, str(doctor)
