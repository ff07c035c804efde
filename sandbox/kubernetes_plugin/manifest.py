"""What the provider does with any namespaced object; its id is NAMESPACE/NAME.

The real provider creates with a POST, so that a name that is taken is an error, and updates by server-side apply, which
another writer's field refuses unless the annotation `pulumi.com/patchForce` is there.
"""

import json
from typing import Any, ClassVar

from pulumi_kubernetes.meta import v1 as meta

from sandbox.kubernetes_plugin.cloud import KubernetesCloud
from sandbox.kubernetes_plugin.trees import changes, pruned
from sandbox.plugins.cloud import CloudError
from sandbox.plugins.resource_type import Found, Problem, ResourceType
from sandbox.plugins.schema import Difference, input_names
from sandbox.plugins.wire import Properties

APPLY = "application/apply-patch+yaml"
FIELD_MANAGER = "pulumi-kubernetes-sandbox"
INPUTS = "__inputs"
FORCE = "pulumi.com/patchForce"
_PLACE = ("metadata.name", "metadata.namespace")
_SERVER_S = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid")


class Manifest(ResourceType[KubernetesCloud]):
    """One kind of object."""

    path: ClassVar[str]
    """Where the API serves it, with the namespace left open."""

    def check(
        self, name: str, given: Properties, previous: Properties, seed: bytes
    ) -> tuple[Properties, list[Problem]]:
        """Return the inputs in the provider's normal form, and with a name."""
        inputs, problems = super().check(name, given, previous, seed)
        inputs = self.normal({key: value for key, value in inputs.items() if not key.startswith("__")})
        metadata = dict(inputs.get("metadata") or {})
        kept = (previous.get("metadata") or {}).get("name")
        metadata.setdefault("name", kept or f"{name}-{seed.hex()[:8]}")
        return {**inputs, "metadata": metadata}, problems

    def normal(self, inputs: Properties) -> Properties:
        """Return the inputs as the provider writes them."""
        return inputs

    def replaces(self, path: str, wanted: Properties) -> bool:  # noqa: ARG002 - some kinds ask the object
        """Return whether a change of this property makes another object."""
        return path in _PLACE

    def validate(self, inputs: Properties) -> list[Problem]:
        """Return each name in the metadata that the real provider doesn't have either."""
        known = input_names(meta.ObjectMetaArgs)
        strangers = sorted(set(inputs.get("metadata") or {}) - known)
        return [Problem("metadata", f"{self.token} has no metadata {name!r}") for name in strangers]

    def differences(self, state: Properties, wanted: Properties) -> dict[str, Difference]:
        """Return where the inputs differ from what of the live object the last inputs have to do with."""
        before, after = pruned(state, state.get(INPUTS) or wanted), _plain(wanted)
        for each in (before, after):
            each["metadata"] = {"namespace": "default", **(each.get("metadata") or {})}
        return {path: Difference(kind, self.replaces(path, wanted)) for path, kind in changes(before, after).items()}

    def must_delete_first(self, state: Properties, wanted: Properties) -> bool:
        """Say whether the new object would have the old one's name."""
        return _place(state) == _place(wanted)

    def create(self, inputs: Properties) -> Found:
        """Make the object."""
        namespace, name = _place(inputs)
        subject = f"resource {namespace}/{name} was not successfully created by the Kubernetes API server"
        options: dict[str, Any] = {"params": {"fieldManager": FIELD_MANAGER}, "json": inputs}
        return _found(self.cloud.ask("POST", self._path(namespace), subject=subject, **options), inputs)

    def read(self, identifier: str, state: Properties) -> Found | None:
        """Return the object as it is."""
        live = self.cloud.ask("GET", self._path(*_parts(identifier)), subject=f"reading {identifier}", absent=True)
        return _found(live, state.get(INPUTS) or _as_inputs(live)) if live else None

    def update(self, identifier: str, state: Properties, wanted: Properties) -> Found:  # noqa: ARG002 - the base's signature
        """Apply the inputs."""
        force = (wanted["metadata"].get("annotations") or {}).get(FORCE) == "true"
        live = self.cloud.ask(
            "PATCH",
            self._path(*_parts(identifier)),
            subject=f"update of resource {identifier} failed",
            params={"fieldManager": FIELD_MANAGER, "force": str(force).lower()},
            headers={"content-type": APPLY},
            content=json.dumps(wanted),
        )
        return _found(live, wanted)

    def delete(self, identifier: str, state: Properties) -> None:  # noqa: ARG002 - the base's signature
        """Delete the object."""
        self.cloud.ask("DELETE", self._path(*_parts(identifier)), subject=f"deleting {identifier}", absent=True)

    def refreshed_inputs(self, inputs: Properties, state: Properties) -> Properties:
        """Return the inputs as the live object has them; what a program said nothing of is none."""
        return pruned(_plain(state), inputs) if inputs else _as_inputs(state)

    def _path(self, namespace: str, name: str = "") -> str:
        return "/".join([self.path.format(namespace=namespace), *filter(None, [name])])


def _found(live: Properties | None, inputs: Properties) -> Found:
    if live is None:
        raise CloudError("the object vanished while it was being written")
    return Found("/".join(_place(live)), live | {INPUTS: inputs})


def _as_inputs(live: Properties) -> Properties:
    """Return an object that was imported as a program would declare it."""
    metadata = {name: value for name, value in live["metadata"].items() if name not in _SERVER_S}
    return {**{name: value for name, value in _plain(live).items() if name != "status"}, "metadata": metadata}


def _plain(properties: Properties) -> Properties:
    return {name: value for name, value in properties.items() if not name.startswith("__")}


def _place(found: Properties) -> tuple[str, str]:
    metadata: Any = found.get("metadata") or {}
    return str(metadata.get("namespace") or "default"), str(metadata.get("name"))


def _parts(identifier: str) -> tuple[str, str]:
    namespace, slash, name = identifier.partition("/")
    return (namespace, name) if slash else ("default", identifier)
