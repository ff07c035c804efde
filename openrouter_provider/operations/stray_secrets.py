"""Secrets that a failed creation may have left: Pulumi notes nothing of it, and the name is taken from then on."""

from collections.abc import Mapping
from typing import Any

from .pending import FORGOTTEN, SECRET_TYPE, SERVICE_TYPE, Deployment, PendingOperation, pending_operations

AWS_PROVIDER = "pulumi:providers:aws"


def missing_secrets(deployment: Deployment, prefix: str) -> list[PendingOperation]:
    """Return, for each service in the state without a secret, the creation that may have made one and failed.

    None where the state has no provider of AWS: the secrets are elsewhere, or none was ever tried.

    Args:
        deployment: the exported state.
        prefix: the stack's name prefix; a secret whose name the config chooses otherwise is not looked for.
    """
    resources = deployment.get("resources") or []
    providers = [f"{each.get('urn')}::{each.get('id')}" for each in resources if each.get("type") == AWS_PROVIDER]
    if not providers:
        return []
    noted = {operation.urn for operation in pending_operations(deployment)}
    known = noted | {str(each.get("urn")) for each in resources}
    wanted = [_creation(each, prefix, providers[0]) for each in resources if each.get("type") == SERVICE_TYPE]
    return [operation for operation in wanted if operation.urn not in known]


def _creation(component: Mapping[str, Any], prefix: str, provider: str) -> PendingOperation:
    parent = str(component.get("urn"))
    path, _, service = parent.rpartition("::")
    stack = path.removeprefix("urn:pulumi:").partition("::")[0]
    inputs = {"name": f"{prefix}/{service}/openrouter", "tags": {"Service": service, "Environment": stack}}
    return PendingOperation(FORGOTTEN, f"{path}${SECRET_TYPE}::{service}", SECRET_TYPE, inputs, parent, provider)
