"""What all resources but the keys share: a table of fields and four calls make a provider.

ApiKey and SupersededKeys have more to decide (rotation, overlap) and stand beside it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from ..api.errors import ConfigurationError, NotFound
from ..api.scrub import printable
from ..keys.checks import check_id
from ..keys.fields import (
    UNKNOWN,
    Failures,
    Field,
    Props,
    actual,
    changed,
    checked,
    on_the_wire,
    present,
    same,
    shown,
    storable,
)
from ..keys.naming import NAME_MISSING, drawn_now, physical_name
from ..keys.schedule import kept_instant
from .adoption import changes_to_adopt
from .base import OpenRouterProvider, adopts_another, check_result, not_importable
from .creation_notes import noted

if TYPE_CHECKING:
    from ..api.objects.verbs import ObjectPlace

ADOPT_ID = Field("adopt_id", check_id)
RESPELLED = "respelled"
"""Output: by property, how the API answers a wish that it spells in another way."""


class RecordProvider(OpenRouterProvider):
    """The life cycle of one object of the API; a subclass says what it is made of and how to call for it.

    Attributes:
        what: what messages call the object.
        fields: its managed properties; what changes by itself, such as usage, is none.
        settings: inputs that are no properties of the object.
        decided: what the API decides, as outputs.
        place: where the API lists such objects by name, so that one that an interrupted creation made is found there;
            None where it has endpoints of its own, or where nothing is made.
        repeatable: whether making it twice is the same as once, so that nothing is looked for after an interruption.
        written: properties whose value is sent and never shown, or that say when it is: a refresh that sees another
            value drops them.
        remembered: outputs beside these, which a subclass keeps itself.
        drawn: whether a name is drawn where the program gives none.
    """

    what: ClassVar[str]
    fields: ClassVar[tuple[Field, ...]]
    settings: ClassVar[tuple[Field, ...]] = (ADOPT_ID,)
    decided: ClassVar[tuple[str, ...]] = ()
    written: ClassVar[tuple[str, ...]] = ()
    remembered: ClassVar[tuple[str, ...]] = ()
    drawn: ClassVar[bool] = False
    place: ClassVar["ObjectPlace[Any] | None"] = None
    repeatable: ClassVar[bool] = False

    def make(self, props: Props) -> Any:
        """Make the object that the inputs wish for and return its record."""
        raise NotImplementedError

    def fetch(self, id_: str, props: Mapping[str, Any]) -> Any:
        """Return the object's record.

        Raises:
            NotFound: it is gone.
        """
        raise NotImplementedError

    def change(self, id_: str, changes: Props, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Any:
        """Bring the changed properties, and no others, to their wishes; return the record."""
        raise NotImplementedError

    def remove(self, id_: str, props: Mapping[str, Any]) -> None:
        """Delete the object; NotFound is success."""
        raise NotImplementedError

    def problems(self, inputs: Mapping[str, Any]) -> Failures:
        """Return what is wrong with the inputs together, by property."""
        del inputs
        return {}

    def identity(self, record: Any, props: Mapping[str, Any]) -> str:
        """Return the resource's id."""
        del props
        return str(record.id)

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Normalise the inputs and draw a name where one is wanted; one failure for each wrong property."""
        inputs, failures = checked((*self.fields, *self.settings), on_the_wire(news))
        for name in self._missing(_olds, {**inputs, "adopt_id": news.get("adopt_id")}):
            failures.setdefault(name, NAME_MISSING if name == "name" and self.drawn else "is missing")
        for name, problem in self.problems(inputs).items():
            failures.setdefault(name, problem)
        if self._draws(_olds, inputs) and not failures:
            inputs |= {"name": _olds["name"]} if _is_imported(_olds) else physical_name(_olds, inputs)
        return check_result(present(inputs), failures, news)

    def _missing(self, olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[str]:
        """Return the required properties that are not there; an adopted object has them already."""
        absent = [field for field in self.fields if field.required and inputs.get(field.name) is None]
        if self._draws(olds, inputs):
            absent = [field for field in absent if field.name != "name"]
        return [field.name for field in absent if not (field.if_declared and _adopted_without(field, olds, inputs))]

    def _draws(self, olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
        """Whether the name is to be drawn; an object adopted under its own name keeps that."""
        kept = bool(olds) and olds.get("name") is None
        return self.drawn and inputs.get("name") is None and inputs.get("name_prefix") is not None and not kept

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Compare the wish with the last known state."""
        differing = changed(self.fields, _olds, _news)
        replaces = [field.name for field in differing if field.replaces]
        if adopts_another(_news.get("adopt_id"), self.known_as(_id, _olds)):
            replaces.append("adopt_id")
        return DiffResult(bool(differing or replaces), replaces, delete_before_replace=False)

    def known_as(self, id_: str, olds: Mapping[str, Any]) -> list[Any]:
        """Return what adopt_id may be without meaning another object."""
        return [id_, olds.get("adopt_id")]

    def planned_create(self, props: Props) -> Props:
        """Return what a preview knows of the new object: all that was wished, nothing that the API decides."""
        drawn = drawn_now(props) if props.get("name_seed") else {}
        return {**self._inputs_of(props), **drawn, **dict.fromkeys(self.decided, UNKNOWN)}

    def planned_update(self, id_: str, olds: Props, news: Props) -> Props:
        """Return what a preview knows of the object after the update."""
        del id_
        return present({**self._inputs_of(news), **{name: olds.get(name) for name in (*self.decided, RESPELLED)}})

    def create(self, props: Props) -> CreateResult:
        """Make the object with one call, or take over the one that `adopt_id` names.

        Raises:
            OutcomeUnknown: the API may have made an object that could not be found; says its name.
            OpenRouterError: nothing was made.
        """
        with noted(props.get("name") if props.get("name_seed") else None):
            record = self.adopted(props) if props.get("adopt_id") else self.make(props)
        respelled = self._respelled({}, props, record, self.fields)
        return CreateResult(self.identity(record, props), self._outputs(props, record, respelled))

    def adopted(self, props: Props) -> Any:
        """Return the record of the object that `adopt_id` names after it was brought to the inputs.

        Raises:
            ConfigurationError: there is no such object, or it differs in what only a new one could have.
        """
        wanted = str(props["adopt_id"])
        try:
            record = self.fetch(wanted, props)
        except NotFound:
            return self.adopted_unseen(wanted, props)
        changes = changes_to_adopt(self.what, f"adopt_id {printable(wanted)}", self.fields, record, props)
        return self.change(self.identity(record, props), changes, {}, props) if changes else record

    def adopted_unseen(self, wanted: str, props: Props) -> Any:
        """Return the record of an object that can be adopted though it can't be read; ordinarily there is none."""
        del props
        raise self.not_adoptable(wanted)

    def not_adoptable(self, wanted: str) -> ConfigurationError:
        """Return the error for an `adopt_id` that names nothing."""
        return ConfigurationError(
            f"adopt_id {printable(wanted)}: the account has no such {self.what} (docs/errors.md#adoption)"
        )

    def read(self, id_: str, props: Props) -> ReadResult:
        """Return what the API says of the managed properties; an object that is gone reads as deleted."""
        try:
            record = self.fetch(id_, props)
        except NotFound:
            return ReadResult("", {})
        outs = self._outputs({**props, **self.now(id_, props, record)}, record, props.get(RESPELLED) or {})
        return ReadResult(id_, outs, self._inputs_of(outs))

    def imported(self, id_: str) -> ReadResult:
        """Return an existing object as `pulumi import` takes it: with every property that the API shows.

        Raises:
            ConfigurationError: the account has no such object.
        """
        result = self.read(id_, {})
        if not result.id:
            raise not_importable(self.what, id_)
        return result

    def now(self, id_: str, props: Mapping[str, Any], record: Any) -> Props:
        """Return the managed properties as they are now; all of them, where nothing but the id is known (`get`)."""
        del id_
        known = {*self.decided, *(field.name for field in (*self.fields, *self.settings))}
        if known.isdisjoint(props):
            return {name: storable(value) for name, value in shown(self.fields, record).items()}
        found = actual(self.fields, props, record)
        respelled = props.get(RESPELLED) or {}
        unmoved = [name for name in respelled if name in found and same(found[name], respelled[name])]
        return found | {name: props.get(name) for name in unmoved}

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Send the changed properties and nothing else.

        Raises:
            NotFound: the object was deleted behind Pulumi's back; `pulumi up --refresh` makes a new one.
        """
        differing = changed(self.fields, _olds, _news)
        record = self.change(_id, {field.name: _news.get(field.name) for field in differing}, _olds, _news)
        respelled = self._respelled(_olds.get(RESPELLED) or {}, _news, record, differing)
        return UpdateResult(self._outputs(_news, record, respelled))

    def delete(self, _id: str, _props: Props) -> None:
        """Delete the object; what is gone already counts as deleted."""
        try:
            self.remove(_id, _props)
        except NotFound:
            return

    def _outputs(self, props: Mapping[str, Any], record: Any, respelled: Props) -> Props:
        decided = {name: _plain(getattr(record, name), props.get(name)) for name in self.decided}
        return present({**self._inputs_of(props), **decided, RESPELLED: respelled or None})

    def _respelled(self, before: Props, props: Mapping[str, Any], record: Any, written: Iterable[Field]) -> Props:
        """Return how the API spells what was just written, where that isn't how it was wished."""
        after = dict(before)
        for field in written:
            if field.respelled:
                answered = storable(field.read(getattr(record, field.name)), props.get(field.name))
                after[field.name] = None if same(answered, props.get(field.name)) else answered
        return present(after)

    def _inputs_of(self, props: Mapping[str, Any]) -> Props:
        names = [field.name for field in (*self.fields, *self.settings)]
        return present({name: props.get(name) for name in (*names, *(("name_seed",) if self.drawn else ()))})


def _is_imported(olds: Mapping[str, Any]) -> bool:
    """Return whether the object was imported under a name of its own, which it keeps while the program gives none."""
    return olds.get("name") is not None and olds.get("name_seed") is None


def _adopted_without(field: Field, olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Whether the property has been left to an adopted object, now or when it was adopted."""
    return inputs.get("adopt_id") is not None or (bool(olds) and olds.get(field.name) is None)


def _plain(value: Any, known: Any) -> Any:
    return kept_instant(known, value) if isinstance(value, datetime) else storable(value)
