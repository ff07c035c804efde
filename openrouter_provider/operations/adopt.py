"""What brings an existing key under management: config that changes it as little as possible, and the commands."""

import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic.alias_generators import to_camel

from ..api.client import ManagementClient
from ..api.errors import ConfigurationError, NotFound
from ..api.models import KeyRecord
from ..api.scrub import printable
from ..config.files import ServiceFile, ServiceFiles
from ..config.problems import StackConfigError, config_step
from ..config.source import RawConfig, read_config
from ..keys.fields import shown
from ..keys.schedule import format_instant
from ..keys.state import FIELDS
from ..settings import PROJECT, clock
from .stack.any_stack import AnyStack
from .stack.deployment import KnownKey, known_keys


@dataclass(frozen=True)
class Adoption:
    """How to bring one key under management.

    Attributes:
        stack: the stack.
        service: the service that shall use the key.
        record: the key as it is now.
        settings: the service's settings in the stack's config, without the key's value.
        name_prefix: what the key's new name will start with.
        configured: whether the stack's config has such a service already.
        file: the file among those of `servicesFrom` that has it; empty for none.
        is_first: whether the stack is not there yet.
    """

    stack: str
    service: str
    record: KeyRecord
    settings: Mapping[str, Any]
    name_prefix: str
    configured: bool = False
    file: str = ""
    is_first: bool = False


def plan_adoption(project: Path, key_hash: str, service: str, stack: AnyStack) -> Adoption:
    """Return how the stack can take the key over for the service; nothing is changed.

    Args:
        project: the folder with Pulumi.yaml.
        key_hash: the key.
        service: the service's name.
        stack: the stack, deployed or not.

    Raises:
        ConfigurationError: no such key, the key or the service is taken, or the config wouldn't allow it.
    """
    refuse_taken(key_hash, service, known_keys(stack.state), stack.name)
    with stack.client() as client:
        record = find_key(client, key_hash)
    config = read_config(stack.config.get, project, dict(stack.config))
    return replace(adoption(stack.name, service, record, config, clock()), is_first=not stack.exists)


def refuse_taken(key_hash: str, service: str, known: Iterable[KnownKey], stack: str) -> None:
    """Refuse a key that the stack knows, and a service that has a key.

    Raises:
        ConfigurationError: says what takes it.
    """
    for key in known:
        if key.hash == key_hash:
            role = "a superseded key" if key.superseded else "the key"
            raise ConfigurationError(
                f"key {key_hash[:12]}… is known to stack {printable(stack)} already, as {role} of {key.service}"
            )
        if key.service == service:
            raise ConfigurationError(
                f"service {printable(service)} of stack {printable(stack)} has a key already ({key.hash[:12]}…); "
                "choose another service, or remove this one and run `pulumi up` first"
            )


def find_key(client: ManagementClient, key_hash: str) -> KeyRecord:
    """Return the key.

    Raises:
        ConfigurationError: the account has no such key.
    """
    try:
        return client.get_key(key_hash)
    except NotFound:
        raise ConfigurationError(
            f"the account has no key {printable(key_hash)[:12]}…; see `openrouter-keys list --all-keys`"
        ) from None


def adoption(stack: str, service: str, record: KeyRecord, config: RawConfig, now: datetime) -> Adoption:
    """Return the adoption of a key by a service, checked against the rest of the stack's config.

    Args:
        stack: the stack's name.
        service: the service's name.
        record: the key as it is.
        config: the stack's settings.
        now: the instant that an expiry must lie after.

    Raises:
        ConfigurationError: the key has expired, or the config would be refused; says why.
    """
    if record.expires_at and record.expires_at <= now:
        raise ConfigurationError(f"key {record.hash[:12]}… expired at {format_instant(record.expires_at)}; create one")
    defaults = config.settings.get("defaults")
    settings = settings_of(record, defaults if isinstance(defaults, Mapping) else {})
    trial = {**settings, "adopt": {"hash": record.hash, "key": "to-be-set"}}
    try:
        parsed = with_service(config, service, trial).parsed(stack.rpartition("/")[2])
    except StackConfigError as error:
        raise ConfigurationError("; ".join(map(str, error.problems))) from None
    services = config.settings.get("services")
    configured = isinstance(services, Mapping) and service in services
    file = next((file.name for file in config.files.files if service in file.services), "")
    return Adoption(stack, service, record, settings, f"{parsed.name_prefix}/{service}", configured, file)


