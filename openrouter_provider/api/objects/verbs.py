"""The verbs for objects of any kind: where they are, and how one is read, made, changed and deleted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import SecretStr

from ..endpoints import Endpoints, one
from ..http.answers import Call, path_part
from ..models import NamedRecord
from ..scrub import printable, quoted_name

Thing = TypeVar("Thing", bound=NamedRecord)


@dataclass(frozen=True)
class ObjectPlace(Generic[Thing]):
    """Where the API has the objects of one kind.

    Attributes:
        path: the path of their listing.
        what: what messages call one of them.
        model: what its record is.
    """

    path: str
    what: str
    model: type[Thing]

    def of(self, id_: str) -> str:
        """Return the path of one of them."""
        return f"{self.path}/{path_part(id_, self.what)}"


class ObjectEndpoints(Endpoints):
    """The verbs for objects of any kind: what a resource around the keys calls, so that it needs no area of its own."""

    def read_object(self, place: ObjectPlace[Thing], id_: str) -> Thing:
        """Return one object.

        Raises:
            NotFound: There is none with this id.
        """
        return self._read(place.of(id_), f"reading {place.what} {printable(id_)}", place.model)

    def list_objects(self, place: ObjectPlace[Thing], params: Mapping[str, str | None] | None = None) -> list[Thing]:
        """Return every object of a listing; a parameter that is None isn't sent."""
        return self._list(place.path, f"listing every {place.what}", place.model, lambda each: each.id, params)

    def make_object(
        self,
        place: ObjectPlace[Thing],
        fields: Mapping[str, object],
        *,
        scope: Mapping[str, str | None],
        known_ids: Collection[str] = (),
        secrets: tuple[SecretStr, ...] = (),
    ) -> Thing:
        """Make an object with one POST and return it; one that a lost answer hid is found again by its name.

        Args:
            place: What kind it is of.
            fields: Wire names and JSON values; a name is needed.
            scope: The parameters of the listing that has it.
            known_ids: Objects that had this name before; none of them is taken for the new one.
            secrets: What of the fields no message may repeat.

        Raises:
            OutcomeUnknown: It may have been made; the error says under which name.
            OpenRouterError: It failed and nothing was made.
        """
        name = str(fields["name"])
        action = f"creating {place.what} {quoted_name(name)}"
        call = Call("POST", place.path, action, body=dict(fields), secrets=secrets)

        def namesakes() -> Sequence[Thing]:
            return [each for each in self.list_objects(place, scope) if getattr(each, "name", None) == name]

        return self._make(call, place.model, name, namesakes, lambda id_: self.delete_object(place, id_), known_ids)

    def change_object(
        self,
        place: ObjectPlace[Thing],
        id_: str | None,
        changes: Mapping[str, object],
        secrets: tuple[SecretStr, ...] = (),
    ) -> Thing:
        """Change the given fields of an object, no others, and return it.

        Args:
            place: What kind it is of.
            id_: Which; None for what there is one of.
            changes: Wire names and JSON values; None is sent as null and clears the field.
            secrets: What of the changes no message may repeat.

        Raises:
            NotFound: There is none with this id.
        """
        path, named = (place.path, "") if id_ is None else (place.of(id_), f" {printable(id_)}")
        call = Call("PATCH", path, f"changing {place.what}{named}", body=dict(changes), secrets=secrets)
        return self._caller.repeat(call, one(call, place.model))

    def delete_object(self, place: ObjectPlace[Thing], id_: str) -> None:
        """Delete an object for good.

        Raises:
            NotFound: There was none with this id from the start.
        """
        self._delete(place.of(id_), f"deleting {place.what} {printable(id_)}")

    def read_only_one(self, place: ObjectPlace[Thing]) -> Thing:
        """Return what there is one of."""
        return self._read(place.path, f"reading {place.what}", place.model)

    def post_again(self, path: str, action: str, body: Mapping[str, object]) -> None:
        """POST what is the same twice as once, repeated like a PATCH.

        Raises:
            NotFound: There is no such place.
        """
        call, budget = Call("POST", path, action, body=body), self._caller.budget("PATCH")
        self._caller.loop(budget, lambda: self._caller.once(call, lambda _answer: None, budget))
