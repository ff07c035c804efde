"""Reads a paged listing so that nothing is missed when it shifts under the reader.

Pages are addressed by offset, so a deletion on an earlier page moves an unread item onto a page already read, and a
missed key would look deleted. Therefore each page begins with the last item of the one before; where it doesn't, the
listing shifted and is read again.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from openrouter_provider.api.errors import InvalidResponse, OpenRouterError

Item = TypeVar("Item")

PAGE_SIZE = 100
MAX_ROUNDS = 5
MAX_ITEMS = 100_000
"""Ends the reading of a listing that has no end."""
MAX_STALE_PAGES = 3
"""So many pages in a row without a new item are no shift: the server doesn't look at the offset."""


def read_all(
    page: Callable[[int], Sequence[Item]], identity: Callable[[Item], str], action: str = "reading a listing"
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
        items, steady = _read_once(page, identity, action)
        if steady:
            return items
        seen |= {identity(item): item for item in items}
    return list(seen.values())


def _read_once(
    page: Callable[[int], Sequence[Item]], identity: Callable[[Item], str], action: str
) -> tuple[list[Item], bool]:
    """Return what all pages held, and whether each began where the one before ended."""
    items = list(page(0))
    known = {identity(item) for item in items}
    offset, length, steady, stale = 0, len(items), True, 0
    while length >= PAGE_SIZE:
        offset += length - 1
        following = page(offset)
        length = len(following)
        linked = bool(following) and identity(following[0]) == identity(items[-1])
        steady &= linked
        items.extend(following[1:] if linked else following)
        before = len(known)
        known |= {identity(item) for item in following}
        stale = stale + 1 if len(known) == before else 0
        _refuse_endless(offset, stale, action)
    return items, steady and len(known) == len(items)


def _refuse_endless(offset: int, stale: int, action: str) -> None:
    if stale >= MAX_STALE_PAGES:
        raise InvalidResponse(
            f"{action}: the answers hold the same items for every offset, so what lies beyond them can't be read; "
            "check the base URL and what lies between, such as a cache (docs/errors.md#invalid-response)"
        )
    if offset > MAX_ITEMS:
        raise OpenRouterError(
            f"{action}: there are more than {MAX_ITEMS:,}, and nothing is decided on a part of them; delete what is "
            "not needed, or keep this stack's keys in a workspace of their own (docs/errors.md#too-many-items)"
        )
