"""One property as the state, the world and the program have it, and what of their differences is drift."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from ...keys.fields import has_unknown
from ...keys.sameness import same
from ...stores.value import Properties
from .severity import DEPLOY, Change, Finding, Subject, Value


@dataclass(frozen=True)
class Sides:
    """One property on its three sides; `alike` tells whether two values of it mean the same."""

    state: Value
    actual: Value
    wanted: Value
    alike: Callable[[Any, Any], bool] = same

    @classmethod
    def of(
        cls,
        name: str,
        state: Properties,
        actual: Properties,
        wanted: Properties,
        alike: Callable[[Any, Any], bool] = same,
    ) -> Self:
        """Return the property of that name."""
        return cls(plain(state.get(name)), plain(actual.get(name)), plain(wanted.get(name)), alike)

    @property
    def drifted(self) -> bool:
        """Whether the world left the state, and not for what the program wishes by now."""
        return not self.alike(self.state, self.actual) and not self.alike(self.actual, self.wanted)

    @property
    def pending(self) -> bool:
        """Whether the program wishes something else than was deployed."""
        return not self.alike(self.state, self.wanted)


def difference(
    subject: Subject, name: str, sides: Sides, change: Change, heal: str, deploy: str = DEPLOY
) -> Iterator[Finding]:
    """Yield drift where the world left the state, and a pending change where the program did.

    Where the world already is as the program wishes, only the deployment is missing.

    Args:
        subject: whose property it is.
        name: the property.
        sides: what it is on each side.
        change: what its drift is called.
        heal: how its drift is healed.
        deploy: how a pending change is deployed.
    """
    if sides.drifted:
        yield subject.finding(change, name, sides.state, sides.actual, heal)
    if sides.pending:
        yield subject.finding(Change.NOT_DEPLOYED, name, sides.wanted, sides.actual, deploy)


def known(wanted: Properties, state: Properties) -> Properties:
    """Return the program's wishes with what a preview doesn't know yet taken as it was deployed."""
    return {**wanted, **{name: state.get(name) for name, value in wanted.items() if has_unknown(value)}}


def plain(value: Any) -> Value:
    """Return a property's value as one that a finding holds; empty text and empty collections are none."""
    if value is None or value in ("", {}, []):
        return None
    return value if isinstance(value, str | int | float) else json.dumps(value, sort_keys=True)
