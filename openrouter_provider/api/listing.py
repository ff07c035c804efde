"""Reads a paged listing so that nothing is missed when it shifts under the reader.

Pages are addressed by offset, so a deletion on an earlier page moves an unread item onto a page already read, and a
missed key would look deleted. Therefore each page begins with the last item of the one before; where it doesn't, the
listing shifted and is read again.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")

PAGE_SIZE = 100
MAX_ROUNDS = 5
MAX_ITEMS = 100_000
"""Ends the reading of a listing that has no end."""


def read_all(page: Callable[[int], Sequence[Item]], identity: Callable[[Item], str]) -> list[Item]:
    """Return every item of a listing once.

    When the listing shifts in each of MAX_ROUNDS readings, all that any of them saw is returned: to show an item that
    has just gone is harmless, to miss one isn't.

    Args:
        page: Returns the items from an offset on, PAGE_SIZE at a time.
        identity: Tells items apart.
    """
    seen: dict[str, Item] = {}
    for _ in range(MAX_ROUNDS):
        items, steady = _read_once(page, identity)
        if steady:
            return items
        seen |= {identity(item): item for item in items}
    return list(seen.values())


def _read_once(page: Callable[[int], Sequence[Item]], identity: Callable[[Item], str]) -> tuple[list[Item], bool]:
    """Return what all pages held, and whether each began where the one before ended."""
    items = list(page(0))
    offset, length, steady = 0, len(items), True
    while length >= PAGE_SIZE:
        offset += length - 1
        following = page(offset)
        length = len(following)
        linked = bool(following) and identity(following[0]) == identity(items[-1])
        steady &= linked
        items.extend(following[1:] if linked else following)
        if offset > MAX_ITEMS:
            break
    return items, steady and len({identity(item) for item in items}) == len(items)
