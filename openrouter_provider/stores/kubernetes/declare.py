"""Kubernetes: one Secret with a key of its data for each variable, which one write changes whole.

Pulumi's provider replaces a Secret whose data changes, and deletes the old one first since they share a name, unless
its setting `enableSecretMutable` is on: the store asks for it. Should it be off all the same, the replacement is made
first here, which the cluster refuses while the old Secret stands.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_kubernetes.core.v1 import Secret

from ...keys.known import known_then
from ..declaration import StoredSecret
from ..refusals import SecretArgsRefused
from ..secret_args import SecretArgs
from . import KubernetesSettings
from .kubeconfig import CONTEXT
from .reading import CONTEXT_ANNOTATION, SECRET_TYPE, VERSION_ANNOTATION, reference_in, version_in, version_note
from .spelling import label_value

FORCE_ANNOTATION = "pulumi.com/patchForce"


def declare(name: str, wish: SecretArgs, value: Output[str], key: Resource, opts: ResourceOptions) -> StoredSecret:
    """Declare the Secret."""
    secret = Secret(
        name,
        metadata=_metadata(name, wish, value),
        type="Opaque",
        data=value.apply(encoded),
        opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=[key], delete_before_replace=False)),
    )
    made: Output[Any] = secret.metadata.apply(lambda found: {"metadata": found})
    return StoredSecret(
        store="kubernetes",
        secret=secret,
        value=secret,
        readers=None,
        reference=made.apply(reference_in),
        name=made.apply(lambda found: str(found["metadata"]["name"])),
        version=made.apply(version_in),
    )


def _metadata(name: str, wish: SecretArgs, value: Output[str]) -> Any:
    own = wish.settings_as(KubernetesSettings)
    section, _, setting = CONTEXT.partition(":")
    context = pulumi.Config(section).get(setting)
    annotations: dict[str, Input[str]] = {
        **own.annotations,
        # Its data is all ours: without this, what somebody wrote by hand stays theirs, and the provider's write fails.
        FORCE_ANNOTATION: "true",
        # A digest is no secret, and has to be seen by what compares it with the data.
        VERSION_ANNOTATION: Output.unsecret(value.apply(lambda text: version_note(json.loads(text)))),
        **({CONTEXT_ANNOTATION: context} if context else {}),
    }
    return {
        "name": wish.secret_name,
        "namespace": own.namespace,
        "labels": wish.tags_over(standard_labels(wish.standard_tags(name))),
        "annotations": annotations,
    }


def encoded(text: str) -> dict[str, str]:
    """Return the value's variables as a Secret's data has them."""
    return {name: base64.b64encode(value.encode()).decode() for name, value in json.loads(text).items()}


def standard_labels(tags: Mapping[str, Input[str]]) -> dict[str, Input[str]]:
    """Return tags with values that labels can have."""
    return {tag: known_then(text, label_value) for tag, text in tags.items()}


def refuse_other_provider(component: Resource) -> None:
    """Refuse a provider of the program's own.

    Raises:
        SecretArgsRefused: the commands that read the secret could not tell which cluster it means.
    """
    if component.get_provider(SECRET_TYPE) is not None:
        raise SecretArgsRefused(
            "store kubernetes follows the stack's own settings (kubernetes:context), and this program gives the "
            "service a kubernetes.Provider: take it out (docs/stores.md#kubernetes)"
        )
