"""Two stacks of one project, and what must not change when services move between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.harness import Run, Stack

PREVIEW = ("preview", "--expect-no-changes", "--diff")
READS = frozenset(("GET", "HEAD"))


@dataclass
class Neighbour(Stack):
    """Another stack in the folder of a first one, with its name prefix."""

    names: str = field(default="", kw_only=True)

    @property
    def prefix(self) -> str:
        """The prefix of both stacks' key and secret names."""
        return self.names


def neighbour_of(stack: Stack, *, initialised: bool = True) -> Neighbour:
    """Return a new stack in the same project, on the same account."""
    other = Neighbour(stack.folder, stack.environment, stack.control, now=stack.now, names=stack.prefix)
    if initialised:
        other.run("pulumi", "stack", "init", other.name, "--no-select")
    return other


def move(source: Stack, target: Stack, *services: str, check: bool = True) -> Run:
    """Move services."""
    words = ("openrouter-keys", "move", *services, "--stack", source.name, "--to", target.name, "--yes")
    return source.run(*words, check=check)


def fingerprints(stack: Stack) -> dict[str, str]:
    """Return the version that each secret of the prefix has as current, by the secret's name."""
    aws = stack.aws()
    return {name: aws.get_secret_value(SecretId=name)["VersionId"] for name in stack.secret_names()}


def key_hashes(stack: Stack) -> list[str]:
    """Return the hashes of the account's keys."""
    return sorted(key["hash"] for key in stack.control.keys())


def writes(stack: Stack) -> list[Mapping[str, Any]]:
    """Return the management calls that would change something, since the calls were cleared."""
    return [call for call in stack.control.calls() if call["method"] not in READS]
