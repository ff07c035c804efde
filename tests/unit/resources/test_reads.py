"""Reading many keys with few calls, whatever share of the account they are."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Lock

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import NotFound, ResponseError, ServerError
from openrouter_provider.api.models import KeyRecord
from openrouter_provider.resources.reads import MAKES_NEXT_PAGE_WORTH_IT, KeyReader

PAGE = 100
KEY = KeyRecord(hash="h", name="n", label="l", disabled=False, limit=1, created_at=datetime(2027, 1, 1, tzinfo=UTC))


def record(hash_: str) -> KeyRecord:
    """Return a key's record."""
    return KEY.model_copy(update={"hash": hash_})


class Account:
    """An account with numbered keys in each workspace that counts what it is asked."""

    def __init__(self, sizes: dict[str | None, int]) -> None:
        self.listings = {
            workspace: [f"{workspace or 'key'}-{number}" for number in range(size)] for workspace, size in sizes.items()
        }
        self.live = {hash_ for listing in self.listings.values() for hash_ in listing}
        self.edited: dict[str, KeyRecord] = {}
        self.pages: list[tuple[str | None, int]] = []
        self.singles: list[str] = []
        self.refuses_pages = False
        self._lock = Lock()

    @property
    def calls(self) -> int:
        """Return how many calls were made."""
        return len(self.pages) + len(self.singles)

    def add(self, hash_: str) -> None:
        """Make a key at the end of the default workspace's listing."""
        self.listings[None].append(hash_)
        self.live.add(hash_)

    def get_key(self, hash_: str) -> KeyRecord:
        """Return one key."""
        with self._lock:
            self.singles.append(hash_)
        if hash_ not in self.live:
            raise NotFound(404, "GET", f"/keys/{hash_}", None, "no such key")
        return self.edited.get(hash_) or record(hash_)

    def list_keys_page(
        self, offset: int, *, workspace_id: str | None = None, include_disabled: bool = True
    ) -> list[KeyRecord]:
        """Return one page."""
        assert include_disabled
        if self.refuses_pages:
            raise ServerError(503, "GET", "/keys", None, "an outage")
        with self._lock:
            self.pages.append((workspace_id, offset))
        return [
            self.edited.get(hash_) or record(hash_) for hash_ in self.listings[workspace_id][offset : offset + PAGE]
        ]


def spread(wanted: int, size: int) -> list[str]:
    """Return so many of an account's keys, evenly spread, the last of the listing first."""
    return [f"key-{number * size // wanted}" for number in reversed(range(wanted))]


def pages_of(size: int) -> int:
    """Return how many pages a listing has, the empty one after a full last page included."""
    return size // PAGE + 1


@pytest.mark.parametrize(
    ("wanted", "size", "most"),
    [
        (1, 1, 1),
        (5, 5, 1),
        (5, 50_000, 10),
        (1, 50_000, 2),
        (200, 250, 6),
        (200, 200, 6),
        (250, 250, 6),
        (100, 100, 4),
        (300, 50_000, 600),
    ],
)
def test_reads_cost_at_most_twice_the_fewer_of_keys_and_pages(wanted: int, size: int, most: int) -> None:
    """Few keys of a large account cost two calls each, all keys of a small one two for each page."""
    account = Account({None: size})
    reader = KeyReader(account)
    for hash_ in spread(wanted, size):
        assert reader.read(hash_) == record(hash_)
    assert account.calls <= most <= 2 * min(wanted, pages_of(size))


ACCOUNTS = (5, 99, 100, 101, 1_000, 5_000, 50_000)
STACKS = (5, 12, 100, 200, 1_000)
ORDERS: dict[str, Callable[[int, int], list[str]]] = {
    "spread": spread,
    "oldest": lambda wanted, size: [f"key-{number}" for number in range(size - wanted, size)],
    "newest": lambda wanted, _: [f"key-{number}" for number in range(wanted)],
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("size", "wanted"), [(size, wanted) for size in ACCOUNTS for wanted in STACKS if wanted <= size]
)
def test_reading_a_stack_is_never_worse_than_twice_the_better_way(size: int, wanted: int, order: str) -> None:
    """Whatever the account and the stack hold: at most twice the fewer of one GET a key and every page."""
    account = Account({None: size})
    reader = KeyReader(account)
    hashes = ORDERS[order](wanted, size)
    assert [key.hash for key in map(reader.read, hashes) if key] == hashes
    assert account.calls <= 2 * min(wanted, pages_of(size))


@pytest.mark.parametrize(("team", "rest"), [(5, 50_000), (300, 5), (100, 100)])
def test_each_workspace_costs_as_if_it_were_alone(team: int, rest: int) -> None:
    """The pages of a large workspace are no part of what reading a small one costs, nor the reverse."""
    account = Account({None: rest, "team": team})
    reader = KeyReader(account)
    wanted = min(20, rest)
    for number in range(wanted):
        reader.read(f"key-{number}")
    for number in range(team):
        reader.read(f"team-{number}", "team")
    assert account.calls <= 2 * min(wanted, pages_of(rest)) + 2 * min(team, pages_of(team))


@given(size=st.integers(0, 450), data=st.data())
def test_no_order_of_reads_costs_more(size: int, data: st.DataObject) -> None:
    """For any keys in any order, live or gone: twice the fewer of keys and pages, and one more for each gone."""
    numbers = data.draw(st.lists(st.integers(0, size + 20), unique=True, max_size=60))
    account = Account({None: size})
    reader = KeyReader(account)
    found = [reader.read(f"key-{number}") for number in numbers]
    assert [key is not None for key in found] == [number < size for number in numbers]
    gone = sum(number >= size for number in numbers)
    assert account.calls <= 2 * min(len(numbers), pages_of(size)) + gone


