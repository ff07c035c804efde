"""Whom a guardrail applies to, as a resource: a set of keys and members, others left alone.

API: https://openrouter.ai/docs/guides/features/guardrails
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi import Input, Output, ResourceOptions

from ..api.errors import NotFound, OpenRouterError
from ..api.scrub import printable
from ..keys.checks import check_id, check_text
from ..keys.fields import Field, Props
from ..keys.list_checks import check_any_texts
from ..keys.sameness import folded
from .declared import RecordResource
from .reads import with_gone, write_living
from .record import RecordProvider

KEYS, MEMBERS = "key_hashes", "member_ids"


@dataclass(frozen=True)
class Assigned:
    """Those of the declared keys and members that the guardrail applies to."""

    guardrail_id: str
    key_hashes: list[str]
    member_ids: list[str]


class GuardrailAssignmentProvider(RecordProvider):
    """The life cycle of one set of assignments."""

    what = "guardrail assignment"
    fields = (
        Field("guardrail_id", check_id, required=True, replaces=True),
        Field(KEYS, check_any_texts, default=[]),
        Field(MEMBERS, check_any_texts, default=[]),
    )
    settings = (Field("label", check_text, required=True),)

    def identity(self, record: Assigned, props: Mapping[str, Any]) -> str:
        """Return the guardrail's id and the resource's name: nothing in the API identifies a set."""
        return f"{record.guardrail_id}/{props['label']}"

    def make(self, props: Props) -> Assigned:
        """Assign the guardrail to all of them; a key that had another guardrail loses that."""
        guardrail_id = str(props["guardrail_id"])
        self._assign(guardrail_id, props[KEYS], props[MEMBERS])
        return Assigned(guardrail_id, props[KEYS], props[MEMBERS])

    def fetch(self, id_: str, props: Mapping[str, Any]) -> Assigned:
        """Read which of the declared keys and members it is assigned to; all of them, where none are declared.

        A declared key that is gone counts as assigned: there is nothing left to bind.
        """
        guardrail_id = str(props.get("guardrail_id") or id_.partition("/")[0])
        keys, members = props.get(KEYS), props.get(MEMBERS)
        # Where no keys are declared, only asking for members shows whether the guardrail is still there.
        found = [] if keys == [] and members != [] else _among(self._listed(KEYS, guardrail_id), keys)
        return Assigned(
            guardrail_id,
            with_gone(self.session.reader, found, keys or []),
            [] if members == [] else _among(self._listed(MEMBERS, guardrail_id), members),
        )

    def _listed(self, kind: str, guardrail_id: str) -> list[str]:
        """Return all keys or members that the guardrail is assigned to, asked for once a run."""
        client = self.session.client

        def fetch() -> list[str]:
            if kind == KEYS:
                return [each.key_hash for each in client.list_key_assignments(guardrail_id)]
            return [each.user_id for each in client.list_member_assignments(guardrail_id)]

        return self.session.listings.read((kind, guardrail_id), fetch)

    def change(self, id_: str, changes: Props, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Assigned:
        """Assign what was added, then unassign what left."""
        del id_, changes
        guardrail_id = str(news["guardrail_id"])
        self._assign(guardrail_id, _added(KEYS, olds, news), _added(MEMBERS, olds, news))
        self._unassign(guardrail_id, _added(KEYS, news, olds), _added(MEMBERS, news, olds))
        return Assigned(guardrail_id, news[KEYS], news[MEMBERS])

    def remove(self, id_: str, props: Mapping[str, Any]) -> None:
        """Unassign all of them."""
        guardrail_id = str(props.get("guardrail_id") or id_.partition("/")[0])
        self._unassign(guardrail_id, props.get(KEYS) or [], props.get(MEMBERS) or [])

    def _assign(self, guardrail_id: str, keys: Sequence[str], members: Sequence[str]) -> None:
        self._forget(guardrail_id)
        client = self.session.client
        if keys:
            count = write_living(self.session.reader, keys, lambda living: client.assign_keys(guardrail_id, living))
            if falls_short(count, keys):
                self._refuse_unbound_keys(guardrail_id, keys)
        if members and falls_short(client.assign_members(guardrail_id, members), members):
            self._refuse_unbound(guardrail_id, MEMBERS, members, _unbound(self._listed(MEMBERS, guardrail_id), members))

    def _refuse_unbound_keys(self, guardrail_id: str, keys: Sequence[str]) -> None:
        """Look which keys the API passed over: one that is gone may be, unless no other is bound.

        Raises:
            OpenRouterError: a key that exists, or every one of them, is not under the guardrail.
        """
        missing = _unbound(self._listed(KEYS, guardrail_id), keys)
        living = [hash_ for hash_ in missing if self.session.reader.read(hash_) is not None]
        self._refuse_unbound(guardrail_id, KEYS, keys, living or (missing if len(missing) == len(keys) else []))

    def _refuse_unbound(self, guardrail_id: str, kind: str, asked: Sequence[str], unbound: Sequence[str]) -> None:
        self._forget(guardrail_id)
        if unbound:
            raise OpenRouterError(
                f"assigning guardrail {guardrail_id}: OpenRouter passed over {len(unbound)} of {len(asked)} {kind} "
                f"without an error: {', '.join(printable(each) for each in unbound)}: it knows none such; "
                "correct them (docs/errors.md#guardrail-assignments)"
            )

    def _unassign(self, guardrail_id: str, keys: Sequence[str], members: Sequence[str]) -> None:
        self._forget(guardrail_id)
        _take_away(lambda some: self.session.client.unassign_keys(guardrail_id, some), keys)
        _take_away(lambda some: self.session.client.unassign_members(guardrail_id, some), members)

    def _forget(self, guardrail_id: str) -> None:
        for kind in (KEYS, MEMBERS):
            self.session.listings.forget((kind, guardrail_id))


def _among(assigned: Iterable[str], declared: Sequence[str] | None) -> list[str]:
    """Return, in order, those assigned that are declared; null declares all of them."""
    if declared is None:
        return sorted(set(assigned))
    bound = {folded(each) for each in assigned}
    return sorted(each for each in set(declared) if folded(each) in bound)


def falls_short(count: int | None, asked: Sequence[str]) -> bool:
    """Return whether the API counts fewer than were asked for; those bound before may be missing from its count."""
    return count is not None and count < len(set(asked))


def _unbound(assigned: Iterable[str], declared: Sequence[str]) -> list[str]:
    bound = set(_among(assigned, declared))
    return sorted(set(declared) - bound)


def _added(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return sorted(set(after.get(name) or []) - set(before.get(name) or []))


def _take_away(call: Callable[[Sequence[str]], None], subjects: Sequence[str]) -> None:
    """Unassign at once; where one of several is unknown, each by itself: what is gone is unassigned."""
    if not subjects:
        return
    try:
        call(subjects)
    except NotFound:
        if len(subjects) > 1:
            for subject in subjects:
                _take_away(call, [subject])


class GuardrailAssignment(RecordResource, module="openrouter", name="GuardrailAssignment"):
    """A set of keys and members that a guardrail applies to; its id is `<guardrail_id>/<resource name>`.

    The set is not exclusive: others that the guardrail is assigned to are left alone. A key or member has at most one
    guardrail of its own, so assigning one takes another away.
    """

    provider_class = GuardrailAssignmentProvider

    guardrail_id: Output[str]
    key_hashes: Output[list[str]]
    member_ids: Output[list[str]]

    def __init__(
        self,
        resource_name: str,
        *,
        guardrail_id: Input[str],
        key_hashes: Input[Sequence[Input[str]]] | None = None,
        member_ids: Input[Sequence[Input[str]]] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None:
        """Declare assignments.

        Args:
            resource_name: the resource's logical name.
            guardrail_id: the guardrail's id; a change assigns the new one before the old one is taken away.
            key_hashes: the hashes of the keys.
            member_ids: the user ids of the members.
            opts: Pulumi's resource options.
        """
        props = {"guardrail_id": guardrail_id, KEYS: key_hashes, MEMBERS: member_ids, "label": resource_name}
        self._declare(resource_name, props, opts)
