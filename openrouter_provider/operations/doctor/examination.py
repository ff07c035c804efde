"""What doctor's checks look at, and what they say: commands, config, AWS, each replaceable and quick to give up."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import httpx

from ...api.scrub import scrub
from ...config.problems import StackConfigError
from ...config.source import RawConfig, read_config
from ...config.stack import StackConfig
from ...stores.aws.doctor import impatient_client
from ..stack.stacks import error_in, explained

COMMAND_SECONDS = 8.0
NETWORK_SECONDS = 4.0


class Health(StrEnum):
    """What a check found."""

    OK = "ok"
    NOTICE = "notice"
    FINDING = "finding"


@dataclass(frozen=True)
class Checked:
    """One line of the report.

    Attributes:
        name: what was checked.
        verdict: how it is.
        text: what was found.
        fix: what to do; empty where there is nothing to do.
    """

    name: str
    verdict: Health
    text: str
    fix: str = ""


def as_objects(lines: Sequence[Checked]) -> list[dict[str, str]]:
    """Return the lines as objects for JSON: name, verdict (ok, notice, finding), text, fix."""
    return [asdict(line) for line in lines]


def ok(name: str, text: str) -> Checked:
    """Return the line of what is fine."""
    return Checked(name, Health.OK, text)


def finding(name: str, text: str, fix: str) -> Checked:
    """Return the line of what needs mending."""
    return Checked(name, Health.FINDING, text, fix)


@dataclass(frozen=True)
class Ran:
    """A command's exit code and what it wrote."""

    code: int
    out: str = field(default="", repr=False)
    err: str = field(default="", repr=False)


def run_command(arguments: Sequence[str], folder: Path) -> Ran:
    """Run a command for at most a few seconds; what can't be run or doesn't end has a code below 0."""
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = subprocess.run(
            arguments,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ran(-1, err=f"error: no answer within {COMMAND_SECONDS:g} s")
    except OSError:
        return Ran(-2, err="error: it can't be run")
    return Ran(done.returncode, done.stdout, done.stderr)


aws_client = partial(impatient_client, seconds=NETWORK_SECONDS)


@dataclass
class Examination:
    """What the checks look at; everything outside the process can be replaced.

    Attributes:
        project: the folder with Pulumi.yaml.
        stack: the stack's name; None for the selected one.
        environment: variable names and values.
        run: runs a command in a folder.
        find: returns where a command is.
        transport: replaces the network to the API.
        aws: returns a client of an AWS service for a stack's config.
        now: the machine's own time.
    """

    project: Path
    stack: str | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    run: Callable[[Sequence[str], Path], Ran] = run_command
    find: Callable[[str], str | None] = shutil.which
    transport: httpx.BaseTransport | None = None
    aws: Callable[[str, Mapping[str, str]], Any] = aws_client
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def pulumi(self, *arguments: str) -> Ran:
        """Run pulumi in the project's folder."""
        return self.run(["pulumi", *arguments, "--non-interactive"], self.project)

    @property
    def on_stack(self) -> list[str]:
        """The arguments that name the stack to pulumi."""
        return ["--stack", self.stack] if self.stack else []

    @cached_property
    def config_answer(self) -> Ran:
        """What pulumi says of the stack's config, decrypted."""
        return self.pulumi("config", "--show-secrets", "--json", *self.on_stack)

    @cached_property
    def config(self) -> dict[str, str]:
        """The stack's config by full key; empty where it can't be read."""
        entries = parse_json(self.config_answer.out) if self.config_answer.code == 0 else None
        if not isinstance(entries, dict):
            return {}
        return {name: str(entry["value"]) for name, entry in entries.items() if "value" in entry}

    @cached_property
    def raw_config(self) -> RawConfig:
        """The stack's settings as they stand, not yet checked."""
        return read_config(self.config.get, self.project)

    @cached_property
    def declared(self) -> StackConfig | StackConfigError:
        """What the stack's config declares, or what is wrong with it."""
        try:
            return self.raw_config.parsed(self.stack or "stack")
        except StackConfigError as error:
            return error

    @cached_property
    def deployed(self) -> dict[str, Any]:
        """What the stack exports of each service; empty where it was never deployed, or can't be read."""
        ran = self.pulumi("stack", "output", "--json", *self.on_stack)
        outputs = parse_json(ran.out) if ran.code == 0 else None
        services = outputs.get("services") if isinstance(outputs, dict) else None
        return services if isinstance(services, dict) else {}


def why(ran: Ran) -> str:
    """Return the line in which a failed command says why, without anything that looks like a secret."""
    lines = [line.strip() for line in f"{ran.err}\n{ran.out}".splitlines() if line.strip()]
    cause = error_in(lines) or (lines[-1] if lines else "")
    return scrub(explained(cause)) if cause else f"exit code {ran.code}"


def parse_json(text: str) -> Any:
    """Return what a JSON text says; None where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None
