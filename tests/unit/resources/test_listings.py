"""A listing that many resources read is fetched once, and again after a write."""

import threading

import pytest

from openrouter_provider.resources.reads import Listings


def test_a_listing_is_fetched_once() -> None:
    """However often it is read, by key."""
    fetched: list[str] = []
    listings = Listings()
    for _ in range(3):
        assert listings.read("a", lambda: fetched.append("a") or "A") == "A"  # type: ignore[func-returns-value]  # None
        assert listings.read("b", lambda: fetched.append("b") or "B") == "B"  # type: ignore[func-returns-value]  # None
    assert fetched == ["a", "b"]


def test_a_write_makes_it_be_fetched_again() -> None:
    """What was written shows in the next read."""
    listings = Listings()
    assert listings.read("a", lambda: 1) == 1
    listings.forget("a")
    assert listings.read("a", lambda: 2) == 2
    listings.forget("never read")


def test_a_failure_is_not_remembered() -> None:
    """The next read tries again."""
    listings = Listings()

    def fail() -> int:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        listings.read("a", fail)
    assert listings.read("a", lambda: 2) == 2


def test_readers_at_once_share_one_fetch() -> None:
    """Those who come while it is fetched wait for it."""
    listings, fetched, asked = Listings(), [], threading.Barrier(4)

    def fetch() -> str:
        fetched.append(1)
        return "A"

    def read() -> None:
        asked.wait(timeout=10)
        listings.read("a", fetch)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert fetched == [1]
