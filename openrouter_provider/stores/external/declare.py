"""ExternalSecret: what the External Secrets Operator (`external-secrets.io/v1`) makes a service's Secret by.

The operator reads its sources anew when an annotation changes. One holds the stored value's version, so that a rotation
reaches the cluster with the `up` that stored it; the interval is for what nobody told it.
https://external-secrets.io/latest/api/externalsecret/
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pulumi import ResourceOptions
from pulumi_kubernetes.apiextensions import CustomResource

from ...keys.known import known_then
from ..declaration import StoredSecret
from ..kubernetes.declare import FORCE_ANNOTATION, standard_labels
from ..kubernetes.reading import VERSION_ANNOTATION
from ..kubernetes.spelling import secret_name
from ..payload import KEY_FIELD
from ..secret_args import SecretArgs
from . import ExternalSecretSettings

API_VERSION, KIND = "external-secrets.io/v1", "ExternalSecret"
_AS_IT_IS = {"conversionStrategy": "Default", "decodingStrategy": "None", "metadataPolicy": "None"}
"""What the cluster would fill in: said, the object reads as it was declared."""


def declare_external(
    own: ExternalSecretSettings, name: str, wish: SecretArgs, stored: StoredSecret, opts: ResourceOptions
) -> CustomResource:
    """Declare the ExternalSecret of a stored secret; a Secret of its name follows it, and goes when it goes.

    Args:
        own: where it is.
        name: its logical name.
        wish: how the key is stored.
        stored: the secret in its store, which it outlives in no deletion.
        opts: its options.
    """
    called: Any = own.name or known_then(wish.secret_name, secret_name)
    return CustomResource(
        name,
        api_version=API_VERSION,
        kind=KIND,
        metadata={
            "name": called,
            "namespace": own.namespace,
            "labels": _marks(name, wish),
            # What somebody wrote by hand would stay theirs, and the write that heals it would be refused.
            "annotations": {FORCE_ANNOTATION: "true", VERSION_ANNOTATION: stored.version},
        },
        spec=known_then(wish.format, partial(_spec, own, called, stored.name)),
        opts=opts,
    )


def _marks(name: str, wish: SecretArgs) -> Any:
    """Return the standard tags as labels; a moved service says itself which Environment it was made in."""
    standard = wish.standard_tags(name)
    every: Any = wish.tags_over(standard)
    return known_then(every, lambda tags: standard_labels({tag: tags[tag] for tag in standard}))


def _spec(own: ExternalSecretSettings, called: Any, key: Any, format_: str) -> Mapping[str, Any]:
    kind = "ClusterSecretStore" if own.cluster_secret_store else "SecretStore"
    source = {"key": key, **_AS_IT_IS}
    part, whole = {"data": [{"secretKey": KEY_FIELD, "remoteRef": source}]}, {"dataFrom": [{"extract": source}]}
    return {
        "refreshInterval": own.refresh_interval,
        "secretStoreRef": {"kind": kind, "name": own.cluster_secret_store or own.secret_store},
        "target": {"name": called, "creationPolicy": "Owner", "deletionPolicy": "Retain"},
        **(part if format_ == "plain" else whole),
    }
