"""The lower bound: the same calls from a bare HTTP client, so many at once and nothing around them."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

PAGE_SIZE = 100


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds the work took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


class RawClient:
    """A bare client of one account with a pool of threads.

    Args:
        base_url: the API.
        management_key: the account's.
        calls_at_once: how many calls are under way together.
    """

    def __init__(self, base_url: str, management_key: str, calls_at_once: int) -> None:
        limits = httpx.Limits(max_connections=calls_at_once, max_keepalive_connections=calls_at_once)
        headers = {"Authorization": f"Bearer {management_key}"}
        self._http = httpx.Client(base_url=base_url, headers=headers, limits=limits, timeout=60, trust_env=False)
        self._threads = ThreadPoolExecutor(calls_at_once)

    def create(self, count: int) -> list[str]:
        """Create so many keys and return their hashes."""
        return list(self._threads.map(self._create, range(count)))

    def read_all(self) -> int:
        """List every key, page after page, and return how many there are."""
        count = 0
        while True:
            page = len(self._sent("GET", "/keys", params={"offset": str(count)})["data"])
            count += page
            if page < PAGE_SIZE:
                return count

    def delete(self, hashes: Sequence[str]) -> None:
        """Delete the keys."""
        list(self._threads.map(lambda hash_: self._sent("DELETE", f"/keys/{hash_}"), hashes))

    def close(self) -> None:
        """Close the connections and end the threads."""
        self._threads.shutdown()
        self._http.close()

    def _create(self, number: int) -> str:
        answer = self._sent("POST", "/keys", json={"name": f"raw-{number}", "limit": 5, "limit_reset": "monthly"})
        return str(answer["data"]["hash"])

    def _sent(self, method: str, path: str, **options: Any) -> Any:
        answer = self._http.request(method, path, **options)
        answer.raise_for_status()
        return answer.json()
