"""What a service says of its ExternalSecret; pure, and without Pulumi."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from ...keys.schedule import DEFAULT_OVERLAP, parse_duration
from ..contract import Problems, ServiceSettings, Store, StoreSettings, matching
from ..kubernetes.spelling import Namespace, ObjectName

SETTING = "externalSecret"
CLUSTER = "kubernetes"
"""Whose package of Pulumi's declares it."""
EXTERNAL_SECRET_TYPE = "kubernetes:external-secrets.io/v1:ExternalSecret"  # noqa: S105 - a type token
DEFAULT_INTERVAL = "1h"
_INTERVAL = re.compile(r"[1-9]\d{0,5}[smh]")
_STORES = ("secretStore", "clusterSecretStore")

Interval = Annotated[str, matching(_INTERVAL, "must be a time like 15m or 1h, and not 0 (units h, m, s)")]


class ExternalSecretSettings(StoreSettings):
    """Where the External Secrets Operator copies a service's secret to, and by which of its stores."""

    namespace: Namespace = Field(default=None, description="the namespace of the service, which must exist; no default")
    secret_store: ObjectName = Field(default=None, description="the SecretStore of that namespace that reads the store")
    cluster_secret_store: ObjectName = Field(default=None, description="or the ClusterSecretStore that does")
    name: ObjectName = Field(default=None, description="the name of the Secret; default: drawn from secretName")
    refresh_interval: Interval = Field(default=DEFAULT_INTERVAL, description="how often the operator looks by itself")


def external_problems(settings: ServiceSettings, store: Store) -> Problems:
    """Yield what is wrong with a service's ExternalSecret.

    Args:
        settings: the service's, by their names in the config.
        store: the one that keeps its key.
    """
    own = settings.get(SETTING)
    if own is None:
        return
    if not store.copied:
        yield SETTING, f"has no meaning in store {store.name}, which the operator doesn't copy from: take it out"
    if not isinstance(own, Mapping):
        return
    if not own.get("namespace"):
        yield f"{SETTING}.namespace", "is missing: name the namespace that the service runs in"
    if sum(bool(own.get(name)) for name in _STORES) != 1:
        either = " or ".join(_STORES)
        yield (
            f"{SETTING}.secretStore",
            f"is one of two: name the operator's store, which reads {store.name}, by {either}",
        )
    yield from _too_slow(own.get("refreshInterval"), _overlap(settings))


def _too_slow(interval: object, overlap: object) -> Problems:
    try:
        late = parse_duration(str(interval)) >= parse_duration(str(overlap))
    except ValueError:
        return  # Reported of the setting itself.
    if late:
        fix = f"must be shorter than the overlap ({overlap}): else pods could find a key that is gone"
        yield f"{SETTING}.refreshInterval", fix


def _overlap(settings: ServiceSettings) -> object:
    """Return for how long a superseded key stays valid: in the config that is a part of the schedule."""
    rotation = settings.get("rotation")
    given = rotation.get("overlap") if isinstance(rotation, Mapping) else settings.get("overlap")
    return given or DEFAULT_OVERLAP
