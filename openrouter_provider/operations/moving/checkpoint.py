"""What of two checkpoints moves: pure functions over exported states. Nothing outside the states is touched.

A service's resources are its component and everything under it. They keep their ids, so that they stay the same
things; their URNs begin with the new stack's name, and the providers they go through are that stack's.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..stack.pending import SERVICE_TYPE, Checkpoint, pending_operations

ROOT_TYPE = "pulumi:pulumi:Stack"
PROVIDERS = "pulumi:providers:"
Resource = Mapping[str, Any]
Exported = Mapping[str, Any]


def resources_of(deployment: Checkpoint) -> list[Resource]:
    """Return a checkpoint's resources in their order."""
    return list(deployment.get("resources") or [])


def name_of(urn: object) -> str:
    """Return the logical name at the end of a URN."""
    return str(urn).rpartition("::")[2]


def services_in(deployment: Checkpoint) -> list[str]:
    """Return the names of the services, those that were made first first."""
    found = [each for each in resources_of(deployment) if each.get("type") == SERVICE_TYPE]
    return [name_of(each["urn"]) for each in sorted(found, key=lambda each: (str(each.get("created")), each["urn"]))]


def moving(deployment: Checkpoint, services: Collection[str]) -> list[Resource]:
    """Return the services' components and everything under them, in the checkpoint's order."""
    urns: set[str] = set()
    for each in resources_of(deployment):
        is_wanted = each.get("type") == SERVICE_TYPE and name_of(each["urn"]) in services
        if is_wanted or each.get("parent") in urns:
            urns.add(each["urn"])
    return [each for each in resources_of(deployment) if each["urn"] in urns]


def providers_of(deployment: Checkpoint, moved: Sequence[Resource]) -> list[Resource]:
    """Return the provider resources that these resources go through."""
    references = {str(each.get("provider")) for each in moved}
    providers = [each for each in resources_of(deployment) if str(each.get("type")).startswith(PROVIDERS)]
    return [each for each in providers if reference_to(each) in references]


def reference_to(provider: Resource) -> str:
    """Return how a resource names its provider."""
    return f"{provider['urn']}::{provider.get('id')}"


def obstacles(deployment: Checkpoint, service: str) -> list[str]:
    """Return why the resources of a service can't leave their stack, a reason a line; none where they can."""
    moved = moving(deployment, [service])
    if not moved:
        return ["the state has no such service: deploy it first with `pulumi up`"]
    return [*_unusual(moved), *_left_behind(deployment, moved)]


def _unusual(moved: Sequence[Resource]) -> Iterator[str]:
    parent = str(moved[0].get("parent"))
    if f"::{ROOT_TYPE}::" not in parent:
        yield f"it stands under {name_of(parent)}, which your own program declares: use `pulumi state move`"
    if any(each.get("delete") for each in moved):
        yield "the last run left something of it to be deleted: run `pulumi up` first"


def _left_behind(deployment: Checkpoint, moved: Sequence[Resource]) -> Iterator[str]:
    """Yield the resources that stay and are needed by one that moves, and those that need one that moves."""
    urns = {each["urn"] for each in moved}
    stay = {each["urn"]: each for each in resources_of(deployment) if each["urn"] not in urns}
    needed = {urn for each in (*moved, *providers_of(deployment, moved)) for urn in _needs(each)} & set(stay)
    for urn in sorted(needed):
        if stay[urn].get("type") != ROOT_TYPE:
            yield f"it needs {_shown(stay[urn])}, which stays: name that by its id, or leave both where they are"
    for each in stay.values():
        if urns & set(_needs(each)):
            yield f"{_shown(each)}, which stays, needs it: take the service out of its settings first"


def _shown(resource: Resource) -> str:
    return f"{str(resource.get('type')).rpartition(':')[2]} {name_of(resource['urn'])}"


def _needs(resource: Resource) -> Iterator[str]:
    yield from resource.get("dependencies") or []
    for urns in (resource.get("propertyDependencies") or {}).values():
        yield from urns or []
    yield from (str(resource[name]) for name in ("parent", "deletedWith") if resource.get(name))


def unready(stack: str, deployment: Checkpoint) -> str:
    """Return why nothing can be moved from or to this stack, in one line; empty where something can."""
    if pending_operations(deployment):
        return f"stack {stack} has operations that an interrupted run left: run `openrouter-keys recover` first"
    return ""


@dataclass(frozen=True)
class Address:
    """Where a stack's resources are: what every URN of it begins with."""

    stack: str
    project: str

    @property
    def beginning(self) -> str:
        """What its URNs begin with."""
        return f"urn:pulumi:{self.stack}::{self.project}::"

    @property
    def root(self) -> str:
        """The URN of the stack itself."""
        return f"{self.beginning}{ROOT_TYPE}::{self.project}-{self.stack}"


