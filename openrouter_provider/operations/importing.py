"""What brings an existing workspace, guardrail, budget or provider key under management: imports, and settings."""

import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic.alias_generators import to_camel

from ..api.client import ManagementClient
from ..api.errors import ConfigurationError, NotFound, ResponseError
from ..api.scrub import printable
from ..keys.tokens import own_type
from ..settings import PROJECT
from .adopt import first_step
from .stack.any_stack import AnyStack

_SPELLED = {"limit_usd": "limit", "reset_interval": "limitReset", "include_byok_in_budgets": "includeByokInLimit"}
_WORKSPACE = (
    "name",
    "slug",
    "description",
    "default_text_model",
    "default_image_model",
    "default_provider_sort",
    "disabled_server_tools",
)
_GUARDRAIL = (
    "description",
    "limit_usd",
    "reset_interval",
    "include_byok_in_budgets",
    "allowed_models",
    "ignored_models",
    "allowed_providers",
    "ignored_providers",
    "allowed_data_regions",
    "enable_paid_model_training",
    "enable_free_model_training",
    "enable_free_model_publication",
)
_BYOK = (
    "provider",
    "disabled",
    "is_fallback",
    "is_required",
    "is_byok_only",
    "declared_zdr",
    "declared_region",
    "allowed_models",
)


@dataclass(frozen=True)
class Importable:
    """An object of the account that isn't a key of a service.

    Attributes:
        kind: its resource's name.
        section: where it stands in the stack's config.
        id: what names it to an import.
        settings: what the config says for it to stay as it is.
    """

    kind: str
    section: str
    id: str
    settings: Mapping[str, Any]


def plan_import(id_: str, stack: AnyStack) -> list[Importable]:
    """Return the objects that the id names: a workspace comes with its budgets.

    Args:
        id_: the id of a workspace, a guardrail or a provider key.
        stack: the stack, deployed or not.

    Raises:
        ConfigurationError: the account has nothing of this id.
    """
    with stack.client() as client:
        return found(client, id_)


def found(client: ManagementClient, id_: str) -> list[Importable]:
    """Return what the id names in the account.

    Raises:
        ConfigurationError: it names nothing.
    """
    for look in (_workspace, _guardrail, _byok_key):
        try:
            return look(client, id_)
        except NotFound:
            continue
        except ResponseError as error:
            if error.status != 400:
                raise
    raise ConfigurationError(
        f"the account has no workspace, guardrail or provider key {printable(id_)[:80]}; a key is named by its hash of "
        "64 digits (`openrouter-keys list --all-keys`)"
    )


def _workspace(client: ManagementClient, id_: str) -> list[Importable]:
    record = client.get_workspace(id_)
    budgets = client.list_budgets(record.id)
    amounts = {budget.interval: budget.limit_usd for budget in budgets}
    settings = _settings(record, _WORKSPACE) | ({"budgets": amounts} if amounts else {})
    below = [Importable("WorkspaceBudget", "", f"{record.id}/{interval}", {}) for interval in amounts]
    return [Importable("Workspace", "workspaces", record.id, settings), *below]


def _guardrail(client: ManagementClient, id_: str) -> list[Importable]:
    record = client.get_guardrail(id_)
    return [Importable("Guardrail", "guardrails", record.id, _settings(record, _GUARDRAIL))]


def _byok_key(client: ManagementClient, id_: str) -> list[Importable]:
    record = client.get_byok_key(id_)
    # Its value can't be read, and the config wants either that or the id.
    return [Importable("ByokKey", "byokKeys", record.id, _settings(record, _BYOK) | {"adopt": record.id})]


def _settings(record: object, names: Iterable[str]) -> dict[str, Any]:
    values = {_SPELLED.get(name, to_camel(name)): getattr(record, name, None) for name in names}
    return {name: value for name, value in values.items() if value not in (None, False, [], "")}


def import_instructions(chosen: AnyStack, name: str, objects: list[Importable], project: Path) -> str:
    """Return the config to paste and the commands to run, as a text that is itself harmless in a shell."""
    stack = chosen.name
    first = objects[0]
    folder = "" if project == Path() else f" --cwd {shlex.quote(str(project))}"
    on = f"--stack {shlex.quote(stack)}{folder}"
    lines = [
        f"# {first.kind} {printable(first.id)} becomes {first.section}.{name} of stack {printable(stack)}.",
        *([] if chosen.exists else ["", *first_step(stack, folder)]),
        "",
        f"# 1. In Pulumi.{stack.rpartition('/')[2]}.yaml, under config (its workspace, if it has one, by name):",
        f"  {PROJECT}:{first.section}:",
        f"    {json.dumps(name)}:",
        *(f"      {setting}: {json.dumps(value)}" for setting, value in first.settings.items()),
        "",
        "# 2. Take it into the state; nothing is changed on OpenRouter:",
        *(_command(each, first, name, stack, on) for each in objects),
        "",
        "# 3. Look: what the settings above leave out shows as a change:",
        f"pulumi preview --diff {on}",
    ]
    return "\n".join(lines) + "\n"


def _command(each: Importable, first: Importable, name: str, stack: str, on: str) -> str:
    named, parent = name, ""
    if each is not first:
        named = f"{name}-{each.id.rpartition('/')[2]}"
        urn = f"urn:pulumi:{stack.rpartition('/')[2]}::{PROJECT}::pulumi-python:{own_type(first.kind)}::{name}"
        parent = f" --parent {shlex.quote(f'{name}={urn}')}"
    quiet, kind = "--yes --protect=false --generate-code=false", f"pulumi-python:{own_type(each.kind)}"
    return f"pulumi import {kind} {shlex.quote(named)} {shlex.quote(each.id)}{parent} {quiet} {on}"
