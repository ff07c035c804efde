"""How the objects of each kind are found by their names, and what is asked before one that was lost is deleted.

A resource around the keys says itself where the API has its objects; guardrails and BYOK keys have their own endpoints.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ...api.client import ManagementClient
from ...api.errors import NotFound
from ...api.models import NamedRecord
from ...api.objects.verbs import ObjectPlace
from ...keys.tokens import own_type
from ...resources.around import kinds
from ..stack.pending import BYOK_TYPE, GUARDRAIL_TYPE


def used_by_nobody(_client: ManagementClient, _id: str) -> str:
    """Return what uses an object of a kind that nothing refers to."""
    return ""


@dataclass(frozen=True)
class NamedKind:
    """One kind of objects that bear a name.

    Attributes:
        type: the end of the resource's type token.
        listed: returns those of a workspace.
        delete: deletes one by its id.
        use: returns what uses one, in a few words; empty where nothing does.
        may_be_meant: whether one may be in use without a trace of it, so that somebody may keep it on purpose.
    """

    type: str
    listed: Callable[[ManagementClient, str | None], Sequence[NamedRecord]]
    delete: Callable[[ManagementClient, str], None]
    use: Callable[[ManagementClient, str], str] = used_by_nobody
    may_be_meant: bool = False

    @classmethod
    def at(cls, type_: str, place: ObjectPlace[Any]) -> "NamedKind":
        """Return the kind of the objects at a place of the API."""
        return cls(
            type_,
            lambda client, workspace_id: client.list_objects(place, {"workspace_id": workspace_id}),
            lambda client, id_: client.delete_object(place, id_),
        )


def use_of_guardrail(client: ManagementClient, guardrail_id: str) -> str:
    """Return whom a guardrail applies to; a guardrail that was just deleted applies to nobody."""
    try:
        assigned = [*client.list_key_assignments(guardrail_id), *client.list_member_assignments(guardrail_id)]
    except NotFound:
        return ""
    return f"it is assigned to {len(assigned)} keys or members" if assigned else ""


@cache
def named_kinds() -> tuple[NamedKind, ...]:
    """Return every kind whose objects are looked for by their names; a workspace is looked for by its slug."""
    guardrails = NamedKind(
        GUARDRAIL_TYPE,
        lambda client, workspace_id: client.list_guardrails(workspace_id=workspace_id),
        lambda client, id_: client.delete_guardrail(id_),
        use_of_guardrail,
    )
    byok_keys = NamedKind(
        BYOK_TYPE,
        lambda client, workspace_id: client.list_byok_keys(workspace_id=workspace_id),
        lambda client, id_: client.delete_byok_key(id_),
        may_be_meant=True,
    )
    placed = [(own_type(kind.__name__), kind.provider_class.place) for kind in kinds()]
    return (guardrails, byok_keys, *(NamedKind.at(type_, place) for type_, place in placed if place))


def kind_of(type_: str) -> NamedKind | None:
    """Return the kind of a resource by its type token; None where its objects are not looked for so."""
    return next((kind for kind in named_kinds() if type_.endswith(kind.type)), None)
