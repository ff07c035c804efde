"""The Python client's OpenRouterService as a threaded service holds it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier

import pytest
from openrouter_service import Credentials, OpenRouterService

from sandbox.openrouter import Control
from tests.examples.example_clients import ANSWER

pytestmark = pytest.mark.xdist_group("examples")
THREADS = 8


@dataclass
class Rotated:
    """A source whose key is another one each time it is read."""

    keys: list[str]
    base_url: str
    name: str = "a rotated secret"
    reads: int = field(default=0)

    def read(self) -> Credentials:
        """Return the next key."""
        self.reads += 1
        return Credentials(self.keys[self.reads - 1], self.base_url)


def test_one_renewal_serves_all_threads(account: Control) -> None:
    """Threads that are refused together read the source once between them, and each gets its answer."""
    (old, old_value), (_, new_value) = account.create_key(name="old"), account.create_key(name="new")
    source = Rotated([old_value, new_value], account.url)
    service = OpenRouterService(source)
    account.delete_key(old["hash"])
    together = Barrier(THREADS)

    def ask(number: int) -> str:
        together.wait(timeout=60)
        return service.ask(f"Question {number}?")

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(ask, range(THREADS)))
    statuses = [call["status"] for call in account.calls("chat")]
    assert answers == [ANSWER] * THREADS
    assert source.reads == 2
    assert statuses.count(200) == THREADS
    assert 1 <= statuses.count(401) <= THREADS


def test_credentials_do_not_show_the_key() -> None:
    """What a debugger, a log or an assertion prints of the credentials is free of the key."""
    assert "canary" not in repr(Credentials("sk-or-v1-canary"))
