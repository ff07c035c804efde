"""Keys of the account that no state knows."""

from collections.abc import Collection, Iterable, Iterator

from ..api.models import KeyRecord
from .drift.severity import ACCOUNT, Change, Finding, Subject, Value

_UNMANAGED = (
    "a person must: where an interrupted up left it, `openrouter-keys recover` deletes it; otherwise delete it on "
    "OpenRouter, or take it over with `openrouter-keys adopt"
)
_NESTED = "a person must, if no stack with this deeper prefix owns it: delete it on OpenRouter"
_UNLIMITED = "a person must: give it a limit on OpenRouter, or bring it under management with `openrouter-keys adopt"


def account_findings(
    stack: str, prefix: str, known: Collection[str], records: Iterable[KeyRecord]
) -> Iterator[Finding]:
    """Yield the keys under the stack's prefix that no state knows, and those elsewhere without a limit.

    Args:
        stack: its name.
        prefix: its name prefix without a trailing slash; `acme/dev` has no part in `acme/dev2/…`.
        known: the hashes in the state.
        records: every key of the account.
    """
    subject = Subject(stack, ACCOUNT)
    for record in records:
        if record.hash in known:
            continue
        if record.name.startswith(f"{prefix}/"):
            yield _unmanaged(subject, prefix, record)
        elif record.limit is None and not record.disabled:
            shown, heal = _described(record), f"{_UNLIMITED} {record.hash} SERVICE`"
            yield subject.finding(Change.KEY_WITHOUT_LIMIT, _name_of(record), "a limit", shown, heal)


def _unmanaged(subject: Subject, prefix: str, record: KeyRecord) -> Finding:
    # A service's name holds no slash, so this may be the key of a stack whose prefix begins with this one's.
    if "/" in record.name.removeprefix(f"{prefix}/"):
        return subject.finding(Change.NESTED_KEY, _name_of(record), None, _described(record), _NESTED)
    change = Change.UNMANAGED_DISABLED_KEY if record.disabled else Change.UNMANAGED_KEY
    heal = f"{_UNMANAGED} {record.hash} SERVICE`"
    return subject.finding(change, _name_of(record), None, _described(record), heal)


def _name_of(record: KeyRecord) -> str:
    return f"key {record.name}"


def _described(record: KeyRecord) -> Value:
    limit = "no limit" if record.limit is None else f"limit ${record.limit:,.2f}"
    return f"{'disabled' if record.disabled else 'enabled'}, {limit}, {record.label}, hash {record.hash}"
