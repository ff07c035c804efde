"""Creates a key so that no live key is left that nobody knows of.

A create has no idempotency key. When its answer is lost, the key's unique name is looked up, what was made is
deleted, and only then is the create tried again. What may be deleted so is decided by is_ours.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..errors import NotFound, OpenRouterError, OutcomeUnknown
from ..http.retry import Verdict, verdict
from ..http.wire import LOG
from ..models import CreatedKey, CreateKeyRequest, KeyRecord
from ..scrub import quoted_name
from .taking_over import Patience


def is_ours(record: KeyRecord, name: str, known: Collection[str], since: datetime | None) -> bool:
    """Return whether a found key may be deleted as the remains of a create.

    It must have exactly the name, never have been used, be unknown to the state and not be older than the
    attempt.

    Args:
        record: The key that was found.
        name: The name the create asked for.
        known: Hashes that the state holds.
        since: When the create began, the clocks' difference allowed for; None for an earlier run's remains.
    """
    fresh = since is None or record.created_at >= since
    return record.name == name and record.hash not in known and record.never_used and fresh


@dataclass(frozen=True)
class CreationCalls:
    """What a creation stands on: the calls it makes."""

    post: Callable[[CreateKeyRequest], CreatedKey]
    """One POST, without retries of anything that may have happened."""
    listing: Callable[[str | None], Sequence[KeyRecord]]
    """All keys of a workspace, disabled ones too."""
    delete: Callable[[str], None]


class Creation:
    """One key's creation, with as many attempts as it takes.

    Args:
        calls: The calls to make.
        patience: The time.
        request: The key wanted; its name must be unique.
        known_hashes: Keys that the state holds; they are never touched.
    """

    def __init__(
        self, calls: CreationCalls, patience: Patience, request: CreateKeyRequest, known_hashes: Collection[str]
    ) -> None:
        self._calls = calls
        self._patience = patience
        self._request = request
        self._known = frozenset(known_hashes)
        self._began = patience.monotonic()
        self._doubtful = False
        self._removed: set[str] = set()

    def attempt(self) -> CreatedKey:
        """Make the key once; after a failure that leaves doubt, first remove what it made.

        Raises:
            OutcomeUnknown: It could not be found out, or what was found may not be deleted.
            OpenRouterError: It failed and nothing is left behind.
        """
        try:
            created = self._calls.post(self._request)
        except OpenRouterError as error:
            failure = error
        else:
            self._check_afterwards(created)
            return created
        if verdict("POST", failure) is Verdict.RECONCILE:
            self._doubtful = True
            self._reconcile(failure)
            failure.amend("the listing was searched and no key of that name is left behind")
        raise failure.with_traceback(None) from None

    def _reconcile(self, failure: OpenRouterError) -> None:
        try:
            self._settle()
        except OutcomeUnknown:
            raise
        except OpenRouterError as error:
            problem = type(error).__name__
        else:
            return
        raise self._unknown(
            f"may have been made ({type(failure).__name__}) and could not be looked for ({problem})",
            "when the API answers again, let `openrouter-keys recover` find and delete it",
        )

    def _settle(self) -> None:
        """Look until the key is found and removed, or the listing has had time to show it."""
        self._patience.look(self._remove_remains, self._patience.policy.settle_seconds)

    def _remove_remains(self) -> bool:
        return self._remove(self._found(), self._patience.since(self._began))

    def _found(self) -> list[KeyRecord]:
        return self._namesakes(self._calls.listing(self._request.workspace_id))

    def _namesakes(self, records: Sequence[KeyRecord]) -> list[KeyRecord]:
        # A listing that lags may go on showing what was deleted; it is no sign of the attempt in question.
        gone = self._known | self._removed
        return [r for r in records if r.name == self._request.name and r.hash not in gone]

    def _remove(self, found: Sequence[KeyRecord], since: datetime | None) -> bool:
        """Delete what is ours; return whether anything was found."""
        name = self._request.name
        ours = [record for record in found if is_ours(record, name, self._known, since)]
        for record in ours:
            self._delete(record)
        others = tuple(record.hash for record in found if record not in ours)
        if others:
            raise self._unknown(
                f"exists already as {', '.join(others)}, used or older than this create, and was left",
                "see `openrouter-keys drift`, which lists it as unmanaged, and delete it on OpenRouter",
                others,
            )
        return bool(found)

    def _delete(self, record: KeyRecord) -> None:
        try:
            self._calls.delete(record.hash)
        except NotFound:
            LOG.debug("key %s was gone already", record.hash)
        self._removed.add(record.hash)

    def _check_afterwards(self, created: CreatedKey) -> None:
        """After a doubtful attempt, look for what it made until the listing shows the key made after it.

        However far a listing lags, once it shows the newer key it shows the older one too.
        """
        if not self._doubtful:
            return
        newest = created.record.hash
        self._known |= {newest}
        try:
            self._patience.look(lambda: self._shows_all_before(newest), self._patience.policy.catch_up_seconds)
        except OpenRouterError as error:
            LOG.debug("creating key: the last look for leftovers failed: %s", error)

    def _shows_all_before(self, newest: str) -> bool:
        """Remove what the listing shows of earlier attempts; return whether it shows the newest key."""
        records = self._calls.listing(self._request.workspace_id)
        self._remove(self._namesakes(records), self._patience.since(self._began))
        return any(record.hash == newest for record in records)

    def _unknown(self, what: str, remedy: str, hashes: Sequence[str] = ()) -> OutcomeUnknown:
        name = self._request.name
        return OutcomeUnknown(
            f"creating key {quoted_name(name)}: a key of that name {what}: {remedy} (docs/errors.md#outcome-unknown)",
            name=name,
            hashes=hashes,
        )
