"""What the endpoints of every area share: reading, changing, listing, deleting and making one kind of object."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from pydantic import ValidationError

from .creating.taking_over import Making, Patience, Record, TakingOver
from .errors import NotFound
from .http.answers import Call, wrong_shape
from .http.call import Caller
from .listing import PAGE_SIZE, Page, read_all
from .models import ChatReply, CreatedKey, WireModel
from .scrub import printable

Model = TypeVar("Model", bound=WireModel)
Answer = dict[str, object]


def one(call: Call, model: type[Model]) -> Callable[[Answer], Model]:
    """Return a reader of the object in an answer's data."""
    return lambda answer: _validated(call, model, answer.get("data"), "data")


def many(call: Call, model: type[Model]) -> Callable[[Answer], list[Model]]:
    """Return a reader of the list in an answer's data."""

    def read(answer: Answer) -> list[Model]:
        data = answer.get("data")
        if not isinstance(data, list):
            raise wrong_shape(call, "data")
        return [_validated(call, model, item, f"data[{index}]") for index, item in enumerate(data)]

    return read


def paged(call: Call, model: type[Model]) -> Callable[[Answer], Page[Model]]:
    """Return a reader of one page of a listing, and of how many rows the whole listing has where that is told."""

    def read(answer: Answer) -> Page[Model]:
        total = answer.get("total_count")
        counted = isinstance(total, int) and not isinstance(total, bool)
        return Page(many(call, model)(answer), int(str(total)) if counted else None)

    return read


def read_created(call: Call) -> Callable[[Answer], CreatedKey]:
    """Return a reader of a new key and its value."""

    def read(answer: Answer) -> CreatedKey:
        return _validated(call, CreatedKey, {"record": answer.get("data"), "key": answer.get("key")}, "")

    return read


def read_deleted(call: Call) -> Callable[[Answer], None]:
    """Return a reader that accepts the confirmation of a deletion, or 204's silence."""

    def read(answer: Answer) -> None:
        if answer and answer.get("deleted") is not True:
            raise wrong_shape(call, "deleted")

    return read


def read_chat(call: Call) -> Callable[[Answer], ChatReply]:
    """Return a reader of the first choice of a completion."""

    def read(answer: Answer) -> ChatReply:
        try:
            choice = answer["choices"][0]  # type: ignore[index]  # whatever isn't indexable is caught
            text = choice["message"]["content"]
        except (KeyError, IndexError, TypeError):
            raise wrong_shape(call, "choices") from None
        return _validated(call, ChatReply, {"model": answer.get("model"), "text": text or ""}, "")

    return read


def _validated(call: Call, model: type[Model], value: object, where: str) -> Model:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        path = ".".join([where, *(str(part) for part in problem["loc"])]).strip(".")
    raise wrong_shape(call, printable(path, length=80) or "data")


class Endpoints:
    """Base of the areas; holds what each of them calls with."""

    _caller: Caller
    _clock: Callable[[], datetime]

    def _read(self, path: str, action: str, model: type[Model]) -> Model:
        call = Call("GET", path, action)
        return self._caller.repeat(call, one(call, model))

    def _patch(self, path: str, action: str, changes: Mapping[str, object], model: type[Model]) -> Model:
        call = Call("PATCH", path, action, body=dict(changes))
        return self._caller.repeat(call, one(call, model))

    def _list(
        self,
        path: str,
        action: str,
        model: type[Model],
        identity: Callable[[Model], str],
        params: Mapping[str, str | None] | None = None,
    ) -> list[Model]:
        """Return every item of a listing that is asked for page by page; a parameter that is None isn't sent."""
        given = {name: value for name, value in (params or {}).items() if value is not None}

        def page(offset: int) -> Page[Model]:
            call = Call("GET", path, action, params={**given, "offset": str(offset), "limit": str(PAGE_SIZE)})
            return self._caller.repeat(call, paged(call, model))

        return read_all(page, identity, action)

    def _delete(self, path: str, action: str) -> None:
        """Delete an object; when an earlier attempt of this call may have done it, its absence is success.

        Raises:
            NotFound: It was absent from the start.
        """
        call = Call("DELETE", path, action)
        budget = self._caller.budget("DELETE")

        def attempt() -> None:
            try:
                self._caller.once(call, read_deleted(call), budget)
            except NotFound:
                if not budget.doubtful:
                    raise

        self._caller.loop(budget, attempt)

    def _make(
        self,
        call: Call,
        model: type[Record],
        name: str,
        namesakes: Callable[[], Sequence[Record]],
        remove: Callable[[str], None],
        known: Collection[str] = (),
    ) -> Record:
        """Make an object with one POST, or take over what a POST whose answer was lost has made.

        Args:
            call: The POST.
            model: What it answers.
            name: The name wished for.
            namesakes: Returns the objects that bear the wished name now.
            remove: Deletes one of them by its id.
            known: Ids that can't be what this call makes.
        """
        budget = self._caller.budget("POST", reconciles=True)

        def post() -> Record:
            return self._caller.once(call, one(call, model), budget)

        making = Making(call.action, name, post, budget.aside(namesakes), budget.aside(remove))
        return self._caller.loop(budget, TakingOver(making, self._patience(), known).attempt)

    def _patience(self) -> Patience:
        caller = self._caller
        return Patience(self._earliest_now, caller.monotonic, caller.sleep, caller.policy)

    def _earliest_now(self) -> datetime:
        """Return the time by the clock that is behind, the server's or ours."""
        return self._clock() + min(self._caller.wire.server_ahead or timedelta(0), timedelta(0))
