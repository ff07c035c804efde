"""Keys of the account that no state of the project knows."""

from collections.abc import Callable, Iterable, Iterator

from ...api.models import KeyRecord
from ...api.money import usd
from ..stack.orphans import Claim, orphans
from ..stack.siblings import OtherStacks
from .findings import ACCOUNT, Change, Finding, Subject, Value

_UNMANAGED = (
    "a person must: where an interrupted up left it, `openrouter-keys recover` deletes it; otherwise delete it on "
    "OpenRouter, or take it over with `openrouter-keys adopt"
)
_UNREAD = "a person must: make the stack's state readable here, or remove the stack; the keys above may be its own"
_NESTED = "a person must, if no stack with this deeper prefix owns it: delete it on OpenRouter"
_UNLIMITED = "a person must: give it a limit on OpenRouter, or bring it under management with `openrouter-keys adopt"


def account_findings(
    stack: str, claim: Claim, records: Iterable[KeyRecord], others: Callable[[], OtherStacks] = OtherStacks
) -> Iterator[Finding]:
    """Yield the stack's orphans, the unknown keys of deeper prefixes, and those elsewhere without a limit.

    A key that another stack of the project knows is none of these. Where some are left and a stack could not be read,
    that stack is a finding too: the keys may be its own.

    Args:
        stack: the stack's name.
        claim: what it calls its own (orphans.claim_of).
        records: every key of the account.
        others: returns what the project's other stacks know (project_stacks); asked only where something is unknown,
            and after the account was listed.
    """
    subject = Subject(stack, ACCOUNT)
    suspects = [record for record in records if record.hash not in claim.known and _is_suspect(claim, record)]
    siblings = others() if suspects else OtherStacks()
    found = [_unmanaged(subject, record) for record in orphans(claim, suspects, siblings)]
    rest = [each for each in suspects if not claim.covers(each.name) and each.hash not in siblings.hashes]
    found += [_elsewhere(subject, claim, record) for record in rest]
    yield from found
    for name, why in siblings.unread.items() if found else ():
        yield subject.finding(Change.STACK_UNREAD, f"stack {name}", "readable", why, _UNREAD)


def _is_suspect(claim: Claim, record: KeyRecord) -> bool:
    unlimited = record.limit is None and not record.disabled
    return claim.covers(record.name) or claim.is_nested(record.name) or unlimited


def _unmanaged(subject: Subject, record: KeyRecord) -> Finding:
    change = Change.UNMANAGED_DISABLED_KEY if record.disabled else Change.UNMANAGED_KEY
    heal = f"{_UNMANAGED} {record.hash} SERVICE`"
    return subject.finding(change, _name_of(record), None, _described(record), heal)


def _elsewhere(subject: Subject, claim: Claim, record: KeyRecord) -> Finding:
    if claim.is_nested(record.name):
        return subject.finding(Change.NESTED_KEY, _name_of(record), None, _described(record), _NESTED)
    heal = f"{_UNLIMITED} {record.hash} SERVICE`"
    return subject.finding(Change.KEY_WITHOUT_LIMIT, _name_of(record), "a limit", _described(record), heal)


def _name_of(record: KeyRecord) -> str:
    return f"key {record.name}"


def _described(record: KeyRecord) -> Value:
    limit = "unlimited" if record.limit is None else f"limit {usd(record.limit)}"
    return f"{'disabled' if record.disabled else 'enabled'}, {limit}, {record.label}, hash {record.hash}"
