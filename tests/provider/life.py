"""What a resource's life is made of, for the tests that let each live it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from openrouter_provider.resources.base import OpenRouterProvider
from sandbox.openrouter import Control

Props = dict[str, Any]
VENDOR_KEY = "vendor-canary-" + "k" * 24
OTHER_VENDOR_KEY = "another-canary-" + "q" * 24
ELSEWHERE_KEY = "elsewhere-canary-" + "e" * 24
"""One that no state shall have, encrypted or not."""


@dataclass(frozen=True)
class Ground:
    """What is there already: two workspaces, two guardrails, two keys and a member."""

    control: Control
    workspaces: tuple[str, str]
    guardrails: tuple[str, str]
    keys: tuple[str, str]
    member: str

    @classmethod
    def of(cls, control: Control) -> "Ground":
        """Prepare a fresh account."""
        first, second = (control.create_workspace(name=name, slug=name)["id"] for name in ("first", "second"))
        one, other = (control.create_guardrail(name=name)["id"] for name in ("one", "other"))
        keys = (control.create_key(name="a")[0]["hash"], control.create_key(name="b")[0]["hash"])
        control.add_member("user_mallory")
        return cls(control, (first, second), (one, other), keys, "user_mallory")


@dataclass(frozen=True)
class Life:
    """One resource's life.

    Attributes:
        provider: its provider.
        created_by: the writes of a creation, as operations of the API.
        changed_by: the writes of the change.
        deleted_by: the writes of a deletion.
        wish: what the program wants first.
        records: what the account holds of it.
        succeeds: whether a replacing object comes under the same resource, and the one before it goes after an overlap.
        adopt: makes an object by hand and returns the wish that takes it over unchanged.
        change: what it wants otherwise later; None for what has nothing to change.
        drift: changes the object behind the resource's back, by its id.
        vanish: deletes the object behind the resource's back; None for what can't be deleted.
        replacing: a change that needs a new object.
        adopted_by: the writes of taking it over; a set of assignments has none in the API to recognise it by.
        brought_by: the writes of taking it over with the change; as a rule those of the change.
        clear: takes away what a test of it may have left in the account, beside what every test leaves.
    """

    provider: type[OpenRouterProvider]
    created_by: list[str]
    changed_by: list[str]
    deleted_by: list[str]
    wish: Callable[[Ground], Props]
    records: Callable[[Ground], list[Props]]
    adopt: Callable[[Ground], Props]
    change: Callable[[Ground], Props] | None = None
    drift: Callable[[Ground, str], object] | None = None
    vanish: Callable[[Ground, str], object] | None = None
    replacing: Callable[[Ground], Props] | None = None
    adopted_by: list[str] = field(default_factory=list)
    brought_by: list[str] | None = None
    succeeds: bool = False
    clear: Callable[[Control], object] | None = None


def part(of_a_life: Callable[..., Any] | None) -> Callable[..., Any]:
    """Return a part that the life has."""
    assert of_a_life
    return of_a_life