def with_service(config: RawConfig, service: str, wish: Mapping[str, Any]) -> RawConfig:
    """Return the settings with this wish of one service in place of what they and their files say of it."""
    services = config.settings.get("services")
    others = services if isinstance(services, Mapping) else {}
    files = (
        ServiceFile(file.name, {name: other for name, other in file.services.items() if name != service})
        for file in config.files.files
    )
    settings = {**config.settings, "services": {**others, service: wish}}
    return replace(config, settings=settings, files=ServiceFiles(tuple(files), config.files.problems))


def settings_of(record: KeyRecord, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings under which the key stays as it is, whatever the stack's defaults are.

    Args:
        record: the key as it is.
        defaults: the stack's `defaults`; where they say otherwise, the key's own value is spelled out.
    """
    limit = {"unlimited": True} if record.limit is None else {"limit": _number(record.limit)}
    # The first deployment names the key anew; its owner stays, and a limit is told above.
    of_others = ("name", "limit", "creator_user_id")
    found = {**shown(FIELDS, record), "workspace_id": _workspace(record.workspace_id)}
    actual = {to_camel(name): value for name, value in found.items() if name not in of_others}
    told = {name: value for name, value in actual.items() if value or defaults.get(name)}
    return {**limit, **told, "adopt": {"hash": record.hash}}


def instructions(plan: Adoption, project: Path) -> str:
    """Return the config to paste and the commands to run, as a text that is itself harmless in a shell.

    The key's value is asked for by `pulumi config set`, or read from its standard input, so that it is in no
    shell's history and in no list of processes.
    """
    stack = shlex.quote(plan.stack)
    folder = "" if project == Path() else f" --cwd {shlex.quote(str(project))}"
    path = shlex.quote(f"{PROJECT}:services{config_step(plan.service)}.adopt.key")
    file = f"Pulumi.{plan.stack.rpartition('/')[2]}.yaml"
    lines = [
        f"# Key {plan.record.hash[:12]}…, now named {printable(plan.record.name)}, becomes service {plan.service}.",
        f"# The first `pulumi up` renames it to {plan.name_prefix}-<7 hex> and keeps its value.",
        *([] if not plan.is_first else ["", *first_step(plan.stack, folder)]),
        "",
        f"# 1. In {file}, under config:",
        *(["# The service stands there already: let these settings replace its own."] if plan.configured else []),
        *([f"# {plan.file} has the service: take it out there, for a file can't encrypt a key."] if plan.file else []),
        *as_yaml(plan),
        "",
        "# 2. Store the key's value, encrypted; the command asks for it, or reads it from its standard input:",
        f"pulumi config set --secret --path {path} --stack {stack}{folder}",
        "",
        "# 3. Look, then take it over; the preview creates an ApiKey, and no key is made:",
        f"pulumi preview --diff --stack {stack}{folder}",
        f"pulumi up --stack {stack}{folder}",
    ]
    return "\n".join(lines) + "\n"


def first_step(stack: str, folder: str) -> list[str]:
    """Return the lines that make a stack which is not there yet.

    Args:
        stack: its name.
        folder: the option that names the project's folder, with a blank before it; empty where none is needed.
    """
    return ["# 0. The stack is not there yet; make it:", f"pulumi stack init {shlex.quote(stack)}{folder}"]


def parts_of(text: str) -> dict[str, Any]:
    """Return such instructions for a program: the lines of the config, the commands in their order, and the notes."""
    lines = text.splitlines()
    return {
        "config": [line for line in lines if line.startswith(" ")],
        "commands": [line for line in lines if line[:1].isalpha()],
        "notes": [line.removeprefix("# ") for line in lines if line.startswith("#")],
    }


def as_yaml(plan: Adoption) -> list[str]:
    """Return the service's settings as lines of the stack's config file."""
    lines = [f"  {PROJECT}:services:", f"    {json.dumps(plan.service)}:"]
    for name, value in plan.settings.items():
        if isinstance(value, Mapping):
            lines.append(f"      {name}:")
            lines += [f"        {inner}: {json.dumps(text)}" for inner, text in value.items()]
        else:
            lines.append(f"      {name}: {json.dumps(value)}")
    return lines


def _number(amount: float) -> float:
    return int(amount) if amount.is_integer() else amount


def _workspace(id_: str | None) -> str | None:
    """Return a workspace's id where the config can hold it."""
    try:
        return str(UUID(id_)) if id_ else None
    except ValueError:
        return None
