"""A create whose answer was lost: what it made is found and kept, one object is left, and nobody else's goes."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from openrouter_provider.api.creating.taking_over import Making, Patience, TakingOver
from openrouter_provider.api.errors import (
    ConnectionFailed,
    NotFound,
    OpenRouterError,
    OutcomeUnknown,
    ResponseError,
    ServerError,
)
from openrouter_provider.api.http.retry import CallBudget
from openrouter_provider.api.models import NamedRecord
from tests.unit.api_fixtures import NOON, POLICY, Clock


def lost() -> ConnectionFailed:
    """Return the failure of a create that may have happened."""
    return ConnectionFailed("the connection broke", ambiguous=True)


def refused(status: int = 400) -> ResponseError:
    """Return a definite refusal."""
    return ResponseError(status, "POST", "/guardrails", None, "slug: already in use")


class Shelf:
    """Objects of one name; each POST does its work, shows it after a lag, and ends as planned."""

    def __init__(self, *planned: tuple[bool, OpenRouterError | None], lag_seconds: float = 0.0) -> None:
        self.clock = Clock()
        self.objects: dict[str, tuple[float, datetime]] = {}
        self.removed: list[str] = []
        self.posts = 0
        self.looks = 0
        self.blind: OpenRouterError | None = None
        self.later_lag_seconds = lag_seconds
        self._planned = list(planned)
        self._lag_seconds = lag_seconds

    def put(self, name: str, made: datetime) -> None:
        """Put an object there that shows at once."""
        self.objects[name] = (self.clock.seconds, made)

    def post(self) -> NamedRecord:
        """Make an object, or fail, or both."""
        works, failure = self._planned.pop(0) if self._planned else (True, None)
        self.posts += 1
        id_ = f"made{self.posts}"
        if works:
            self.objects[id_] = (self.clock.seconds + self._lag_seconds, self.clock.now())
            self._lag_seconds = self.later_lag_seconds
        if failure:
            raise failure
        return NamedRecord(id=id_, created_at=self.clock.now())

    def namesakes(self) -> list[NamedRecord]:
        """Return what shows by now."""
        self.looks += 1
        if self.blind:
            raise self.blind
        return [
            NamedRecord(id=id_, created_at=made)
            for id_, (shows, made) in self.objects.items()
            if shows <= self.clock.seconds
        ]

    def remove(self, id_: str) -> None:
        """Delete an object."""
        if id_ not in self.objects:
            raise NotFound(404, "DELETE", "/", None, "gone")
        del self.objects[id_]
        self.removed.append(id_)

    def make(self, *, known: tuple[str, ...] = ()) -> NamedRecord:
        """Make an object as the client does."""
        making = Making("creating guardrail 'cheap'", "cheap", self.post, self.namesakes, self.remove)
        patience = Patience(self.clock.now, self.clock.monotonic, self.clock.sleep, POLICY)
        budget = CallBudget(POLICY, "POST", self.clock.monotonic, reconciles=True)
        return budget.loop(self.clock.sleep)(TakingOver(making, patience, known).attempt)


def test_an_answered_create_is_one_post_and_no_look() -> None:
    """Ordinarily nothing is looked up."""
    shelf = Shelf()
    assert shelf.make().id == "made1"
    assert (shelf.posts, shelf.looks) == (1, 0)


def test_a_refusal_is_one_post_and_no_look() -> None:
    """What was refused was not made."""
    shelf = Shelf((False, refused()))
    with pytest.raises(ResponseError, match="already in use"):
        shelf.make()
    assert (shelf.posts, shelf.looks) == (1, 0)


@pytest.mark.parametrize("lag_seconds", [0.0, 2.0])
def test_what_a_lost_answer_made_is_taken_over(lag_seconds: float) -> None:
    """It is found by its name, also a little later, and not made again."""
    shelf = Shelf((True, lost()), lag_seconds=lag_seconds)
    assert shelf.make().id == "made1"
    assert (shelf.posts, shelf.removed) == (1, [])


def test_what_was_not_made_is_made_again() -> None:
    """A create that did not happen is repeated after a look."""
    shelf = Shelf((False, lost()), (False, ServerError(502, "POST", "/", None, "bad gateway")))
    assert shelf.make().id == "made3"
    assert list(shelf.objects) == ["made3"]


def test_an_object_that_shows_late_leaves_no_double() -> None:
    """Where the first create shows only after the second was answered, one of them is removed."""
    shelf = Shelf((True, lost()), lag_seconds=3.5)
    made = shelf.make()
    assert list(shelf.objects) == [made.id]


def test_two_lost_creates_leave_one() -> None:
    """Of what several attempts made, the first is kept and the others are removed."""
    shelf = Shelf((True, lost()), (True, lost()), lag_seconds=3.2)
    shelf.later_lag_seconds = 0.0
    made = shelf.make()
    assert shelf.removed == ["made2"]
    assert list(shelf.objects) == [made.id]


def test_a_name_that_the_lost_create_took_is_looked_up_again() -> None:
    """A refusal after a doubtful attempt may be that attempt's own doing."""
    shelf = Shelf((True, lost()), (False, refused()), lag_seconds=3.5)
    assert shelf.make().id == "made1"


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(days=400)])
def test_an_older_namesake_is_never_taken(age: timedelta) -> None:
    """An object older than the create, clocks allowed for, is named in the error and left alone."""
    shelf = Shelf((False, lost()))
    shelf.put("older", NOON - age)
    with pytest.raises(OutcomeUnknown, match="exists as older, older than this create") as caught:
        shelf.make()
    assert (caught.value.name, caught.value.hashes) == ("cheap", ("older",))
    assert list(shelf.objects) == ["older"]


def test_a_known_namesake_is_never_taken() -> None:
    """What bore the name before is no sign of the create, however young it is."""
    shelf = Shelf((False, lost()))
    shelf.put("known", NOON)
    assert shelf.make(known=("known",)).id == "made2"
    assert list(shelf.objects) == ["known", "made2"]


@pytest.mark.parametrize("failure", [lost, lambda: refused(403)], ids=["lost", "403"])
def test_a_look_that_fails_leaves_the_outcome_unknown(failure: Callable[[], OpenRouterError]) -> None:
    """Where it can't be looked for, the error says what may have been made and what to do."""
    shelf = Shelf((True, lost()))
    shelf.blind = failure()
    with pytest.raises(OutcomeUnknown, match=r"creating guardrail 'cheap': it may have been made .* adopt_id"):
        shelf.make()
    assert shelf.posts == 1


def test_the_last_failure_says_that_nothing_was_made() -> None:
    """When every attempt fails without effect, the error of the last one says so."""
    shelf = Shelf(*[(False, lost())] * 50)
    with pytest.raises(OpenRouterError, match="was not made"):
        shelf.make()
    assert shelf.objects == {}
