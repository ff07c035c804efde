"""Reads a paged listing so that nothing is missed when it shifts under the reader, or when its pages are short.

Pages are addressed by offset, so a deletion on an earlier page moves an unread item onto a page already read, and a
missed key would look deleted. Therefore each page begins with the last item of the one before; where it doesn't, the
listing shifted and is read again.

A page may have fewer items than rows: OpenRouter cuts the page first and then leaves out the rows of keys that were
deleted, so that a short page, even an empty one, says nothing of the end. The end is where `total_count` says, which
counts rows; a listing without that count ends with the page that brings nothing new.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from .errors import InvalidResponse, OpenRouterError

Item = TypeVar("Item")

PAGE_SIZE = 100
MAX_ROUNDS = 5
MAX_ITEMS = 100_000
"""Ends the reading of a listing that has no end."""
MAX_STALE_PAGES = 3
"""So many pages in a row without a new item are no shift: the server doesn't look at the offset."""


@dataclass(frozen=True)
class Page(Generic[Item]):
    """What one call showed of a listing."""

    items: Sequence[Item]
    total: int | None = None
    """How many rows the listing has, those that are shown to nobody included; None where the API doesn't say."""


def read_all(
    page: Callable[[int], Page[Item]], identity: Callable[[Item], str], action: str = "reading a listing"
) -> list[Item]:
    """Return every item of a listing once.

    When the listing shifts in each of MAX_ROUNDS readings, all that any of them saw is returned: to show an item that
    has just gone is harmless, to miss one isn't.

    Args:
        page: Returns the items from an offset on, PAGE_SIZE at a time.
        identity: Tells items apart.
        action: What to call the reading in an error.

    Raises:
        OpenRouterError: There are more than MAX_ITEMS. What was read of them is not returned, since an item that is
            missed looks deleted.
        InvalidResponse: The same items come for whatever offset.
    """
    seen: dict[str, Item] = {}
    for _ in range(MAX_ROUNDS):
        reading = _Reading(identity, action)
        while not reading.ended:
            reading.take(page(reading.offset))
        if reading.steady:
            return list(reading.items.values())
        seen |= reading.items
    return list(seen.values())


@dataclass
class _Reading(Generic[Item]):
    """One reading of a listing, from its beginning to its end.

    Attributes:
        identity: tells items apart.
        action: what to call the reading in an error.
        items: what was seen, in order.
        offset: where the next page begins.
        steady: whether each page began where the one before ended.
        ended: whether there is nothing more to read.
    """

    identity: Callable[[Item], str]
    action: str
    items: dict[str, Item] = field(default_factory=dict)
    offset: int = 0
    steady: bool = True
    ended: bool = False
    _last: str | None = None
    _short: bool = False
    _stale: int = 0
    _total: int | None = None
    _drops: bool = False
    """Whether rows are left out of pages: then a page of any length has shown PAGE_SIZE rows."""

    def take(self, page: Page[Item]) -> None:
        """Note what the page at the offset showed, and move the offset to the next one."""
        found = {self.identity(item): item for item in page.items}
        length, brought = len(page.items), not found.keys() <= self.items.keys()
        self._check([*found], length, page.total)
        self.items |= {id_: item for id_, item in found.items() if id_ not in self.items}
        self.ended = self._is_last(length, page.total, brought)
        self._last, self._short = next(reversed(found), None), length < PAGE_SIZE
        self.offset += PAGE_SIZE - 1 if self._drops and self._short else length - 1
        self._stale = self._stale + 1 if length >= PAGE_SIZE and not brought else 0
        self._refuse_endless()

    def _refuse_endless(self) -> None:
        if self._stale >= MAX_STALE_PAGES:
            raise InvalidResponse(
                f"{self.action}: the answers hold the same items for every offset, so what lies beyond them can't be "
                "read; check the base URL and what lies between, such as a cache (docs/errors.md#invalid-response)"
            )
        if self.offset > MAX_ITEMS:
            raise OpenRouterError(
                f"{self.action}: there are more than {MAX_ITEMS:,}, and nothing is decided on a part of them; delete "
                "what is not needed, or keep this stack's keys in a workspace of their own "
                "(docs/errors.md#too-many-items)"
            )

    def _check(self, ids: Sequence[str], length: int, total: int | None) -> None:
        """Compare a page with the one before it: it shall show that one's last item, as its first after a full one."""
        if self._last is not None and not self._drops:
            linked = self._last in ids if self._short else ids[:1] == [self._last]
            repeated = not self._short and not self.items.keys().isdisjoint(ids[1:])
            self.steady &= linked and not repeated
            # Rows between the one asked for and the last item shown before: they were left out of that page.
            self._drops = self._short and linked and ids[0] != self._last
        self.steady &= len(ids) == length and (self.offset == 0 or total == self._total)
        self._total = total

    def _is_last(self, length: int, total: int | None, brought: bool) -> bool:
        """Whether no rows are left after a page of this length.

        Args:
            length: how many items it has.
            total: how many rows the listing has.
            brought: whether it showed an item that none before it had.
        """
        if length >= PAGE_SIZE:
            return False
        if total is None:
            return not brought
        if self.offset + length >= total:
            return True
        self._drops |= not brought
        return self._drops and self.offset + PAGE_SIZE >= total
