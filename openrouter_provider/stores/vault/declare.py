"""HashiCorp Vault, KV version 2: services read the newest version of a path, which one write replaces whole."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from pulumi import Input, Output, Resource, ResourceHook, ResourceHookArgs, ResourceHookBinding, ResourceOptions
from pulumi_vault import kv
from pulumi_vault.policy import Policy

from ...keys.known import known_then
from ..declaration import StoredSecret
from ..secret_args import SecretArgs
from ..value import ENVIRONMENTS_ACCESS, Access, SecretUnreadable
from . import VaultSettings
from .own_provider import full_access
from .reading import SCHEME, open_client

VAULT_PATH_HOOK = "refuse-vault-path-of-another"
_OURS = ("ManagedBy", "Environment", "Service")


class VaultPathTaken(Exception):
    """The path holds a value that this stack didn't write; says how to keep it or give it up."""


def refuse_taken_path(args: ResourceHookArgs, marks: Mapping[str, str], access: Access = ENVIRONMENTS_ACCESS) -> None:
    """Fail where the path about to be written holds a value without this service's marks.

    With them it is what an interrupted run of this stack left behind. A failure to look is no reason to stop: then
    the provider's own attempt says what is wrong.

    Args:
        args: what is about to be made.
        marks: this service's.
        access: how its provider reaches Vault.

    Raises:
        VaultPathTaken: names the path and the commands.
    """
    inputs = args.new_inputs or {}
    mount, name = inputs.get("mount"), inputs.get("name")
    if not isinstance(mount, str) or not isinstance(name, str):
        return
    found = _custom_metadata(mount, name, access)
    if found is None or all(found.get(mark) == marks.get(mark) for mark in _OURS):
        return
    raise VaultPathTaken(
        f"Vault's path {mount}/{name} holds a value that this stack didn't write, and would be overwritten. To keep "
        "it, set another secretName. To give it up, run: "
        f"vault kv metadata delete -mount={mount} {name} && pulumi up"
    )


def _custom_metadata(mount: str, name: str, access: Access) -> Mapping[str, str] | None:
    """Return the marks of a path that has a version, None for one that has none or can't be seen."""
    # Vault's library loads only where a path is really written for the first time, which is rare.
    from hvac.exceptions import VaultError  # noqa: PLC0415 - see above
    from requests.exceptions import RequestException  # noqa: PLC0415 - see above

    try:
        kv = open_client(access).secrets.kv.v2
        described = kv.read_secret_metadata(name, mount_point=mount)["data"]
    except (VaultError, RequestException, SecretUnreadable):
        return None
    return (described.get("custom_metadata") or {}) if described.get("versions") else None


def look_before_writing(
    service: str, marks: Input[Mapping[str, Input[str]]], reached: Output[Access]
) -> ResourceHookBinding:
    """Return the binding for a service's path; a hook's name is unique in a run."""
    ours: Output[Any] = Output.from_input(marks)

    async def look(args: ResourceHookArgs) -> None:
        refuse_taken_path(args, await ours.future() or {}, await reached.future() or ENVIRONMENTS_ACCESS)

    return ResourceHookBinding(before_create=[ResourceHook(f"{VAULT_PATH_HOOK}-{service}", look)])


def declare(name: str, wish: SecretArgs, value: Output[str], key: Resource, opts: ResourceOptions) -> StoredSecret:
    """Declare SecretV2 and, where the settings name one, a Policy that may read exactly its path."""
    reached = full_access(opts.parent) if opts.parent else Output.from_input(ENVIRONMENTS_ACCESS)
    own, marks = wish.settings_as(VaultSettings), wish.tags_over(wish.standard_tags(name))
    secret = kv.SecretV2(
        name,
        mount=own.mount,
        name=wish.secret_name,
        data_json=value,
        custom_metadata={"data": marks},
        # A removed service's older versions hold deleted keys: nothing is worth keeping.
        delete_all_versions=True,
        # Pulumi's provider deletes first where the name was given: a new path that is taken would cost the old one.
        opts=ResourceOptions.merge(
            opts,
            ResourceOptions(
                depends_on=[key], hooks=look_before_writing(name, marks, reached), delete_before_replace=False
            ),
        ),
    )
    text = known_then(wish.secret_name, partial(read_policy, own.mount))
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
