"""What kinds of drift there are, and how bad each is: one table, decided nowhere else."""

from dataclasses import dataclass
from enum import StrEnum

from ..schedule import parse_instant

ACCOUNT = "(account)"
REFRESH = "pulumi up --refresh"
DEPLOY = "pulumi up"

Value = str | float | bool | None


class Severity(StrEnum):
    """How bad a finding is, worst first."""

    CRITICAL = "critical"
    WARNING = "warning"
    NOTICE = "notice"

    def reaches(self, threshold: "Severity") -> bool:
        """Return whether this is at least as bad as the threshold."""
        order = list(Severity)
        return order.index(self) <= order.index(threshold)


class Change(StrEnum):
    """What happened."""

    KEY_DELETED = "key deleted"
    LIMIT_RAISED = "limit raised"
    LIMIT_REMOVED = "limit removed"
    LIMIT_LOWERED = "limit lowered"
    EXPIRY_REMOVED = "expiry removed"
    EXPIRY_POSTPONED = "expiry postponed"
    KEY_ENABLED = "key enabled again"
    KEY_DISABLED = "key disabled"
    KEY_RENAMED = "key renamed"
    PROPERTY_CHANGED = "property changed"
    SUPERSEDED_KEY_ENABLED = "superseded key enabled again"
    SUPERSEDED_KEY_DUE = "superseded key due for deletion"
    ROTATION_DUE = "rotation due"
    ROTATION_OVERDUE = "rotation overdue by more than its overlap"
    NOT_DEPLOYED = "not deployed yet"
    SECRET_DELETED = "secret deleted"  # noqa: S105 - a kind of change
    SECRET_UNREADABLE = "secret unreadable"  # noqa: S105 - a kind of change
    VALUE_REFUSED = "secret does not authenticate"
    VALUE_OF_ANOTHER_KEY = "secret holds another key"
    VALUE_SUPERSEDED = "secret still holds a superseded key"
    VALUE_EDITED = "secret value edited by hand"
    POLICY_WIDENED = "secret policy widened"
    POLICY_CHANGED = "secret policy changed"
    UNMANAGED_KEY = "unmanaged key"
    UNMANAGED_DISABLED_KEY = "unmanaged disabled key"
    NESTED_KEY = "key of a deeper prefix"
    KEY_WITHOUT_LIMIT = "key without a limit"
    STACK_UNREAD = "stack of this project unreadable"


_CRITICAL, _WARNING, _NOTICE = Severity.CRITICAL, Severity.WARNING, Severity.NOTICE

SEVERITIES: dict[Change, Severity] = {
    Change.KEY_DELETED: _CRITICAL,
    Change.LIMIT_RAISED: _CRITICAL,
    Change.LIMIT_REMOVED: _CRITICAL,
    Change.LIMIT_LOWERED: _WARNING,
    Change.EXPIRY_REMOVED: _CRITICAL,
    Change.EXPIRY_POSTPONED: _CRITICAL,
    Change.KEY_ENABLED: _CRITICAL,
    Change.KEY_DISABLED: _WARNING,
    Change.KEY_RENAMED: _WARNING,
    Change.PROPERTY_CHANGED: _WARNING,
    Change.SUPERSEDED_KEY_ENABLED: _CRITICAL,
    Change.SUPERSEDED_KEY_DUE: _NOTICE,
    Change.ROTATION_DUE: _NOTICE,
    Change.ROTATION_OVERDUE: _CRITICAL,
    Change.NOT_DEPLOYED: _NOTICE,
    Change.SECRET_DELETED: _CRITICAL,
    Change.SECRET_UNREADABLE: _WARNING,
    Change.VALUE_REFUSED: _CRITICAL,
    Change.VALUE_OF_ANOTHER_KEY: _CRITICAL,
    Change.VALUE_SUPERSEDED: _WARNING,
    Change.VALUE_EDITED: _WARNING,
    Change.POLICY_WIDENED: _CRITICAL,
    Change.POLICY_CHANGED: _WARNING,
    Change.UNMANAGED_KEY: _CRITICAL,
    Change.UNMANAGED_DISABLED_KEY: _WARNING,
    Change.NESTED_KEY: _NOTICE,
    Change.KEY_WITHOUT_LIMIT: _NOTICE,
    Change.STACK_UNREAD: _NOTICE,
}


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
        heal: the command that heals it, or why a person must.
    """

    stack: str
    service: str
    property: str
    wanted: Value
    actual: Value
    severity: Severity
    message: str
    heal: str


@dataclass(frozen=True)
class Subject:
    """Whose differences are being found."""

    stack: str
    service: str

    def finding(self, change: Change, property_: str, wanted: Value, actual: Value, heal: str) -> Finding:
        """Return a finding of this change with the table's severity."""
        return Finding(self.stack, self.service, property_, wanted, actual, SEVERITIES[change], change.value, heal)


def change_of(property_: str, wanted: Value, actual: Value) -> Change:
    """Return what happened to a key whose property was `wanted` and is now `actual`."""
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
