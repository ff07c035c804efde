"""Runs at the same time: two of one stack, and several stacks of one account."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.lifecycle import Sandbox
from tests.background import Background
from tests.harness import Stack, open_account, open_stack
from tests.soak import only_in_soak

SERVICES = {"checkout": {"limit": 5}, "search": {"limit": 5}}
HELD_SECONDS = 12


def test_second_up_of_a_stack_is_refused_and_harms_nothing(stack: Stack) -> None:
    """While an up is creating, another one ends with Pulumi's own word about the lock, and the first ends well."""
    stack.configure(SERVICES)
    stack.control.fault("create_key", "hang", after=True, count=len(SERVICES), seconds=HELD_SECONDS)
    with Background.pulumi(stack, "up", "--yes", "--skip-preview") as first:
        assert first.until(lambda: len(stack.control.keys()) == len(SERVICES))
        calls = len(stack.control.calls())
        second = stack.up(check=False)
        assert second.code != 0
        assert "the stack is currently locked by 1 lock(s)" in second.output, second
        assert len(stack.control.calls()) == calls
        finished = first.finish()
    assert finished.code == 0, finished
    assert stack.control.stats()["by_operation"]["create_key"] == len(SERVICES)
    assert {key["outputs"]["hash"] for key in stack.resources("ApiKey").values()} == {
        key["hash"] for key in stack.control.keys()
    }
    assert all(stack.authenticates(service) for service in SERVICES)


@pytest.mark.parametrize("count", [3, pytest.param(10, marks=only_in_soak)])
def test_stacks_of_one_account_do_not_meet(sandbox: Sandbox, tmp_path: Path, count: int) -> None:
    """Several first ups at once, some creates' answers lost: each stack has its own keys, and no other key lives."""
    account = open_account(sandbox)
    stacks = [open_stack(tmp_path / str(number), sandbox, account=account) for number in range(count)]
    for stack in stacks:
        stack.configure(SERVICES)
    account.fault("create_key", "drop_after", count=count)
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(Stack.up, stacks))
    known = [{key["outputs"]["hash"] for key in stack.resources("ApiKey").values()} for stack in stacks]
    assert [len(hashes) for hashes in known] == [len(SERVICES)] * count
    assert {key["hash"] for key in account.keys()} == set().union(*known)
    assert len(account.keys()) == count * len(SERVICES)
    assert all(stack.authenticates(service) for stack in stacks for service in SERVICES)
