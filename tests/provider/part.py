"""A resource's part in the one stack that the engine's tests deploy."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.openrouter import Control
from tests.harness import Stack


@dataclass(frozen=True)
class Part:
    """What a resource adds to the stack, and what becomes of it.

    Attributes:
        kind: the resource's name.
        program: its lines; there are `payments`, a workspace, `key`, a key in it, and `generous`.
        made: the writes of its creation, as operations of the API.
        drift: what somebody does to it by hand.
        healed: the writes that bring it back.
        imported: its lines in a program that imports it; there are `home`, a workspace, and `key`.
        by_hand: makes one in a workspace, without Pulumi; returns what names it to an import.
        changed: the writes of the change to the generous program.
        prepare: what has to be there before.
        left: what is left in the account after `destroy`; nothing, or it as it was.
    """

    kind: str
    program: str
    made: list[str]
    drift: Callable[[Stack], object]
    healed: list[str]
    imported: str
    by_hand: Callable[[Stack, str], str]
    changed: list[str] = field(default_factory=list)
    prepare: Callable[[Stack], object] = lambda _stack: None
    left: Callable[[Stack], object] = lambda _stack: None

    @property
    def name(self) -> str:
        """The resource's name in the program that imports it."""
        return self.imported.partition('"')[2].partition('"')[0]


@dataclass(frozen=True)
class Found:
    """How `adopt` finds one of the account that was made by hand, and what it says of it.

    Attributes:
        by_hand: makes one, in a workspace with the slug `team` where one is needed; returns its id.
        section: the setting of the config that it becomes a part of.
        settings: under which it stays as it is, beside its workspace.
        adopts: whether its id is among them, since the config wants either that or what nobody can read.
    """

    by_hand: Callable[[Control], str]
    section: str
    settings: dict[str, Any]
    adopts: bool = False
