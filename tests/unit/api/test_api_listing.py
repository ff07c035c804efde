"""A listing misses no key, however it shifts while it is read."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrouter_provider.api.errors import InvalidResponse, OpenRouterError
from openrouter_provider.api.listing import MAX_ITEMS, MAX_ROUNDS, MAX_STALE_PAGES, PAGE_SIZE, Page, read_all
from tests.unit.api_fixtures import Server

Change = Callable[[int, list[str]], None]
Calls = list[int]


def _pages(items: list[str], change: Change, *, counted: bool = True) -> tuple[Callable[[int], Page[str]], Calls]:
    offsets: Calls = []

    def page(offset: int) -> Page[str]:
        offsets.append(offset)
        change(len(offsets), items)
        return Page(items[offset : offset + 100], len(items) if counted else None)

    return page, offsets


def _stays(_call: int, _items: list[str]) -> None:
    """Change nothing."""


@pytest.mark.parametrize(
    ("count", "calls"), [(0, 1), (1, 1), (99, 1), (100, 2), (150, 2), (199, 3), (200, 3), (201, 3)]
)
def test_calls(count: int, calls: int) -> None:
    """A listing that stands still and is counted is read in as few calls as its pages need."""
    items = [str(number) for number in range(count)]
    page, offsets = _pages(items, _stays)
    assert read_all(page, str) == items
    assert len(offsets) == calls


@pytest.mark.parametrize(
    ("count", "calls"), [(0, 1), (1, 2), (99, 2), (100, 2), (150, 3), (199, 3), (200, 4), (201, 4)]
)
def test_calls_without_a_count(count: int, calls: int) -> None:
    """A listing that isn't counted takes one look more, at which nothing new is seen."""
    items = [str(number) for number in range(count)]
    page, offsets = _pages(items, _stays, counted=False)
    assert read_all(page, str) == items
    assert len(offsets) == calls


def _dropping(rows: list[str | None], *, counted: bool, cap: int = 100) -> tuple[Callable[[int], Page[str]], Calls]:
    """Cut pages first and leave dead rows out of them afterwards, as OpenRouter does with assignments."""
    offsets: Calls = []

    def page(offset: int) -> Page[str]:
        offsets.append(offset)
        shown = [row for row in rows[offset : offset + cap] if row is not None]
        return Page(shown, len(rows) if counted else None)

    return page, offsets


def _rows(count: int, dead: Iterable[int]) -> list[str | None]:
    gone = set(dead)
    return [None if number in gone else str(number) for number in range(count)]


@pytest.mark.parametrize(
    ("count", "dead", "calls"),
    [
        (151, range(120), 3),
        (151, range(31, 151), 3),
        (151, [*range(60), *range(91, 151)], 3),
        (151, [n for n in range(151) if n % 5], 4),
        (100, range(100), 1),
        (450, range(400), 6),
        (450, range(20, 430), 7),
        (50, range(0, 50, 2), 2),
    ],
)
def test_dead_rows(count: int, dead: Iterable[int], calls: int) -> None:
    """Pages that are short, or empty, before the end hide nothing: 151 rows of which 120 are dead show 31."""
    rows = _rows(count, dead)
    page, offsets = _dropping(rows, counted=True)
    assert read_all(page, str) == [row for row in rows if row is not None]
    assert len(offsets) <= calls


@given(st.lists(st.booleans(), max_size=350), st.sampled_from([100, 50, 7]))
def test_any_dead_rows(alive: list[bool], cap: int) -> None:
    """Wherever the dead rows are, each living item is shown once, in order, and so it is where pages are just small."""
    rows = _rows(len(alive), [number for number, lives in enumerate(alive) if not lives and cap == 100])
    page, _ = _dropping(rows, counted=True, cap=cap)
    assert read_all(page, str) == [row for row in rows if row is not None]


@pytest.mark.parametrize("every", [2, 3, 10, 50])
def test_dead_rows_without_a_count(every: int) -> None:
    """A listing that isn't counted is read on through short pages until one brings nothing new."""
    rows = _rows(350, range(0, 350, every))
    page, _ = _dropping(rows, counted=False)
    assert read_all(page, str) == [row for row in rows if row is not None]


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
    assert len(offsets) <= 4 * MAX_ROUNDS


def test_server_that_ignores_offsets() -> None:
    """A server that returns the same full page for ever is refused after a few calls: it may hide the rest."""
    offsets: list[int] = []

    def page(offset: int) -> Page[str]:
        offsets.append(offset)
        return Page([str(number) for number in range(PAGE_SIZE)])

    with pytest.raises(InvalidResponse, match="listing keys: the answers hold the same items for every offset"):
        read_all(page, str, "listing keys")
    assert len(offsets) <= 1 + MAX_STALE_PAGES


def test_a_listing_without_an_end_is_an_error() -> None:
    """What is beyond the most that is read would look deleted, so nothing is returned, and the error says why."""
    with pytest.raises(OpenRouterError, match=r"listing keys: there are more than 100,000.*docs/errors.md#too-many-it"):
        read_all(lambda at: Page([str(number) for number in range(at, at + PAGE_SIZE)]), str, "listing keys")


def test_the_longest_listing_that_is_read() -> None:
    """As many items as are read at most are all returned."""
    items = [str(number) for number in range(MAX_ITEMS)]
    assert read_all(_pages(items, lambda _call, _items: None)[0], str) == items


def test_query() -> None:
    """A listing includes disabled and expired keys and names its workspace."""
    server = Server()
    keys = {server.add(str(number)) for number in range(230)}
    records = server.client().list_keys(workspace_id="w1")
    assert {record.hash for record in records} == keys
    assert [request.url.params.get("offset") for request in server.requests] == ["0", "99", "198", "229"]
    assert {request.url.params.get("include_disabled") for request in server.requests} == {"true"}
    assert {request.url.params.get("include_expired") for request in server.requests} == {"true"}
    assert {request.url.params.get("workspace_id") for request in server.requests} == {"w1"}
