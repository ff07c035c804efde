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

from openrouter_provider.api.errors import InvalidResponse

Item = TypeVar("Item")

PAGE_SIZE = 100
MAX_ROUNDS = 5
MAX_ITEMS = 100_000
"""Ends the reading of a listing that has no end."""


@dataclass(frozen=True)
class Page(Generic[Item]):
    """What one call showed of a listing."""

    items: Sequence[Item]
    total: int | None = None
    """How many rows the listing has, those that are shown to nobody included; None where the API doesn't say."""


def read_all(page: Callable[[int], Page[Item]], identity: Callable[[Item], str]) -> list[Item]:
    """Return every item of a listing once.

    When the listing shifts in each of MAX_ROUNDS readings, all that any of them saw is returned: to show an item that
    has just gone is harmless, to miss one isn't.

    Args:
        page: Returns the items from an offset on, PAGE_SIZE at a time.
        identity: Tells items apart.

    Raises:
        InvalidResponse: The listing doesn't end.
    """
    seen: dict[str, Item] = {}
    for _ in range(MAX_ROUNDS):
        reading = _Reading(identity)
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
        items: what was seen, in order.
        offset: where the next page begins.
        steady: whether each page began where the one before ended.
        ended: whether there is nothing more to read.
    """

    identity: Callable[[Item], str]
    items: dict[str, Item] = field(default_factory=dict)
    offset: int = 0
    steady: bool = True
    ended: bool = False
    _last: str | None = None
    _short: bool = False
    _total: int | None = None
    _drops: bool = False
    """Whether rows are left out of pages: then a page of any length has shown PAGE_SIZE rows."""

    def take(self, page: Page[Item]) -> None:
        """Note what the page at the offset showed, and move the offset to the next one.

        Raises:
            InvalidResponse: The listing doesn't end.
        """
        found = {self.identity(item): item for item in page.items}
        length, brought = len(page.items), not found.keys() <= self.items.keys()
        self._check([*found], length, page.total)
        self.items |= {id_: item for id_, item in found.items() if id_ not in self.items}
        self.ended = self._is_last(length, page.total, brought)
        self._last, self._short = next(reversed(found), None), length < PAGE_SIZE
        self.offset += PAGE_SIZE - 1 if self._drops and self._short else length - 1
        if self.offset > MAX_ITEMS:
            raise InvalidResponse(
                f"a listing has more than {MAX_ITEMS} entries, or no end; check the base URL "
                "(docs/errors.md#invalid-response)"
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
        if total is None or length >= PAGE_SIZE:
            return not brought
        if self.offset + length >= total:
            return True
        self._drops |= not brought
        return self._drops and self.offset + PAGE_SIZE >= total
