"""What kinds of drift there are, how bad each is, and which difference of three sides is one: decided here alone."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Self

from ...keys.fields import has_unknown
from ...keys.sameness import same
from ...keys.schedule import parse_instant
from ...stores.value import Properties
from ..stack.components import SECRET_MARK

ACCOUNT = "(account)"
STACK = "(stack)"
REFRESH = "pulumi up --refresh"
DEPLOY = "pulumi up"

Value = str | float | bool | None
MASKED = "[secret]"
"""What Pulumi prints in the place of a secret."""
_COMMAND = re.compile(r"`([a-z][^`]*)`")


class Severity(StrEnum):
    """How bad a finding is, worst first."""

    CRITICAL = "critical"
    WARNING = "warning"
    NOTICE = "notice"

    def reaches(self, threshold: "Severity") -> bool:
        """Return whether this is at least as bad as the threshold."""
        order = list(Severity)
        return order.index(self) <= order.index(threshold)


_CRITICAL, _WARNING, _NOTICE = Severity.CRITICAL, Severity.WARNING, Severity.NOTICE


class Change(Enum):
    """What happened, in words, and how bad that is.

    Attributes:
        message: what happened.
        severity: how bad it is.
    """

    KEY_DELETED = "key deleted", _CRITICAL
    KEY_MISSING = "service without a key", _CRITICAL
    KEY_EXPIRED = "key expired", _CRITICAL
    KEY_EXPIRES_SOON = "key expires soon", _NOTICE
    LIMIT_RAISED = "limit raised", _CRITICAL
    LIMIT_REMOVED = "limit removed", _CRITICAL
    LIMIT_LOWERED = "limit lowered", _WARNING
    EXPIRY_REMOVED = "expiry removed", _CRITICAL
    EXPIRY_POSTPONED = "expiry postponed", _CRITICAL
    KEY_ENABLED = "key enabled again", _CRITICAL
    KEY_DISABLED = "key disabled", _WARNING
    KEY_RENAMED = "key renamed", _WARNING
    PROPERTY_CHANGED = "property changed", _WARNING
    SUPERSEDED_KEY_ENABLED = "superseded key enabled again", _CRITICAL
    SUPERSEDED_KEY_DUE = "superseded key due for deletion", _NOTICE
    ROTATION_DUE = "rotation due", _NOTICE
    ROTATION_OVERDUE = "rotation overdue by more than its overlap", _CRITICAL
    ROTATION_STOPPED = "rotation can no longer happen", _CRITICAL
    SCHEDULE_IMPOSSIBLE = "a time that no schedule can have made", _CRITICAL
    CLOCK_WRONG = "clock disagrees with the API's", _WARNING
    NOT_DEPLOYED = "not deployed yet", _NOTICE
    SECRET_DELETED = "secret deleted", _CRITICAL
    SECRET_UNREADABLE = "secret unreadable", _CRITICAL
    VALUE_MISSING = "no secret of this stack holds the key", _CRITICAL
    VALUE_REFUSED = "secret does not authenticate", _CRITICAL
    VALUE_OF_ANOTHER_KEY = "secret holds another key", _CRITICAL
    VALUE_SUPERSEDED = "secret still holds a superseded key", _WARNING
    VALUE_EDITED = "secret value edited by hand", _WARNING
    POLICY_WIDENED = "secret policy widened", _CRITICAL
    POLICY_CHANGED = "secret policy changed", _WARNING
    READER_GONE = "reader deleted in AWS", _WARNING
    OBJECT_DELETED = "deleted", _CRITICAL
    OBJECT_LOOSENED = "allows more", _CRITICAL
    OBJECT_CHANGED = "allows less, or other things", _WARNING
    OBJECT_REWORDED = "reworded", _NOTICE
    VENDORS_KEY_REPLACED = "provider key holds another value", _CRITICAL
    CREDENTIALS_REPLACED = "other credentials than the last run's", _CRITICAL
    UNMANAGED_KEY = "unmanaged key", _CRITICAL
    UNMANAGED_DISABLED_KEY = "unmanaged disabled key", _WARNING
    NESTED_KEY = "key of a deeper prefix", _NOTICE
    KEY_WITHOUT_LIMIT = "key without a limit", _NOTICE
    STACK_UNREAD = "stack of this project unreadable", _NOTICE
    RUN_KILLED = "a run was killed", _WARNING
    STACK_HELD = "a run holds the stack", _NOTICE

    def __init__(self, message: str, severity: Severity) -> None:
        self.message = message
        self.severity = severity


@dataclass(frozen=True)
class Finding:
    """One difference between what is wanted and what is.

    Attributes:
        stack: the stack's name.
        service: the service, or `(account)` for a key that belongs to none.
        property: what differs.
        wanted: what the program asks for; None is none.
        actual: what the API says; None is none.
        severity: how bad it is.
        message: what happened, in words.
        heal: the command that heals it, or a sentence with the commands in backticks; where a person must decide or
            do something first, it says so.
    """

    stack: str
    service: str
    property: str
    wanted: Value
    actual: Value
    severity: Severity
    message: str
    heal: str


def commands_in(heal: str) -> list[str]:
    """Return the commands that a finding's `heal` names, in their order.

    >>> commands_in("a person must: set a later expiresAt; then run `pulumi up`")
    ['pulumi up']
    """
    return [heal] if heal in (REFRESH, DEPLOY) else _COMMAND.findall(heal)


@dataclass(frozen=True)
class Subject:
    """Whose differences are being found."""

    stack: str
    service: str

    def finding(self, change: Change, property_: str, wanted: Value, actual: Value, heal: str) -> Finding:
        """Return a finding of this change, as bad as the table says."""
        return Finding(self.stack, self.service, property_, wanted, actual, change.severity, change.message, heal)


def change_of(property_: str, wanted: Value, actual: Value) -> Change:
    """Return what happened to a key whose property was `wanted` and is now `actual`."""
    if MASKED in (wanted, actual) and actual is not None:
        return Change.PROPERTY_CHANGED
    if property_ == "limit":
        return _limit_change(wanted, actual)
    if property_ == "expires_at":
        return _expiry_change(wanted, actual)
    if property_ == "disabled":
        return Change.KEY_DISABLED if actual else Change.KEY_ENABLED
    return Change.KEY_RENAMED if property_ == "name" else Change.PROPERTY_CHANGED


def _limit_change(wanted: Value, actual: Value) -> Change:
    if actual is None:
        return Change.LIMIT_REMOVED
    if wanted is None or float(actual) < float(wanted):
        return Change.LIMIT_LOWERED
    return Change.LIMIT_RAISED


def _expiry_change(wanted: Value, actual: Value) -> Change:
    if actual is None:
        return Change.EXPIRY_REMOVED
    if wanted is None or parse_instant(str(actual)) < parse_instant(str(wanted)):
        return Change.PROPERTY_CHANGED
    return Change.EXPIRY_POSTPONED


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
        if MASKED in (self.state, self.actual, self.wanted):
            # A secret setting: no preview says what it is, only whether there is one. `verify` compares a limit.
            return self.state == MASKED and self.actual is None and self.wanted is not None
        return not self.alike(self.state, self.actual) and not self.alike(self.actual, self.wanted)

    @property
    def pending(self) -> bool:
        """Whether the program wishes something else than was deployed."""
        return MASKED not in (self.state, self.wanted) and not self.alike(self.state, self.wanted)


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
    if isinstance(value, Mapping) and SECRET_MARK in value:
        return MASKED
    return value if isinstance(value, str | int | float) else json.dumps(value, sort_keys=True)
