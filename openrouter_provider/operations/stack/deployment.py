"""A deployed stack with the account it lives on: its credential, its keys' records, the keys its state knows."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi.automation import CommandError, LocalWorkspace

from ...api.client import ManagementClient
from ...api.errors import AuthenticationError, ConfigurationError, NotFound, PermissionDenied, ResponseError
from ...api.models import KeyRecord
from ...config.source import read_config
from ...keys import tokens
from ...settings import Settings, resolve_settings
from .pending import KEY_TYPE
from .stacks import DeployedStack, exported_state, last_line, open_workspace, read_stack, run_pulumi

__all__ = [
    "Deployment",
    "KnownKey",
    "all_records",
    "config_values",
    "default_prefix",
    "exported_state",
    "key_records",
    "keys_if_there",
    "known_keys",
    "list_workspace_ids",
    "name_prefix",
    "read_deployment",
    "run_pulumi",
]

PREFIX_CONFIG = "openrouter-keys:namePrefix"
SUPERSEDED_TYPE = tokens.SUPERSEDED_KEYS


@dataclass(frozen=True)
class KnownKey:
    """A key that the stack's state names.

    Attributes:
        hash: the key.
        service: the service it is or was used by.
        superseded: whether the service has another one by now.
        retires_at: when a superseded key is deleted, where that is decided.
    """

    hash: str
    service: str
    superseded: bool = False
    retires_at: str | None = None


@dataclass(frozen=True)
class Deployment:
    """A deployed stack and the credential to ask its account with."""

    stack: DeployedStack
    settings: Settings
    workspace: LocalWorkspace

    def client(self) -> ManagementClient:
        """Return a client of the stack's account that gives up within seconds."""
        return self.settings.quick_client()

    def state(self) -> dict[str, Any]:
        """Return the stack's state, secrets encrypted."""
        return exported_state(self.workspace, self.stack.name)

    def known_keys(self) -> list[KnownKey]:
        """Return the keys in the stack's state, superseded ones too."""
        return known_keys(self.state())


def read_deployment(project: Path, stack: str | None = None) -> Deployment:
    """Return the stack as it was last deployed, with its credential.

    Args:
        project: the folder with Pulumi.yaml.
        stack: its name; None for the selected one.

    Raises:
        ConfigurationError: no such project or stack, it was never deployed, or there is no management key.
    """
    deployed = read_stack(project, stack)
    workspace = open_workspace(project)
    settings = resolve_settings(config_values(workspace, deployed.name).get)
    return Deployment(deployed, settings, workspace)


def name_prefix(config: Mapping[str, str], workspace: LocalWorkspace, stack: str) -> str:
    """Return what the names of the stack's keys begin with, configured or not."""
    configured = read_config(config.get, Path(workspace.work_dir)).settings["namePrefix"]
    return configured or default_prefix(workspace.project_settings().name, stack)


def default_prefix(project: str, stack: str) -> str:
    """Return the prefix of a stack that configures none; a stack's organisation is no part of it."""
    return f"{project}/{stack.rpartition('/')[2]}"


def config_values(workspace: LocalWorkspace, stack: str) -> dict[str, str]:
    """Return the stack's config in the clear, by full key.

    Raises:
        ConfigurationError: there is no such stack, or its config can't be decrypted.
    """
    try:
        return {key: value.value for key, value in workspace.get_all_config(stack).items()}
    except CommandError as error:
        raise ConfigurationError(f"stack {stack}: {last_line(error)}; see `pulumi stack ls`") from None


def known_keys(state: Mapping[str, Any]) -> list[KnownKey]:
    """Return the keys that an exported state names, each once; as current where it is that of any service."""
    resources = state.get("deployment", {}).get("resources") or []
    found: dict[str, KnownKey] = {}
    for key in (key for resource in resources for key in _keys_of(resource)):
        before = found.get(key.hash)
        if before is None or (before.superseded and not (key.superseded and before.retires_at)):
            found[key.hash] = key
    return sorted(found.values(), key=lambda key: (key.service, key.superseded, key.hash))


def _keys_of(resource: Mapping[str, Any]) -> Iterator[KnownKey]:
    kind, outputs = str(resource.get("type", "")), resource.get("outputs") or {}
    service = str(resource.get("urn", "")).rpartition("::")[2]
    if kind.endswith(KEY_TYPE):
        if outputs.get("hash"):
            yield KnownKey(outputs["hash"], service)
        for entry in outputs.get("superseded") or []:
            yield KnownKey(entry["hash"], service, superseded=True)
    elif kind.endswith(SUPERSEDED_TYPE):
        for entry in outputs.get("keys") or []:
            if entry.get("state") != "deleted":
                yield KnownKey(entry["hash"], service, superseded=True, retires_at=entry.get("retires_at"))


def key_records(client: ManagementClient, hashes: Iterable[str]) -> dict[str, KeyRecord]:
    """Return the records of those of the keys that exist, by hash.

    One listing of the default workspace answers for all keys there. A key that it lacks is asked for by itself, and
    where it turns out to be in another workspace, that one is listed too: a call a workspace and one a deleted key.
    """
    wanted = list(dict.fromkeys(hashes))
    found = {record.hash: record for record in client.list_keys()} if wanted else {}
    for hash_ in wanted:
        if hash_ in found:
            continue
        try:
            record = client.get_key(hash_)
        except NotFound:
            continue
        if record.workspace_id is not None:
            found |= {other.hash: other for other in client.list_keys(workspace_id=record.workspace_id)}
        found[hash_] = record
    return {hash_: found[hash_] for hash_ in wanted if hash_ in found}


def all_records(client: ManagementClient, also: Collection[str] = ()) -> list[KeyRecord]:
    """Return every key of the account, workspace by workspace, in the API's order; disabled ones too.

    Args:
        client: opens the API.
        also: workspaces to look into though the API may not list them; one that is gone has no keys.
    """
    listed = list_workspace_ids(client)
    workspaces: Sequence[str | None] = listed or [None]
    records = [record for workspace in workspaces for record in client.list_keys(workspace_id=workspace)]
    hidden = [record for each in sorted(set(also) - set(listed)) for record in keys_if_there(client, each)]
    return list({record.hash: record for record in [*records, *hidden]}.values())


def list_workspace_ids(client: ManagementClient) -> list[str]:
    """Return the ids of the account's workspaces, the default one's too; none where this key may not list them."""
    try:
        return [workspace.id for workspace in client.list_workspaces()]
    except (AuthenticationError, NotFound, PermissionDenied):
        return []


def keys_if_there(client: ManagementClient, workspace_id: str) -> list[KeyRecord]:
    """Return the keys of a workspace; one that was deleted by hand has none."""
    try:
        return client.list_keys(workspace_id=workspace_id)
    except ResponseError as error:
        if error.status not in (400, 404):
            raise
        return []
