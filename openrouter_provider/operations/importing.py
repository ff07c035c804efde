"""What brings an existing object beside the keys under management: imports, and settings.

Of a resource around the keys its provider says what the object is, and its section of the config how to say that there.
"""

import json
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic.alias_generators import to_camel

from ..api.client import ManagementClient, utc_now
from ..api.errors import ConfigurationError, NotFound, ResponseError
from ..api.scrub import printable
from ..config.around import SECTIONS
from ..config.around.section import Section
from ..config.models import GuardrailConfig
from ..keys.fields import Field, shown
from ..keys.tokens import own_type
from ..resources.around import kinds
from ..resources.base import Session
from ..resources.declared import RecordResource
from ..resources.guardrail import GuardrailProvider
from ..resources.reads import KeyReader
from ..settings import PROJECT
from .adopt import first_step
from .stack.any_stack import AnyStack

_FORBIDDEN = 403
_REFUSED = (400, _FORBIDDEN)
_WORKSPACE = (
    "name",
    "slug",
    "description",
    "default_text_model",
    "default_image_model",
    "default_provider_sort",
    "disabled_server_tools",
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
        single: whether the section is the object itself, since there is one of it.
        notes: what the settings can't say.
    """

    kind: str
    section: str
    id: str
    settings: Mapping[str, Any]
    single: bool = False
    notes: tuple[str, ...] = ()


def plan_import(id_: str, stack: AnyStack) -> list[Importable]:
    """Return the objects that the id names: a workspace comes with its budgets.

    Args:
        id_: the id of an object beside the keys, as an import takes it.
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
    refused: ResponseError | None = None
    for look in (_workspace, *_around(client), _guardrail, _byok_key):
        try:
            return look(client, id_)
        except (NotFound, ConfigurationError):
            continue  # It names none of these, or it can't.
        except ResponseError as error:
            if error.status not in _REFUSED:
                raise
            refused = error if error.status == _FORBIDDEN else refused
    if refused:
        raise refused
    raise ConfigurationError(
        f"the account has nothing beside its keys of the id {printable(id_)[:80]}; a key is named by its hash of 64 "
        "digits (`openrouter-keys list --all-keys`), a member by <workspace id>/<user id>"
    )


def _around(client: ManagementClient) -> Iterator[Callable[[ManagementClient, str], list[Importable]]]:
    """Yield the looks for what surrounds the keys, one a resource."""
    session = Session(client, KeyReader(client), utc_now())
    sections = {section.resource: section for section in SECTIONS}
    yield from (partial(_of_kind, session, kind, sections[kind.__name__]) for kind in kinds())


def _of_kind(
    session: Session, kind: type[RecordResource], section: Section, _client: ManagementClient, id_: str
) -> list[Importable]:
    provider = kind.provider_class()
    provider.session = session
    shown = provider.imported(id_).outs or {}
    said = {field.name: shown[field.name] for field in provider.fields if _is_worth_saying(field, shown)}
    adopted = {"adopt": id_} if "adopt" in section.model.model_fields else {}
    hashes = said.get(section.model.hashes) or ()
    notes = (f"it is for {len(hashes)} keys alone: name their services, or it is for all",) if hashes else ()
    settings = section.model.settings_of(said) | adopted
    return [Importable(kind.__name__, section.setting, id_, settings, section.single, notes)]


def _is_worth_saying(field: Field, shown: Mapping[str, Any]) -> bool:
    """Return whether a property would be another one if the config said nothing of it, or has to be said."""
    value = shown.get(field.name)
    left_alone = field.if_declared and value is False
    return field.required or not (left_alone or value in (None, field.default, [], {}))


def _workspace(client: ManagementClient, id_: str) -> list[Importable]:
    record = client.get_workspace(id_)
    budgets = client.list_budgets(record.id)
    amounts = {budget.interval: budget.limit_usd for budget in budgets}
    settings = _settings(record, _WORKSPACE) | ({"budgets": amounts} if amounts else {})
    below = [Importable("WorkspaceBudget", "", f"{record.id}/{interval}", {}) for interval in amounts]
    return [Importable("Workspace", "workspaces", record.id, settings), *below]


def _guardrail(client: ManagementClient, id_: str) -> list[Importable]:
    record = client.get_guardrail(id_)
    now = shown(GuardrailProvider.fields, record)
    said = {field.name: now[field.name] for field in GuardrailProvider.fields if _is_worth_saying(field, now)}
    return [Importable("Guardrail", "guardrails", record.id, GuardrailConfig.settings_of(said))]


def _byok_key(client: ManagementClient, id_: str) -> list[Importable]:
    record = client.get_byok_key(id_)
    # Its value can't be read, and the config wants either that or the id.
    return [Importable("ByokKey", "byokKeys", record.id, _settings(record, _BYOK) | {"adopt": record.id})]


def _settings(record: object, names: Iterable[str]) -> dict[str, Any]:
    values = {to_camel(name): getattr(record, name, None) for name in names}
    return {name: value for name, value in values.items() if value not in (None, False, [], "")}


def import_instructions(chosen: AnyStack, name: str, objects: list[Importable], project: Path) -> str:
    """Return the config to paste and the commands to run, as a text that is itself harmless in a shell."""
    stack = chosen.name
    first = objects[0]
    name, indent = (first.section, "    ") if first.single else (name, "      ")
    folder = "" if project == Path() else f" --cwd {shlex.quote(str(project))}"
    on = f"--stack {shlex.quote(stack)}{folder}"
    where = first.section if first.single else f"{first.section}.{name}"
    lines = [
        f"# {first.kind} {printable(first.id)} becomes {where} of stack {printable(stack)}.",
        *(f"# Beside that, {note}." for note in first.notes),
        *([] if chosen.exists else ["", *first_step(stack, folder)]),
        "",
        f"# 1. In Pulumi.{stack.rpartition('/')[2]}.yaml, under config (its workspace, if it has one, by name):",
        f"  {PROJECT}:{first.section}:",
        *([] if first.single else [f"    {json.dumps(name)}:"]),
        *(f"{indent}{setting}: {json.dumps(value)}" for setting, value in first.settings.items()),
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
