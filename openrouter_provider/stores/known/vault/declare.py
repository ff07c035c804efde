"""HashiCorp Vault, KV version 2: services read the newest version of a path, which one write replaces whole."""

import json

from pulumi import Output, Resource, ResourceOptions
from pulumi_vault import kv
from pulumi_vault.policy import Policy

from ....service_key_args import ServiceKeyArgs
from ...base import StoredSecret
from . import VaultSettings
from .preflight import look_before_writing
from .reading import SCHEME


def declare(name: str, args: ServiceKeyArgs, value: Output[str], key: Resource, opts: ResourceOptions) -> StoredSecret:
    """Declare SecretV2 and, where the settings name one, a Policy that may read exactly its path."""
    own, marks = args.settings_as(VaultSettings), args.standard_tags(name) | dict(args.tags)
    secret = kv.SecretV2(
        name,
        mount=own.mount,
        name=args.secret_name,
        data_json=value,
        custom_metadata={"data": marks},
        # A removed service's older versions hold deleted keys: nothing is worth keeping.
        delete_all_versions=True,
        # Pulumi's provider deletes first where the name was given: a new path that is taken would cost the old one.
        opts=ResourceOptions.merge(
            opts,
            ResourceOptions(depends_on=[key], hooks=look_before_writing(name, marks), delete_before_replace=False),
        ),
    )
    text = read_policy(own.mount, args.secret_name)
    kept = ResourceOptions.merge(opts, ResourceOptions(delete_before_replace=False))
    policy = Policy(name, name=own.policy, policy=text, opts=kept) if own.policy else None
    return StoredSecret(
        store="vault",
        secret=secret,
        value=secret,
        readers=policy,
        reference=Output.concat(SCHEME, ":", secret.path),
        name=secret.name,
        version=Output.all(secret.path, secret.metadata).apply(lambda known: version_id(*known)),
    )


def version_id(path: str, metadata: dict[str, str] | None) -> str:
    """Return what changes with every write to the path."""
    return f"{path}|{(metadata or {}).get('version')}"


def read_policy(mount: str, path: str) -> str:
    """Return the policy that lets its holder read this path's data, and nothing else."""
    return f'path {json.dumps(f"{mount}/data/{path}")} {{\n  capabilities = ["read"]\n}}\n'
