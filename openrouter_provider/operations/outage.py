"""An outage is told within seconds, once for everything that needs what is away, and not once a service."""

from collections.abc import Callable, Iterable
from threading import Lock
from typing import TypeVar

from ..api.errors import ConfigurationError, OpenRouterError, is_away
from ..stores.aws.access import WITHHELD, region_of
from ..stores.value import SecretUnreadable, quickly
from .stack.holders import Place

API = "openrouter"
Answer = TypeVar("Answer")


class PartyAway(OpenRouterError):
    """OpenRouter or a store answers nobody, or not whoever asks.

    Attributes:
        party: which of them.
    """

    def __init__(self, party: str, why: str) -> None:
        super().__init__(why)
        self.party = party


class Parties:
    """Remembers who is away, so that nobody waits for the same one again; safe to share between threads.

    Who has answered once is not away: what fails after that is told of the service that it concerns.
    """

    def __init__(self) -> None:
        self._away: dict[str, str] = {}
        self._there: set[str] = set()
        self._lock = Lock()

    def ask(self, party: str, call: Callable[[], Answer]) -> Answer:
        """Return the answer of a call.

        Args:
            party: who is called.
            call: calls.

        Raises:
            PartyAway: nobody is there; only the first who asks has made the call.
        """
        with self._lock:
            why = self._away.get(party)
        if why:
            raise PartyAway(party, why)
        try:
            answer = call()
        except (OpenRouterError, SecretUnreadable) as error:
            if self._note(party, error):
                raise PartyAway(party, str(error)) from None
            raise
        with self._lock:
            self._there.add(party)
        return answer

    def _note(self, party: str, error: OpenRouterError | SecretUnreadable) -> bool:
        away = error.away if isinstance(error, SecretUnreadable) else is_away(error)
        with self._lock:
            if party in self._there:
                return False
            (self._there.add(party) if not away else self._away.setdefault(party, str(error)))
        return away


def refuse_stores_away(stack: str, places: Iterable[Place]) -> None:
    """Ask each store for one secret, as its provider would.

    Args:
        stack: the stack's name.
        places: the secrets that are going to be read.

    Raises:
        PartyAway: a store answers nobody, or not whoever asks.
    """
    # What is heard without a provider's own keys says nothing of what the provider would hear.
    asked = [place for place in places if WITHHELD not in place.access]
    ways = {(party_of(place.reference), *sorted(place.access.items())): place for place in asked}
    for place in ways.values():
        try:
            place.reading.read(place.reference, quickly(place.access))
        except SecretUnreadable as error:
            if error.away:
                raise PartyAway(place.reading.store, away_line(stack, str(error))) from None
        except ConfigurationError:
            continue  # That a store's package is missing is told of each secret in it.


def party_of(reference: str) -> str:
    """Return who is asked for a secret: its store, in AWS with the region.

    >>> party_of("arn:aws:secretsmanager:eu-west-1:1:secret:x"), party_of("vault:secret/data/x")
    ('arn:eu-west-1', 'vault')
    """
    scheme, region = reference.partition(":")[0], region_of(reference)
    return f"{scheme}:{region}" if region else scheme


def away_line(stack: str, why: str, services: int | None = None) -> str:
    """Return what an outage means, in one line.

    >>> away_line("prod", "AWS refused it: ExpiredToken", 40)
    'AWS refused it: ExpiredToken; 40 services not looked at; see `openrouter-keys doctor --stack prod`'
    """
    many = "nothing" if services is None else f"{services} service{'s' if services != 1 else ''} not"
    return f"{why}; {many} looked at; see `openrouter-keys doctor --stack {stack}`"
