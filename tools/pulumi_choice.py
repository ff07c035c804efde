"""Which pulumi command line to use: a pure decision over what a machine has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

Version = tuple[int, int, int]

OLDEST_CLI: Version = (3, 226, 0)  # the first with a distinct exit code for --expect-no-changes
NEXT_MAJOR: Version = (4, 0, 0)
OLDEST_SWITCHING_GO: Version = (1, 21, 0)  # from here on Go fetches the newer Go that a module asks for


class Source(StrEnum):
    """Where the command line comes from."""

    PATH = "path"
    OFFICIAL = "official"
    GO = "go"
    NONE = "none"


@dataclass(frozen=True)
class Machine:
    """What the decision depends on.

    Args:
        cli: version of the pulumi on PATH; None when there is none or it does not say.
        language_host: whether pulumi-language-python is on PATH or beside that pulumi.
        installer: whether Pulumi's installer can be reached, and has not failed.
        go: version of go on PATH; None when there is none.
        go_switches: whether this go may fetch a newer one (GOTOOLCHAIN is not `local`).
        go_needed: the Go version in the tools' go.mod.

    """

    cli: Version | None = None
    language_host: bool = False
    installer: bool = False
    go: Version | None = None
    go_switches: bool = True
    go_needed: Version = (1, 25, 0)


@dataclass(frozen=True)
class Choice:
    """A source, and why it and not an earlier one."""

    source: Source
    reason: str


def choose(machine: Machine) -> Choice:
    """Prefer the command line on PATH, then Pulumi's installer, then a build with Go."""
    why = _why_not_path(machine)
    if why is None and machine.cli:
        return Choice(Source.PATH, f"version {show(machine.cli)} on PATH is {show(OLDEST_CLI)} or newer")
    if machine.installer:
        return Choice(Source.OFFICIAL, f"{why}; Pulumi's installer can be reached")
    why_not_go = _why_not_go(machine)
    if why_not_go is None and machine.go:
        return Choice(Source.GO, f"{why}, Pulumi's installer cannot be reached, and Go {show(machine.go)} is here")
    return Choice(Source.NONE, f"{why}, Pulumi's installer cannot be reached, and {why_not_go}")


def _why_not_path(machine: Machine) -> str | None:
    if machine.cli is None:
        return "no pulumi is on PATH"
    if not OLDEST_CLI <= machine.cli < NEXT_MAJOR:
        return f"pulumi {show(machine.cli)} on PATH is not {show(OLDEST_CLI)} or a newer 3.x"
    if not machine.language_host:
        return f"pulumi {show(machine.cli)} on PATH comes without pulumi-language-python"
    return None


def _why_not_go(machine: Machine) -> str | None:
    if machine.go is None:
        return "no go is on PATH"
    if machine.go < (OLDEST_SWITCHING_GO if machine.go_switches else machine.go_needed):
        return f"Go {show(machine.go)} is older than {show(machine.go_needed)}"
    return None


def parse_version(text: str) -> Version | None:
    """Return the first dotted version in a text (`v3.226.0`, `go1.26.8`, `3.230.0-dev.1`), or None."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def show(version: Version) -> str:
    """Return a version the way people write it."""
    return ".".join(str(part) for part in version)
