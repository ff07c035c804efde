"""A look before a path is written for the first time: Vault would put our value over somebody else's."""

from collections.abc import Mapping

import pulumi
from pulumi import ResourceHook, ResourceHookArgs, ResourceHookBinding

from ...value import SecretUnreadable
from .reading import open_client

HOOK_NAME = "refuse-vault-path-of-another"
_OURS = ("ManagedBy", "Environment", "Service")


class VaultPathTaken(Exception):
    """The path holds a value that this stack didn't write; says how to keep it or give it up."""


def refuse_taken_path(args: ResourceHookArgs, marks: Mapping[str, str]) -> None:
    """Fail where the path about to be written holds a value without this service's marks.

    With them it is what an interrupted run of this stack left behind. A failure to look is no reason to stop: then
    the provider's own attempt says what is wrong.

    Raises:
        VaultPathTaken: names the path and the commands.
    """
    inputs = args.new_inputs or {}
    mount, name = inputs.get("mount"), inputs.get("name")
    if not isinstance(mount, str) or not isinstance(name, str):
        return
    found = _custom_metadata(mount, name)
    if found is None or all(found.get(mark) == marks.get(mark) for mark in _OURS):
        return
    raise VaultPathTaken(
        f"Vault's path {mount}/{name} holds a value that this stack didn't write, and would be overwritten. To keep "
        "it, set another secretName. To give it up, run: "
        f"vault kv metadata delete -mount={mount} {name} && pulumi up"
    )


def _custom_metadata(mount: str, name: str) -> Mapping[str, str] | None:
    """Return the marks of a path that has a version, None for one that has none or can't be seen."""
    # Vault's library loads only where a path is really written for the first time, which is rare.
    from hvac.exceptions import VaultError  # noqa: PLC0415 - see above
    from requests.exceptions import RequestException  # noqa: PLC0415 - see above

    config = pulumi.Config("vault")
    try:
        kv = open_client(config.get("address"), config.get("token")).secrets.kv.v2
        described = kv.read_secret_metadata(name, mount_point=mount)["data"]
    except (VaultError, RequestException, SecretUnreadable):
        return None
    return (described.get("custom_metadata") or {}) if described.get("versions") else None


def look_before_writing(service: str, marks: Mapping[str, str]) -> ResourceHookBinding:
    """Return the binding for a service's path; a hook's name is unique in a run."""

    def look(args: ResourceHookArgs) -> None:
        refuse_taken_path(args, marks)

    return ResourceHookBinding(before_create=[ResourceHook(f"{HOOK_NAME}-{service}", look)])
