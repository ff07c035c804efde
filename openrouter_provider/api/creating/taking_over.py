"""Makes an object that holds no secret, and takes over what a create whose answer was lost has made.

A key's value is shown once, so creation.py deletes a key whose answer was lost. A workspace, a guardrail or a BYOK key
is as good found as made: it is looked up by the name that this create gave it, and kept.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from ..errors import NotFound, OpenRouterError, OutcomeUnknown
from ..http.retry import RetryPolicy, Verdict, verdict
from ..http.wire import LOG
from ..models import NamedRecord

Found = TypeVar("Found")


@dataclass(frozen=True)
class Patience:
    """The time, and how much of it to spend."""

    earliest_now: Callable[[], datetime]
    """The time by the clock that is behind, the server's or ours."""
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    policy: RetryPolicy

    def since(self, began: float) -> datetime:
        """Return when a creation began at the earliest, with the allowance for clocks that differ.

        Args:
            began: When it began, on the monotonic clock.
        """
        elapsed = self.monotonic() - began
        return self.earliest_now() - timedelta(seconds=elapsed + self.policy.clock_skew_seconds)

    def look(self, look: Callable[[], Found], seconds: float) -> Found:
        """Look again and again for so many seconds; return the first look that found something, or the last one."""
        until = self.monotonic() + seconds
        while not (found := look()) and self.monotonic() < until:
            self.sleep(self.policy.settle_poll_seconds)
        return found


Record = TypeVar("Record", bound=NamedRecord)


@dataclass(frozen=True)
class Making(Generic[Record]):
    """One object's creation as calls."""

    action: str
    """What to call it in messages."""
    name: str
    """The name by which it is found again."""
    post: Callable[[], Record]
    """One POST, without retries of anything that may have happened."""
    namesakes: Callable[[], Sequence[Record]]
    """The objects that bear the wished name now."""
    remove: Callable[[str], None]
    """Deletes one of them by its id."""


class TakingOver(Generic[Record]):
    """An object's creation, with as many attempts as it takes.

    Args:
        making: The calls to make.
        patience: The time.
        known: Ids of namesakes that existed before; they are never taken over.
    """

    def __init__(self, making: Making[Record], patience: Patience, known: Collection[str]) -> None:
        self._making = making
        self._patience = patience
        self._known = frozenset(known)
        self._began = patience.monotonic()
        self._doubtful = False

    def attempt(self) -> Record:
        """Make the object once; after a failure that leaves doubt, return what it made.

        A refusal that follows a doubtful attempt may come of that attempt's success (the name is taken), hence it is
        looked into as well.

        Raises:
            OutcomeUnknown: It could not be found out, or the name belongs to an older object.
            OpenRouterError: It failed and nothing was made.
        """
        try:
            made = self._making.post()
        except OpenRouterError as error:
            failure = error
        else:
            self._remove_doubles(made)
            return made
        self._doubtful |= verdict("POST", failure) is Verdict.RECONCILE
        if self._doubtful:
            found = self._looked_up(failure)
            if found is not None:
                return found
            failure.amend("it was looked for by its name and was not made")
        raise failure.with_traceback(None) from None

    def _looked_up(self, failure: OpenRouterError) -> Record | None:
        try:
            return self._settled()
        except OutcomeUnknown:
            raise
        except OpenRouterError as error:
            problem = type(error).__name__
        raise self._unknown(f"it may have been made ({type(failure).__name__}) and could not be looked for ({problem})")

    def _settled(self) -> Record | None:
        """Look until the object shows, or the listing has had time to show it."""
        found = self._patience.look(self._ours, self._patience.policy.settle_seconds)
        if not found:
            return None
        first, *doubles = found
        self._remove(doubles)
        return first

    def _ours(self) -> list[Record]:
        """Return what this create made.

        Raises:
            OutcomeUnknown: There is nothing but an older object of that name.
        """
        found = [record for record in self._making.namesakes() if record.id not in self._known]
        since = self._patience.since(self._began)
        ours = [record for record in found if record.created_at is not None and record.created_at >= since]
        if found and not ours:
            ids = [record.id for record in found]
            raise self._unknown(f"one of that name exists as {', '.join(ids)}, older than this create", ids)
        return ours

    def _remove_doubles(self, made: Record) -> None:
        """After a doubtful attempt, look once more for what it may have made late."""
        if not self._doubtful:
            return
        self._known |= {made.id}
        try:
            self._remove(self._ours())
        except OpenRouterError as error:
            LOG.debug("%s: the last look for doubles failed: %s", self._making.action, error)

    def _remove(self, doubles: Sequence[Record]) -> None:
        for double in doubles:
            try:
                self._making.remove(double.id)
            except NotFound:
                LOG.debug("%s: a double was gone already", self._making.action)

    def _unknown(self, what: str, ids: Sequence[str] = ()) -> OutcomeUnknown:
        return OutcomeUnknown(
            f"{self._making.action}: {what}: look it up on OpenRouter, then take it over with adopt_id or delete it "
            "(docs/errors.md#outcome-unknown)",
            name=self._making.name,
            hashes=ids,
        )
