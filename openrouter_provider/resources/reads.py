"""Reading many keys with few calls: listing pages and single reads, alternated."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol, TypeVar

from ..api.errors import NotFound, OpenRouterError, ResponseError
from ..api.listing import PAGE_SIZE
from ..api.models import KeyRecord


@dataclass
class SingleFlight:
    """A lock whose waiters share a failure: with a dead API a call takes half a minute, and a stack has many resources.

    Whoever comes after the failure tries again.

    Attributes:
        lock: held by the one whose turn it is.
    """

    lock: AbstractContextManager[object] = field(default_factory=Lock)
    _failure: Exception | None = None

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for the turn and hold it.

        Raises:
            Exception: what ended the turn of somebody else, while this one was waited for.
        """
        known = self._failure
        with self.lock:
            if self._failure is not None and self._failure is not known:
                raise self._failure
            try:
                yield
            except Exception as error:
                self._failure = error
                raise


Result = TypeVar("Result")


@dataclass
class _Entry:
    flight: SingleFlight = field(default_factory=SingleFlight)
    known: bool = False
    value: Any = None


class Listings:
    """Answers from memory what was fetched in this run; safe to share between threads."""

    def __init__(self) -> None:
        self._entries: dict[Hashable, _Entry] = defaultdict(_Entry)
        self._lock = Lock()

    def read(self, key: Hashable, fetch: Callable[[], Result]) -> Result:
        """Return what fetch returned the first time that this key was asked for.

        A fetch that fails is not remembered: those who waited for it fail with it, and the next one tries again.
        """
        with self._lock:
            entry = self._entries[key]
        with entry.flight.take():
            if not entry.known:
                entry.value = fetch()
                entry.known = True
            value: Result = entry.value
            return value

    def forget(self, key: Hashable) -> None:
        """Note that something was written which the listing shows."""
        with self._lock:
            self._entries.pop(key, None)


MAKES_NEXT_PAGE_WORTH_IT = PAGE_SIZE // 4
_NO_SUCH_WORKSPACE = (400, 404)


class ReadsKeys(Protocol):
    """The part of the client that reading needs."""

    def get_key(self, hash_: str) -> KeyRecord:
        """Return one key."""
        ...

    def list_keys_page(
        self, offset: int, *, workspace_id: str | None = None, include_disabled: bool = True
    ) -> list[KeyRecord]:
        """Return one page of the listing."""
        ...


@dataclass
class _Listing:
    """What is known so far of one workspace's listing."""

    flight: SingleFlight = field(default_factory=SingleFlight)
    records: dict[str, KeyRecord] = field(default_factory=dict)
    next_offset: int = 0
    complete: bool = False
    answered: int = 0
    """Reads that it answered since its last page came."""


class KeyReader:
    """Answers reads of keys from a listing that it fetches page by page, only as far as that pays.

    Nobody knows beforehand whether the account holds fifty thousand keys and the stack five, or the stack all of
    them. So for each key that no page fetched so far has shown, the reader spends one call on the next page, and where
    that page does not show it either, one call on the key itself. Let n be the keys asked for and p the pages of the
    workspace's listing. Each unknown key costs at most a page and a single read, which bounds the calls by 2n; each
    single read was preceded by a page of its own, so that while pages remain the calls are at most 2p. A key that
    the complete listing lacks is still confirmed by a read of its own before it is called deleted. Hence at most
    2 * min(n, p) calls, and one more for each key that is really gone.

    A page that has answered MAKES_NEXT_PAGE_WORTH_IT reads lets the next one be fetched ahead, while it answers more.
    Those reads cost no call of their own, so that the bound by 2n holds, and pages are still fetched once each.
    """

    def __init__(self, client: ReadsKeys, listed: Mapping[str, KeyRecord] | None = None) -> None:
        self._client = client
        self._listed = listed or {}
        self._listings: dict[str | None, _Listing] = defaultdict(_Listing)
        self._written: set[str] = set()
        self._lock = Lock()

    def read(self, hash_: str, workspace_id: str | None = None) -> KeyRecord | None:
        """Return the key, or None where the API says that it does not exist.

        Raises:
            OpenRouterError: the API did not answer, or not to the thread whose page was waited for.
        """
        with self._lock:
            written = hash_ in self._written
            if hash_ in self._listed and not written:
                return self._listed[hash_]
            listing = self._listings[workspace_id]
            known = None if written else listing.records.get(hash_)
            listing.answered += known is not None
            worth_it = known is not None and listing.answered == MAKES_NEXT_PAGE_WORTH_IT
        if written:
            return self._confirm(hash_)
        if worth_it:
            self._fetch_ahead(listing, workspace_id)
        return known or self._look_up(hash_, listing, workspace_id)

    def _look_up(self, hash_: str, listing: _Listing, workspace_id: str | None) -> KeyRecord | None:
        with listing.flight.take():
            if hash_ not in listing.records and not listing.complete:
                self._fetch_page(listing, workspace_id)
            record = listing.records.get(hash_)
        return record or self._confirm(hash_)

    def forget(self, hash_: str) -> None:
        """Note that this process wrote the key: the listing's copy of it no longer counts."""
        with self._lock:
            self._written.add(hash_)

    def _fetch_ahead(self, listing: _Listing, workspace_id: str | None) -> None:
        before = listing.next_offset
        # Nobody asked for this page yet: whoever needs it is told that it failed when it fails again.
        with suppress(OpenRouterError), listing.flight.take():
            if listing.next_offset == before and not listing.complete:
                self._fetch_page(listing, workspace_id)

    def _fetch_page(self, listing: _Listing, workspace_id: str | None) -> None:
        try:
            page = self._client.list_keys_page(listing.next_offset, workspace_id=workspace_id, include_disabled=True)
        except ResponseError as error:
            if workspace_id is None or error.status not in _NO_SUCH_WORKSPACE:
                raise
            page = []  # Somebody deleted the workspace: each of its keys is asked for by itself.
        with self._lock:
            listing.records.update({record.hash: record for record in page})
            listing.answered = 0
        listing.next_offset += len(page)
        listing.complete = len(page) < PAGE_SIZE

    def _confirm(self, hash_: str) -> KeyRecord | None:
        try:
            return self._client.get_key(hash_)
        except NotFound:
            return None


_REFUSED = (400, 404)


def with_gone(reader: KeyReader, found: Collection[str], declared: Iterable[str]) -> list[str]:
    """Return, in order, the hashes that were found, and those declared ones whose keys are gone."""
    missing = set(declared) - set(found)
    return sorted({*found, *(hash_ for hash_ in missing if reader.read(hash_) is None)})


def write_living(reader: KeyReader, hashes: Sequence[str], write: Callable[[Sequence[str]], Result]) -> Result:
    """Write a list of hashes; where it is refused for keys that are gone, without those.

    Args:
        reader: asks whether a key exists.
        hashes: what to write.
        write: makes the call; it is given no empty list that was not empty before.

    Raises:
        ResponseError: it was refused, and not for such a key.
    """
    try:
        return write(hashes)
    except ResponseError as error:
        if error.status not in _REFUSED:
            raise
        living = [hash_ for hash_ in hashes if reader.read(hash_) is not None]
        if not living or len(living) == len(hashes):
            raise
    return write(living)
