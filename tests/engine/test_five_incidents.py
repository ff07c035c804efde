"""Somebody who reads only the table of docs/operations.md heals five planted incidents, each in three commands."""

import re
import shlex
from pathlib import Path
from typing import Any

from openrouter_provider.stores.payload import key_in
from tests.background import kill_up_when
from tests.engine.drifting import carry_out
from tests.engine.schedule import ROTATING, START, after
from tests.harness import ROOT, Run, Stack
from tests.soak import SOAK

PAGE = Path(ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| \[[^\]]+\]\(#([a-z-]+)\)[^|]*\| (.+?) \| [^|]+ \|$", re.MULTILINE)
MOST = 3
HANG_SECONDS = 60
FOR_EVER = 9999


def commands_for(anchor: str) -> list[str]:
    """Return the commands in the row of the page's first table that leads to a section."""
    rows = {found: re.findall(r"`([^`]+)`", cell) for found, cell in ROW.findall(PAGE.partition("## Incidents")[0])}
    assert 0 < len(rows[anchor]) <= MOST
    return rows[anchor]


def ran(stack: Stack, command: str) -> Run | None:
    """Run a command of the page as it stands, with the consent that a terminal would be asked for."""
    words = shlex.split(command.replace("acme/dev/", f"{stack.prefix}/"))
    if words[0] == "aws":
        carry_out(stack, shlex.join(words))
        return None
    consent = {("pulumi", "up"): ["--yes"], ("openrouter-keys", "recover"): ["--yes"]}.get((words[0], words[1]), [])
    return stack.run(*words, *consent, check=False)


def followed(stack: Stack, anchor: str) -> list[str]:
    """Run the commands for a symptom in their order; return what each printed."""
    runs = [ran(stack, command) for command in commands_for(anchor)]
    last = runs[-1]
    assert last is None or last.code == 0, last
    return [run.output if run else "" for run in runs]


def squeezed(text: str) -> str:
    """Return what was printed without a table's lines and line breaks."""
    return "".join(character for character in text if character.isalnum() or character in "-`")


def assert_healed(stack: Stack, *services: str) -> None:
    """Assert that every service's stored key is its own and works, none is ownerless, no operation is unfinished."""
    assert all(stack.authenticates(service) for service in services)
    deployment = stack.export()["deployment"]
    keys = [each["outputs"] for each in deployment["resources"] if each["type"].endswith(":ApiKey")]
    known = {entry["hash"] for key in keys for entry in [key, *(key.get("superseded") or [])]}
    assert {key["hash"] for key in stack.control.keys()} <= known
    values = stack.control.secrets()["keys"]
    assert {key_in(stack.secret_text(service)) for service in services} == {values[key["hash"]] for key in keys}
    assert (len(keys), deployment.get("pending_operations")) == (len(services), None)


def current(stack: Stack, service: str = "checkout") -> str:
    """Return the hash of a service's key as the state has it."""
    return str(stack.services()[service]["keyHash"])


def test_five_incidents_are_healed_by_what_the_table_says(stack: Stack) -> None:
    """A dead key, a leaked one, a killed run, OpenRouter away and a deleted secret: at most three commands for each."""
    window = {"defaults": {"recoveryWindowInDays": 7}}
    stack.now = START
    stack.configure({"checkout": ROTATING}, **window)
    stack.up()
    stack.run("pulumi", "stack", "select", stack.name)

    stack.control.delete_key(current(stack))
    assert not stack.authenticates("checkout")
    looked, _, listed = followed(stack, "dead-key")
    assert "pulumiup--refresh" in squeezed(looked)
    assert "ok" in listed
    assert_healed(stack, "checkout")

    leaked = current(stack)
    followed(stack, "leaked-key")
    assert [key["disabled"] for key in stack.control.keys() if key["hash"] == leaked] == [True]
    assert_healed(stack, "checkout")

    services: dict[str, Any] = {"checkout": {**ROTATING, "rotateNow": "leak-2027-03-01"}, "search": {"limit": 5}}
    stack.configure(services, **window)
    stack.control.fault("create_key", "hang", after=True, seconds=HANG_SECONDS)
    assert kill_up_when(stack, lambda: len(stack.live("search")) == 1)
    (lost,) = stack.live("search")
    stack.control.clear_faults()
    followed(stack, "recovery")
    assert current(stack, "search") != lost["hash"]
    assert_healed(stack, "checkout", "search")

    before = current(stack)
    stack.now = after(91)
    stack.control.fault("any", "drop_before", count=FOR_EVER)
    if SOAK:  # It asks for half a minute before it gives up.
        assert stack.up(check=False).code != 0
    away, *rest = commands_for("openrouter-is-away")
    seen = ran(stack, away)
    assert seen is not None
    assert (seen.code, "could not be tried" in seen.output) == (2, True), seen
    stack.control.clear_faults()
    healed = [ran(stack, command) for command in rest]
    assert [run.code for run in healed if run] == [0] * len(rest), healed
    assert current(stack) != before
    assert_healed(stack, "checkout", "search")

    value = stack.secret_text("checkout")
    stack.aws().delete_secret(SecretId=stack.secret_name("checkout"), RecoveryWindowInDays=7)
    looked, *_ = followed(stack, "deleted-secret")
    assert "awssecretsmanagerrestore-secret" in squeezed(looked)
    assert stack.secret_text("checkout") == value
    assert_healed(stack, "checkout", "search")
    verified = stack.run("openrouter-keys", "verify", check=False)
    assert verified.code == 0, verified
    assert not stack.drifted()
