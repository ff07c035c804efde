"""What a stack's state says of an interrupted run: the operations it notes as unfinished and the keys it knows.

The state notes an operation before it starts and takes the note away once its result is written. A note that is still
there says that nobody knows how the operation ended; its inputs hold the exact name of what it may have made.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ...config.around import SECTIONS
from ...keys import tokens
from ...resources.around import kinds
from ...stores.aws.access import SECRET_TYPE, access_of
from ...stores.value import Access

CREATING, UPDATING = "creating", "updating"
KEY_TYPE, WORKSPACE_TYPE = tokens.API_KEY, tokens.WORKSPACE
GUARDRAIL_TYPE, BYOK_TYPE = tokens.GUARDRAIL, tokens.BYOK_KEY
CONFIG_SECTIONS = {
    WORKSPACE_TYPE: "workspaces",
    GUARDRAIL_TYPE: "guardrails",
    BYOK_TYPE: "byokKeys",
    **{tokens.own_type(each.resource): each.setting for each in SECTIONS if "adopt" in each.model.model_fields},
}
"""Where the stack's config has what may be taken over by its id."""
SERVICE_TYPE = tokens.SERVICE_KEY
FORGOTTEN = "forgotten"
"""The kind of an operation that Pulumi no longer notes."""
_IDENTIFYING = ("hash", "adopt_hash", "keyHash")

Checkpoint = Mapping[str, Any]


@cache
def object_types() -> tuple[str, ...]:
    """Return the ends of the types of the objects beside the keys that are found again by their names."""
    placed = (kind.__name__ for kind in kinds() if kind.provider_class.place)
    return (WORKSPACE_TYPE, GUARDRAIL_TYPE, BYOK_TYPE, *map(tokens.own_type, placed))


@dataclass(frozen=True)
class PendingOperation:
    """One entry of the state's pending operations.

    Attributes:
        kind: what was going on: creating, updating, deleting, reading or importing.
        urn: the resource's URN.
        type: its type token.
        inputs: its inputs; secret ones are encrypted.
        parent: its parent's URN, empty where it has none.
        provider: the reference to its provider, empty where it has none.
        is_component: whether it only groups others, and is nothing outside the state.
    """

    kind: str
    urn: str
    type: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    is_component: bool = False

    @property
    def service(self) -> str:
        """The resource's logical name."""
        return self.urn.rpartition("::")[2]

    @property
    def physical_name(self) -> str | None:
        """The name on OpenRouter or in AWS, of a workspace its slug; None where the inputs do not show one."""
        name = self.inputs.get("slug" if self.type.endswith(WORKSPACE_TYPE) else "name")
        return name if isinstance(name, str) and name else None

    @property
    def workspace_id(self) -> str | None:
        """The workspace of the object, None for the account's default one."""
        workspace = self.inputs.get("workspace_id")
        return workspace if isinstance(workspace, str) else None

    @property
    def is_key(self) -> bool:
        """Whether it is an OpenRouter key."""
        return self.type.endswith(KEY_TYPE)

    @property
    def config_section(self) -> str:
        """The section of the stack's config that takes such an object over with `adopt`; empty where none does."""
        return next((section for end, section in CONFIG_SECTIONS.items() if self.type.endswith(end)), "")

    @property
    def may_have_made_a_key(self) -> bool:
        """Whether it may have left a key: a creation, or a rotation, but not the adoption of an existing key."""
        adopting = self.kind == CREATING and self.inputs.get("adopt_hash") is not None
        return self.is_key and self.kind in (CREATING, UPDATING) and not adopting

    @property
    def may_have_made_an_object(self) -> bool:
        """Whether it may have left an object beside the keys, rather than taken one over."""
        adopting = self.inputs.get("adopt_id") is not None
        return self.kind == CREATING and self.type.endswith(object_types()) and not adopting

    @property
    def may_have_made_something(self) -> bool:
        """Whether it may have left anything that the state does not know and that can be looked for."""
        return self.may_have_made_a_key or self.may_have_made_a_secret or self.may_have_made_an_object

    @property
    def may_have_made_a_secret(self) -> bool:
        """Whether it may have left a secret that the state does not know."""
        return self.type == SECRET_TYPE and self.kind == CREATING


def access_for(deployment: Checkpoint, operation: PendingOperation) -> Access:
    """Return how the provider of a pending operation reaches AWS."""
    resource = {"provider": operation.provider, "inputs": operation.inputs}
    return access_of(deployment.get("resources") or [], resource)


def pending_operations(deployment: Checkpoint) -> list[PendingOperation]:
    """Return the operations that a deployment's state notes as unfinished."""
    return [_operation(entry) for entry in deployment.get("pending_operations") or []]


def _operation(entry: Mapping[str, Any]) -> PendingOperation:
    resource = entry.get("resource") or {}
    return PendingOperation(
        kind=str(entry.get("type") or ""),
        urn=str(resource.get("urn") or ""),
        type=str(resource.get("type") or ""),
        inputs=resource.get("inputs") or {},
        parent=str(resource.get("parent") or ""),
        provider=str(resource.get("provider") or ""),
        is_component=resource.get("custom") is False,
    )


def known_hashes(deployment: Checkpoint) -> frozenset[str]:
    """Return every key's hash that the state names anywhere: current, superseded, adopted, or pending deletion."""
    pending = [entry.get("resource") or {} for entry in deployment.get("pending_operations") or []]
    return frozenset(_hashes([*(deployment.get("resources") or []), *pending]))


def _hashes(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if str(value.get("type") or "").endswith(KEY_TYPE) and value.get("id"):
            yield str(value["id"])
        for name, part in value.items():
            if name in _IDENTIFYING and isinstance(part, str):
                yield part
            yield from _hashes(part)
    elif isinstance(value, list):
        for part in value:
            yield from _hashes(part)


def workspaces_of(deployment: Checkpoint) -> set[str]:
    """Return the workspaces, other than the account's default one, that the state has or has anything of ours in."""
    resources = deployment.get("resources") or []
    ours = (KEY_TYPE, *object_types())
    held = [each for each in resources if str(each.get("type") or "").endswith(ours)]
    found = {(each.get("inputs") or {}).get("workspace_id") for each in held}
    own = {each.get("id") for each in resources if str(each.get("type") or "").endswith(WORKSPACE_TYPE)}
    return {workspace for workspace in found | own if isinstance(workspace, str) and workspace}


def without_pending_operations(exported: Mapping[str, Any]) -> dict[str, Any]:
    """Return an exported stack without its pending operations, otherwise unchanged."""
    deployment = {name: part for name, part in exported["deployment"].items() if name != "pending_operations"}
    return {**exported, "deployment": deployment}