def test_the_page_after_a_useful_one_is_there_before_it_is_asked_for() -> None:
    """Once a quarter of a page was read, the next page is fetched; its keys then cost no call."""
    account = Account({None: 250})
    reader = KeyReader(account)
    asked_first = [reader.read(f"key-{number}") for number in range(MAKES_NEXT_PAGE_WORTH_IT)]
    assert None not in asked_first
    assert account.pages == [(None, 0)]
    reader.read("key-99")
    assert account.pages == [(None, 0), (None, 100)]
    assert reader.read("key-100") == record("key-100")
    assert account.singles == []


def test_few_keys_of_a_page_fetch_no_other() -> None:
    """A small stack whose keys stand together in a large account costs one page."""
    account = Account({None: 50_000})
    reader = KeyReader(account)
    for number in range(MAKES_NEXT_PAGE_WORTH_IT):
        reader.read(f"key-{number}")
    assert account.calls == 1


def test_a_page_ahead_that_fails_is_no_error_of_the_key_that_was_read() -> None:
    """The read that is answered already does not fail with a page that it did not need."""
    account = Account({None: 250})
    reader = KeyReader(account)
    for number in range(MAKES_NEXT_PAGE_WORTH_IT):
        reader.read(f"key-{number}")
    account.refuses_pages = True
    assert reader.read("key-99") == record("key-99")
    account.refuses_pages = False
    assert reader.read("key-100") == record("key-100")


def test_an_empty_account_costs_one_page_and_the_confirmations() -> None:
    """Every key is gone, each confirmed by a call of its own."""
    account = Account({None: 0})
    reader = KeyReader(account)
    assert [reader.read(hash_) for hash_ in ("a", "b", "c")] == [None, None, None]
    assert (account.pages, account.singles) == ([(None, 0)], ["a", "b", "c"])


def test_a_key_that_the_listing_lacks_is_confirmed_before_it_is_called_gone() -> None:
    """A listing that shifted or lags hides a key, and the key is still found."""
    account = Account({None: 3})
    reader = KeyReader(account)
    assert reader.read("key-0") is not None
    account.add("late")
    assert reader.read("late") == record("late")
    assert account.singles == ["late"]


def test_workspaces_have_listings_of_their_own() -> None:
    """A key is looked for in its own workspace, and one workspace's pages serve no other."""
    account = Account({None: 2, "team": 2})
    reader = KeyReader(account)
    for hash_, workspace in [("key-0", None), ("team-0", "team"), ("key-1", None), ("team-1", "team")]:
        assert reader.read(hash_, workspace) == record(hash_)
    assert (account.pages, account.singles) == ([(None, 0), ("team", 0)], [])


@pytest.mark.parametrize("status", [400, 404])
def test_a_workspace_that_is_gone_is_no_error_of_its_keys(status: int) -> None:
    """Where the listing is refused for the workspace, each key is asked for by itself, and one alone: no page again."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path.endswith("/keys"):
            return httpx.Response(status, json={"error": {"code": status, "message": "Workspace not found"}})
        if request.url.path.endswith("/moved"):
            return httpx.Response(200, json={"data": record("moved").model_dump(mode="json")})
        return httpx.Response(404, json={"error": {"code": 404, "message": "API key not found"}})

    transport = httpx.MockTransport(answer)
    with ManagementClient("sk-or-test", base_url="https://api.test/v1", transport=transport) as client:
        reader = KeyReader(client)
        assert [reader.read("gone", "team"), reader.read("moved", "team")] == [None, record("moved")]
        with pytest.raises(ResponseError):
            reader.read("gone")
    assert asked == ["/v1/keys", "/v1/keys/gone", "/v1/keys/moved", "/v1/keys"]


def test_a_key_written_by_this_process_is_read_by_itself() -> None:
    """After a write the listing's copy no longer counts."""
    account = Account({None: 2})
    reader = KeyReader(account)
    reader.read("key-0")
    reader.forget("key-0")
    account.edited["key-0"] = record("key-0").model_copy(update={"limit": 7.0})
    found = reader.read("key-0")
    assert found is not None
    assert (found.limit, account.singles) == (7.0, ["key-0"])
    assert reader.read("key-1") == record("key-1")
    assert len(account.pages) == 1


@pytest.mark.parametrize(("wanted", "size"), [(200, 200), (200, 250), (20, 5_000)])
def test_threads_share_one_listing(wanted: int, size: int) -> None:
    """Sixteen threads that read at once make no more calls than one would, and fetch no page twice."""
    account = Account({None: size})
    reader = KeyReader(account)
    hashes: Sequence[str] = spread(wanted, size)
    with ThreadPoolExecutor(max_workers=16) as threads:
        found = list(threads.map(reader.read, hashes))
    assert [key.hash for key in found if key] == hashes
    assert account.calls <= 2 * min(wanted, pages_of(size))
    assert len(account.pages) == len(set(account.pages))


def test_the_client_serves_what_the_reader_asks() -> None:
    """Over HTTP a read is one page with disabled keys included, of the workspace that was named."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.url.path}?{request.url.query.decode()}")
        return httpx.Response(200, json={"data": [record("a").model_dump(mode="json")]})

    transport = httpx.MockTransport(answer)
    with ManagementClient("sk-or-test", base_url="https://api.test/v1", transport=transport) as client:
        assert KeyReader(client).read("a", "team") == record("a")
    assert asked == ["/v1/keys?offset=0&include_disabled=true&include_expired=true&workspace_id=team"]