@dataclass(frozen=True)
class Parcel:
    """What is put into the other stack.

    Attributes:
        source: where it comes from.
        target: where it goes.
        resources: the services' resources, their secrets decrypted.
        providers: those they go through.
        outputs: by service, what the stack exports of it.
    """

    source: Address
    target: Address
    resources: Sequence[Resource] = field(repr=False)
    providers: Sequence[Resource] = field(repr=False)
    outputs: Mapping[str, Any] = field(repr=False)

    def readdressed(self, value: Any, references: Mapping[str, str]) -> Any:
        """Return a value with every URN of the one stack as one of the other."""
        if isinstance(value, Mapping):
            return {name: self.readdressed(part, references) for name, part in value.items()}
        if isinstance(value, list):
            return [self.readdressed(part, references) for part in value]
        return self._text(value, references) if isinstance(value, str) else value

    def _text(self, text: str, references: Mapping[str, str]) -> str:
        if text == self.source.root:
            return self.target.root
        if text in references:
            return references[text]
        ours = text.startswith(self.source.beginning)
        return self.target.beginning + text.removeprefix(self.source.beginning) if ours else text


def parcel(deployment: Checkpoint, services: Collection[str], source: Address, target: Address) -> Parcel:
    """Return what of a decrypted checkpoint moves."""
    moved = moving(deployment, services)
    exported = _exported_services(_root_of(deployment) or {})
    outputs = {name: exported[name] for name in services if name in exported}
    return Parcel(source, target, moved, providers_of(deployment, moved), outputs)


def has_arrived(deployment: Checkpoint, sent: Parcel) -> bool:
    """Return whether a checkpoint has everything that was sent, each with its id."""
    there = {each["urn"]: each.get("id") for each in resources_of(deployment)}
    return bool(sent.resources) and all(
        there.get(sent.readdressed(each["urn"], {}), "") == each.get("id") for each in sent.resources
    )


def names_taken(deployment: Checkpoint, services: Collection[str]) -> list[str]:
    """Return those of the services' names that the checkpoint has a service of."""
    return [name for name in services_in(deployment) if name in services]


def put_into(exported: Exported, sent: Parcel) -> dict[str, Any]:
    """Return the other stack's export with what is sent; its own resources stay as they are.

    Args:
        exported: the export, its secrets encrypted; those that are sent are encrypted when it is imported.
        sent: what arrives.
    """
    deployment = exported["deployment"]
    there = resources_of(deployment)
    if _root_of(deployment) is None:
        there = [{"urn": sent.target.root, "custom": False, "type": ROOT_TYPE}, *there]
    present = {each["urn"]: each for each in there}
    taken_along = [each for each in sent.providers if sent.readdressed(each["urn"], {}) not in present]
    references = {
        reference_to(each): reference_to(present[urn])
        for each in sent.providers
        if (urn := sent.readdressed(each["urn"], {})) in present
    }
    arriving = [sent.readdressed(each, references) for each in (*taken_along, *sent.resources)]
    both = [_exporting(each, sent.outputs) for each in there] + arriving
    return {**exported, "deployment": {**deployment, "resources": both}}


def _exporting(resource: Resource, outputs: Mapping[str, Any]) -> Resource:
    if resource.get("type") != ROOT_TYPE:
        return resource
    before = resource.get("outputs") or {}
    return {**resource, "outputs": {**before, "services": {**_exported_services(resource), **outputs}}}


def taken_out(exported: Exported, services: Collection[str]) -> dict[str, Any]:
    """Return an export without the services: their resources, and what the stack exports of them."""
    deployment = exported["deployment"]
    gone = {each["urn"] for each in moving(deployment, services)}
    if not gone:
        return dict(exported)
    kept = [_silent(each, services) for each in resources_of(deployment) if each["urn"] not in gone]
    return {**exported, "deployment": {**deployment, "resources": kept}}


def _silent(resource: Resource, services: Collection[str]) -> Resource:
    exported = _exported_services(resource)
    if resource.get("type") != ROOT_TYPE or not exported:
        return resource
    left = {name: each for name, each in exported.items() if name not in services}
    return {**resource, "outputs": {**resource["outputs"], "services": left}}


def _root_of(deployment: Checkpoint) -> Resource | None:
    return next((each for each in resources_of(deployment) if each.get("type") == ROOT_TYPE), None)


def _exported_services(root: Resource) -> Mapping[str, Any]:
    found = (root.get("outputs") or {}).get("services")
    return found if isinstance(found, Mapping) else {}
