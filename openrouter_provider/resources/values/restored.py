"""The life of what exists without being made: it is taken and given back as it was, since nobody can delete it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from pulumi.dynamic import CreateResult, ReadResult, UpdateResult

from ...api.errors import NotFound
from ...api.scrub import printable
from ...keys.fields import Props, changed, is_undeclared, present, shown, storable
from ..record import RecordProvider

BEFORE = "before"
"""Output: by property, what it was before the resource took it."""


class RestoredProvider(RecordProvider):
    """The life cycle of one object that is always there; a subclass says which it is.

    Attributes:
        unset: what those properties are that nobody ever set, where that isn't null.
    """

    settings = ()
    remembered = (BEFORE,)
    unset: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    repeatable = True

    def whose(self, props: Mapping[str, Any]) -> str:
        """Return the id of the object that the inputs name."""
        raise NotImplementedError

    def make(self, props: Props) -> Any:
        """Bring the object to the inputs; one that is as wished is left alone."""
        return self._taken(self.whose(props), props)[0]

    def _taken(self, id_: str, props: Props) -> tuple[Any, Props]:
        """Return its record, and what it was before."""
        try:
            record = self.fetch(id_, props)
        except NotFound:  # Nobody has ever set anything in it.
            return self.change(id_, self._wished(props, {}), {}, props), {}
        before = shown(self.fields, record)
        wishes = self._wished(props, before)
        kept = {name: storable(value) for name, value in before.items()}
        return (self.change(id_, wishes, {}, props) if wishes else record), present(kept)

    def _wished(self, props: Props, found: Props) -> Props:
        declared = [field for field in self.fields if field.shown and not is_undeclared(field, props)]
        return {field.name: props.get(field.name) for field in changed(declared, found, props)}

    def create(self, props: Props) -> CreateResult:
        """Take it, and keep what it was."""
        record, before = self._taken(self.whose(props), props)
        outs = self._outputs(props, record, self._respelled({}, props, record, self.fields))
        return CreateResult(self.identity(record, props), {**outs, BEFORE: before})

    def read(self, id_: str, props: Props) -> ReadResult:
        """Return what the API says of the managed properties, and still what it was."""
        found = super().read(id_, props)
        return ReadResult(found.id, {**(found.outs or {}), **_kept(props)}, found.inputs) if found.id else found

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Send the changed properties and nothing else."""
        return UpdateResult({**(super().update(_id, _olds, _news).outs or {}), **_kept(_olds)})

    def delete(self, _id: str, _props: Props) -> None:
        """Give it back as it was; where that isn't known, it is left as it is, and that is said."""
        if _props.get(BEFORE) is None:
            self.session.warn(
                f"{self.what} {printable(_id)}: it can't be deleted, and nothing tells what it was before it was "
                "imported; it is left as it is"
            )
            return
        try:
            self.remove(_id, _props)
        except NotFound:
            return  # Gone with what it belonged to.

    def remove(self, id_: str, props: Mapping[str, Any]) -> None:
        """Bring what the resource manages back to what it was; what others set beside that stays."""
        managed = [field for field in self.fields if field.shown and not is_undeclared(field, props)]
        was = {**self.unset, **props[BEFORE]}
        now = shown(managed, self.fetch(id_, {}))
        changes = {field.name: was.get(field.name) for field in changed(managed, now, was)}
        if changes:
            self.change(id_, changes, props, was)

    def planned_update(self, id_: str, olds: Props, news: Props) -> Props:
        """Return what a preview knows of it after the update."""
        return {**super().planned_update(id_, olds, news), **_kept(olds)}


def _kept(props: Mapping[str, Any]) -> Props:
    return {BEFORE: props[BEFORE]} if props.get(BEFORE) is not None else {}
