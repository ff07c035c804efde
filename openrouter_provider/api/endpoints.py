"""What the endpoints of every area share: reading, changing, listing, deleting and making one kind of object."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from openrouter_provider.api.answers import Call
from openrouter_provider.api.caller import Caller
from openrouter_provider.api.errors import NotFound
from openrouter_provider.api.listing import PAGE_SIZE, Page, read_all
from openrouter_provider.api.models import WireModel
from openrouter_provider.api.patience import Patience
from openrouter_provider.api.reading import one, paged, read_deleted
from openrouter_provider.api.taking_over import Making, Record, TakingOver

Model = TypeVar("Model", bound=WireModel)


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
