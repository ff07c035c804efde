"""A listing misses no key, however it shifts while it is read."""

from collections.abc import Callable

import pytest

from openrouter_provider.api.errors import InvalidResponse, OpenRouterError
from openrouter_provider.api.listing import MAX_ITEMS, MAX_ROUNDS, MAX_STALE_PAGES, PAGE_SIZE, read_all
from tests.unit.api_fixtures import Server


def _pages(items: list[str], change: Callable[[int, list[str]], None]) -> tuple[Callable[[int], list[str]], list[int]]:
    offsets: list[int] = []

    def page(offset: int) -> list[str]:
        offsets.append(offset)
        change(len(offsets), items)
        return items[offset : offset + 100]

    return page, offsets


@pytest.mark.parametrize(
    ("count", "calls"), [(0, 1), (1, 1), (99, 1), (100, 2), (150, 2), (199, 3), (200, 3), (201, 3)]
)
def test_calls(count: int, calls: int) -> None:
    """A listing that stands still is read in as few calls as its pages need."""
    items = [str(number) for number in range(count)]
    page, offsets = _pages(items, lambda _call, _items: None)
    assert read_all(page, str) == items
    assert len(offsets) == calls


@pytest.mark.parametrize("gone", [0, 50, 98, 99])
def test_deletion(gone: int) -> None:
    """A key isn't missed when one before it is deleted between two pages."""

    def change(call: int, items: list[str]) -> None:
        if call == 2:
            del items[gone]

    items = [str(number) for number in range(250)]
    assert read_all(_pages(items, change)[0], str) == items


def test_insertion() -> None:
    """A key isn't listed twice when one is made before it between two pages."""

    def change(call: int, items: list[str]) -> None:
        if call == 2:
            items.insert(0, "new")

    items = [str(number) for number in range(250)]
    assert read_all(_pages(items, change)[0], str) == items


def test_never_still() -> None:
    """A listing that never stands still ends, and shows everything that stayed."""

    def change(call: int, items: list[str]) -> None:
        if call > 1:
            del items[0]

    items = [str(number) for number in range(250)]
    page, offsets = _pages(items, change)
    assert set(items) <= set(read_all(page, str))
    assert len(offsets) <= 3 * MAX_ROUNDS


def test_server_that_ignores_offsets() -> None:
    """A server that returns the same full page for ever is refused after a few calls: it may hide the rest."""
    offsets: list[int] = []

    def page(offset: int) -> list[str]:
        offsets.append(offset)
        return [str(number) for number in range(PAGE_SIZE)]

    with pytest.raises(InvalidResponse, match="listing keys: the answers hold the same items for every offset"):
        read_all(page, str, "listing keys")
    assert len(offsets) <= 1 + MAX_STALE_PAGES


def test_a_listing_without_an_end_is_an_error() -> None:
    """What is beyond the most that is read would look deleted, so nothing is returned, and the error says why."""
    with pytest.raises(OpenRouterError, match=r"listing keys: there are more than 100,000.*docs/errors.md#too-many-it"):
        read_all(lambda offset: [str(number) for number in range(offset, offset + PAGE_SIZE)], str, "listing keys")


def test_the_longest_listing_that_is_read() -> None:
    """As many items as are read at most are all returned."""
    items = [str(number) for number in range(MAX_ITEMS)]
    assert read_all(_pages(items, lambda _call, _items: None)[0], str) == items


def test_query() -> None:
    """A listing includes disabled keys and names its workspace."""
    server = Server()
    keys = {server.add(str(number)) for number in range(230)}
    records = server.client().list_keys(workspace_id="w1")
    assert {record.hash for record in records} == keys
    assert [request.url.params.get("offset") for request in server.requests] == ["0", "99", "198"]
    assert {request.url.params.get("include_disabled") for request in server.requests} == {"true"}
    assert {request.url.params.get("workspace_id") for request in server.requests} == {"w1"}
