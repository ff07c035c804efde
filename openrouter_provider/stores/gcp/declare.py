"""Google's Secret Manager: services read the alias `latest`, which is the newest version as soon as it exists."""

from collections.abc import Mapping
from typing import Any

from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_gcp import secretmanager

from ...keys.known import known_then
from ...keys.schedule import DEFAULT_OVERLAP, parse_duration
from ..declaration import REPLACEABLE, StoredSecret
from ..secret_args import SecretArgs
from . import GcpSettings
from .labels import label_name, label_value
from .reading import SCHEME

READER_ROLE = "roles/secretmanager.secretAccessor"
SHORTEST_DESTROY_TTL_SECONDS = 24 * 3600


def declare(name: str, wish: SecretArgs, value: Output[str], key: Resource, opts: ResourceOptions) -> StoredSecret:
    """Declare Secret, SecretVersion and, where the service names readers, SecretIamBinding."""
    own = wish.settings_as(GcpSettings)
    secret = secretmanager.Secret(
        name,
        secret_id=wish.secret_name,
        project=own.project,
        replication=replication(own),
        labels=wish.tags_over(standard_labels(wish.standard_tags(name))),
        # Destroying a superseded version disables it at once; for this long it can be enabled again.
        version_destroy_ttl=known_then(wish.overlap, destroy_ttl),
        opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=[key], delete_before_replace=False)),
    )
    replaceable = ResourceOptions.merge(opts, REPLACEABLE)
    version = secretmanager.SecretVersion(name, secret=secret.id, secret_data=value, opts=replaceable)
    return StoredSecret(
        store="gcp",
        secret=secret,
        value=version,
        readers=_binding(name, wish, secret, opts) if wish.readers else None,
        reference=Output.concat(SCHEME, ":", secret.id),
        name=secret.secret_id,
        version=version.id,
    )


def _binding(
    name: str, wish: SecretArgs, secret: secretmanager.Secret, opts: ResourceOptions
) -> secretmanager.SecretIamBinding:
    return secretmanager.SecretIamBinding(
        name,
        secret_id=secret.id,
        project=wish.settings_as(GcpSettings).project,
        role=READER_ROLE,
        members=wish.sorted_readers(),
        opts=opts,
    )


def replication(settings: GcpSettings) -> Any:
    """Return where the secret is kept: wherever Google likes, or exactly in these locations."""
    own_key = {"customer_managed_encryption": {"kms_key_name": settings.kms_key_name}} if settings.kms_key_name else {}
    if not settings.locations:
        return {"auto": own_key}
    return {"user_managed": {"replicas": [{"location": location, **own_key} for location in settings.locations]}}


def destroy_ttl(overlap: str | None) -> str:
    """Return for how long a superseded version can be brought back, as the API spells it; at least its 24 hours."""
    return f"{max(int(parse_duration(overlap or DEFAULT_OVERLAP).total_seconds()), SHORTEST_DESTROY_TTL_SECONDS)}s"


def standard_labels(tags: Mapping[str, Input[str]]) -> dict[str, Input[str]]:
    """Return tags in the spelling of labels."""
    return {label_name(tag): known_then(text, label_value) for tag, text in tags.items()}
