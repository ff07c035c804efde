"""Pulumi's mocks with a memory: runs a program as the language host does, and keeps what it registered."""

import asyncio
import json
import runpy
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc
from pulumi.runtime.config import set_all_config
from pulumi.runtime.settings import get_root_resource
from pulumi.runtime.stack import run_pulumi_func

ROOT = Path(__file__).resolve().parents[2]
VALUE = "sk-or-v1-" + "d" * 24
COMPONENT = "openrouter-keys:index:ServiceKey"
API_KEY = "pulumi-python:dynamic/openrouter:ApiKey"
SUPERSEDED = "pulumi-python:dynamic/openrouter:SupersededKeys"
SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"
GCP_SECRET = "gcp:secretmanager/secret:Secret"
GCP_VERSION = "gcp:secretmanager/secretVersion:SecretVersion"
GCP_BINDING = "gcp:secretmanager/secretIamBinding:SecretIamBinding"
VAULT_SECRET = "vault:kv/secretV2:SecretV2"
VAULT_POLICY = "vault:index/policy:Policy"
KUBERNETES_SECRET = "kubernetes:core/v1:Secret"
KUBERNETES_CONFIG = {"kubernetes:context": "prod", "kubernetes:enableSecretMutable": "true"}
Props = dict[str, Any]


class Cloud(mocks.Mocks):
    """Answers every registration the way the providers would."""

    def __init__(self, before: Props | None = None) -> None:
        self.before = before or {}

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Return id and outputs."""
        inputs = dict(args.inputs)
        if args.typ == API_KEY:
            hash_ = f"hash-of-{args.name}"
            decided = {"hash": hash_, "label": "sk-or-v1-ddd...dddd", "key": VALUE, "generation": 1}
            name = f"{inputs.get('name_prefix')}-1234567"
            return hash_, {**inputs, **decided, "name": name, "rotated_at": "2027-01-01T00:00:00Z"}
        if args.typ == SECRET:
            arn = f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{inputs['name']}"
            return arn, {**inputs, "arn": arn}
        if args.typ == GCP_SECRET:
            return f"projects/{inputs.get('project') or 'sandbox'}/secrets/{inputs['secretId']}", inputs
        if args.typ == VAULT_SECRET:
            path = f"{inputs['mount']}/data/{inputs['name']}"
            return path, {**inputs, "path": path, "metadata": {"version": "7"}}
        if args.typ == KUBERNETES_SECRET:
            return f"{inputs['metadata']['namespace']}/{inputs['metadata']['name']}", inputs
        return f"id-of-{args.name}", inputs

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        """Answer the one function that the program calls: what the stack's last run exported."""
        if args.token != "pulumi:pulumi:readStackOutputs":
            raise AssertionError("the program calls no other function")
        return {"outputs": {"services": self.before}}, []


@dataclass
class Registered:
    """One registration as the engine saw it."""

    type: str
    name: str
    parent: str
    depends_on: list[str]
    inputs: Props
    secret_outputs: list[str]
    protect: bool
    aliases: list[str]


class Engine(mocks.MockMonitor):
    """Keeps every registration."""

    def __init__(self, before: Props | None = None) -> None:
        super().__init__(Cloud(before))
        self.registered: list[Registered] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        """Keep the registration, then answer."""
        inputs = {name: plain(value) for name, value in rpc.deserialize_properties(request.object).items()}
        secret = list(request.additionalSecretOutputs)
        facts = (request.type, request.name, short(request.parent), sorted(map(short, request.dependencies)))
        aliases = [alias.spec.name or alias.urn for alias in request.aliases]
        self.registered.append(Registered(*facts, inputs, secret, request.protect, aliases))
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]  # it has no types


@dataclass
class Deployment:
    """What one run of a program did."""

    registered: list[Registered]
    outputs: Props
    secret_outputs: list[str] = field(default_factory=list)

    def one(self, type_: str, name: str = "checkout") -> Registered:
        """Return the one resource of a type and name."""
        (found,) = [each for each in self.registered if (each.type, each.name) == (type_, name)]
        return found


def plain(value: Any) -> Any:
    """Return a value without its wrapping as a secret."""
    return rpc.unwrap_rpc_secret(value)


def short(urn: str) -> str:
    """Return the own type and the name of a URN."""
    if not urn:
        return ""
    _, _, qualified_type, name = urn.split("::")
    return f"{qualified_type.split('$')[-1]}::{name}"


def deploy(
    program: Callable[[], None], config: Mapping[str, str] | None = None, *secret: str, before: Props | None = None
) -> Deployment:
    """Run a program as the language host does, in a thread and thus a context of its own.

    Args:
        program: what runs.
        config: the stack's config.
        secret: the settings that are secret.
        before: the output `services` of the run before.
    """

    async def run() -> Deployment:
        engine = Engine(before)
        mocks.set_mocks(Cloud(), "openrouter-keys", "dev", preview=False, monitor=engine)
        set_all_config({"aws:region": "us-east-1", **(config or {})}, list(secret))
        await run_pulumi_func(program)
        return Deployment(engine.registered, *await _resolved(get_root_resource()))

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(lambda: asyncio.run(run())).result(timeout=60)


async def _resolved(stack: Any) -> tuple[Props, list[str]]:
    found, secret = {}, []
    for name, value in stack.outputs.items():
        output = pulumi.Output.from_input(value)
        found[name] = await output.future()
        if await output.is_secret():
            secret.append(name)
    return found, secret


def main() -> None:
    """Run the project's program."""
    runpy.run_path(str(ROOT / "__main__.py"))


def stack(services: Props, **more: Any) -> Mapping[str, str]:
    """Return the config of a stack as the engine hands it over."""
    settings = {"services": services, "defaults": {"limit": 25}, "namePrefix": "acme/dev", **more}
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in settings.items()}
    return {f"openrouter-keys:{name}": text for name, text in texts.items()}
