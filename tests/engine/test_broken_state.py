"""A state that a full disk cut off: the commands name the way out, and the documented way out works."""

import shutil
from pathlib import Path

from tests.harness import Stack
from tests.soak import only_in_soak

WANTED = {"checkout": {"limit": 5}, "search": {"limit": 5}}
COMMANDS = ("verify", "drift", "recover --yes", "doctor")
HINT = "docs/errors.md#broken-state"
WRITTEN = 10_240


def whole_state(stack: Stack) -> Path:
    """Return the only whole state in the stack's history."""
    (path,) = stack.backend.glob(f".pulumi/history/*/{stack.name}/*.checkpoint.json")
    return path


def cut_off(stack: Stack) -> Path:
    """Leave what Pulumi leaves where the disk is full from a run's first write on; return the state's file."""
    (state,) = stack.backend.glob(f".pulumi/stacks/*/{stack.name}.json")
    for path in (state, state.with_name(f"{state.name}.bak")):
        path.write_text(path.read_text()[:WRITTEN])
    return state


@only_in_soak
def test_a_state_that_was_cut_off_is_put_back(stack: Stack) -> None:
    """Every command names the page; the last whole state of the history, recover and up are as if nothing had been."""
    stack.configure(WANTED)
    stack.up()
    keys = stack.control.keys()
    state = cut_off(stack)
    for words in COMMANDS:
        run = stack.run("openrouter-keys", *words.split(), "--stack", stack.name, check=False)
        assert (run.code != 0, HINT in "".join(run.output.split("\n"))) == (True, True), run
    shutil.copy(whole_state(stack), state)
    stack.run("openrouter-keys", "recover", "--yes", "--clear-lock", "--stack", stack.name)
    stack.up("--refresh")
    assert stack.control.keys() == keys
    assert all(stack.authenticates(service) for service in WANTED)
    assert not stack.drifted()
