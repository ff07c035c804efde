"""A key that somebody gave a hostile name, in what Pulumi and our commands print: no line that a terminal acts on."""

import pytest

from sandbox.lifecycle import Sandbox
from tests.harness import Run, Stack, open_stack
from tests.soak import SOAK

# One stack serves all tests: keep them in one process.
pytestmark = pytest.mark.xdist_group("hostile names")

ESCAPES = "\x1b[31m\x1b]0;title\x07\u202e\u200b\x9b2J"
HOSTILE = f"{ESCAPES}first\r\nsecond{'x' * 10_000}"
PULUMI = ("preview --refresh --diff", *(("preview --refresh --json", "preview --refresh --debug") if SOAK else ()))
OURS = ("list --all-keys", "show checkout", *(("drift", "verify", "report", "recover --yes", "doctor") if SOAK else ()))
HEALING = ("refresh --yes --skip-preview --diff", "stack output", "up --yes --skip-preview --diff")


@pytest.fixture(scope="module")
def renamed(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """A stack whose key was renamed behind Pulumi's back, beside a foreign key whose name looks like one of its own."""
    stack = open_stack(tmp_path_factory.mktemp("hostile") / "project", sandbox)
    stack.configure({"checkout": {"limit": 5}})
    stack.up()
    (key,) = stack.live("checkout")
    stack.control.edit_key(key["hash"], name=key["name"] + HOSTILE)
    stack.control.create_key(name=f"{stack.prefix}/checkout-{HOSTILE}", limit=1)
    return stack


def unharmed(run: Run) -> bool:
    """Whether a run succeeded or had findings, and printed only what is printable."""
    assert run.code in (0, 2), run
    return all(line.replace("\t", "").isprintable() for line in run.output.split("\n"))


@pytest.mark.parametrize("words", PULUMI)
def test_pulumi_prints_nothing_that_a_terminal_acts_on(renamed: Stack, words: str) -> None:
    """The name stands in Pulumi's own output, spelled out."""
    run = renamed.pulumi(*words.split())
    assert unharmed(run)
    assert "title" in run.output or "--debug" in words


@pytest.mark.parametrize("words", OURS)
def test_our_commands_print_nothing_that_a_terminal_acts_on(renamed: Stack, words: str) -> None:
    """Each command shows the name, where it does, in one short line."""
    assert unharmed(renamed.run("openrouter-keys", *words.split(), "--stack", renamed.name, check=False))


def test_the_name_is_healed_and_harmless_on_the_way(renamed: Stack) -> None:
    """What a refresh wrote into the state stays harmless in every later output, and the next up puts the name back."""
    for words in HEALING if SOAK else HEALING[::2]:
        assert unharmed(renamed.pulumi(*words.split())), words
    assert len([key for key in renamed.live("checkout") if key["name"].isprintable()]) == 1
