"""Kubernetes: a Secret of the namespace that a service runs in."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from ..contract import ConfigLookup, Problems, ServiceSettings, Store, StoreSettings
from .kubeconfig import CONTEXT, is_in_cluster
from .reading import READING, reference_of
from .spelling import LONGEST_NAME, OBJECT_NAME, Namespace, is_label_name, is_label_value, label_value, secret_name

if TYPE_CHECKING:
    from pulumi import Output, Resource

    from ..declaration import Declare
    from ..value import Access

MUTABLE, MUTABLE_VARIABLE = "kubernetes:enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"
UPSERT, UPSERT_VARIABLE = "kubernetes:upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"
OTHER_CLUSTERS = ("kubernetes:kubeconfig", "kubernetes:cluster")
RENDERED = "kubernetes:renderYamlToDirectory"
OWN_ANNOTATIONS = ("openrouter-keys/", "pulumi.com/")


class KubernetesSettings(StoreSettings):
    """What only Kubernetes has."""

    namespace: Namespace = Field(default=None, description="the namespace, which must exist; there is no default")
    annotations: dict[str, str] = Field(default_factory=dict, description="annotations of the Secret")


def _load() -> "Declare":
    from .declare import declare  # noqa: PLC0415 - an extra

    return declare


def _access(component: "Resource") -> "Output[Access] | None":
    from .declare import refuse_other_provider  # noqa: PLC0415 - for programs only

    refuse_other_provider(component)
    return None


def _problems(settings: ServiceSettings) -> Problems:
    own = settings.get("kubernetes")
    own = own if isinstance(own, Mapping) else {}
    if not own.get("namespace"):
        yield "kubernetes.namespace", "is missing: name the namespace that the service runs in"
    if settings.get("readers"):
        yield "readers", f"have no meaning in store kubernetes, {_RBAC}"
    if settings.get("format") == "plain":
        yield "format", "must be json in store kubernetes: each variable is a key of the Secret's data"
    name = settings.get("secretName")
    if isinstance(name, str) and not OBJECT_NAME.fullmatch(name):
        yield (
            "secretName",
            f"must be at most {LONGEST_NAME} of a-z 0-9 - . in store kubernetes, like checkout-openrouter",
        )
    yield from _label_problems(settings.get("tags"))
    yield from _annotation_problems(own.get("annotations"))


_RBAC = "where RBAC says who may read the Secrets of a namespace"


def _label_problems(tags: object) -> Problems:
    for tag, value in tags.items() if isinstance(tags, Mapping) else ():
        if not (is_label_name(tag) and is_label_value(value)):
            yield f"tags.{tag}", "must be a label: a name like team or acme.com/team, a value of at most 63 characters"


def _annotation_problems(annotations: object) -> Problems:
    for name in annotations if isinstance(annotations, Mapping) else ():
        if not is_label_name(name):
            yield f"kubernetes.annotations.{name}", "must have a name like team or acme.com/team"
        elif str(name).startswith(OWN_ANNOTATIONS):
            yield f"kubernetes.annotations.{name}", "is set by this store itself: take it out"


def _stack_problems(config: ConfigLookup) -> Problems:
    """Yield which of the provider's settings would lose a value, show it, or lead to a cluster that nobody can tell."""
    for name in OTHER_CLUSTERS:
        if config(name):
            fix = f"set KUBECONFIG to the file and {CONTEXT} to one of its contexts"
            yield name, f"leads to a cluster that the other commands wouldn't find: take it out, and {fix}"
    yield from unsettled_cluster(config)
    if _setting(config, MUTABLE, MUTABLE_VARIABLE) != "true":  # The provider takes no other spelling.
        yield MUTABLE, "must be true: else Pulumi deletes the Secret to store a rotated key, and makes it again"
    if config(RENDERED):
        yield RENDERED, "would write keys in the clear into files: take it out"


def unsettled_cluster(config: ConfigLookup) -> Problems:
    """Yield which of the provider's settings would lead it to another cluster, or over somebody else's object."""
    if not any(config(name) for name in (CONTEXT, *OTHER_CLUSTERS)) and not is_in_cluster(os.environ):
        yield CONTEXT, "is missing: without it, each command would read the cluster that kubectl was last switched to"
    if (_setting(config, UPSERT, UPSERT_VARIABLE) or "false").lower() != "false":
        yield UPSERT, "must not be true: an object of somebody else would be written over"


def _setting(config: ConfigLookup, name: str, variable: str) -> str | None:
    """Return a setting as the provider takes it: from the config, and else from the environment."""
    given = config(name)
    return os.environ.get(variable) if given is None else given


def _reference(name: str, own: ServiceSettings, config: ConfigLookup) -> str | None:
    namespace = own.get("namespace")
    return reference_of(str(namespace), name, config(CONTEXT)) if namespace else None


STORE = Store(
    load=_load,
    reading=READING,
    package="httpx",
    settings=KubernetesSettings,
    problems=_problems,
    stack_problems=_stack_problems,
    secret_name=secret_name,
    tag=lambda name, text: (name, label_value(text)),
    apart="namespace",
    readers="",
    readers_are=_RBAC,
    access=_access,
    reference=_reference,
)
