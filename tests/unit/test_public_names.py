"""What outside users and stored states rely on: names, type tokens, and how the providers are pickled."""

import base64
import inspect
import pickletools
import re
import subprocess
import sys

import dill  # type: ignore[import-untyped]  # it has no types
import pytest
from pulumi.dynamic import Resource
from pulumi.dynamic.dynamic import serialize_provider

import openrouter_provider
from openrouter_provider.host.modules import AROUND
from openrouter_provider.keys import tokens
from openrouter_provider.resources import around
from openrouter_provider.resources.api_key import ApiKey, ApiKeyProvider
from openrouter_provider.resources.base import OpenRouterProvider
from openrouter_provider.resources.byok_key import ByokKey, ByokKeyProvider
from openrouter_provider.resources.guardrail import Guardrail, GuardrailProvider
from openrouter_provider.resources.guardrail_assignment import GuardrailAssignment, GuardrailAssignmentProvider
from openrouter_provider.resources.superseded_keys import SupersededKeys, SupersededKeysProvider
from openrouter_provider.resources.workspace import Workspace, WorkspaceProvider
from openrouter_provider.resources.workspace_budget import WorkspaceBudget, WorkspaceBudgetProvider
from tests import around as tested

MODULE = re.compile(r"(?<!^)(?=[A-Z])")
RESOURCES: list[tuple[type[Resource], type[OpenRouterProvider], str]] = [
    (ApiKey, ApiKeyProvider, "api_key"),
    (ByokKey, ByokKeyProvider, "byok_key"),
    (Guardrail, GuardrailProvider, "guardrail"),
    (GuardrailAssignment, GuardrailAssignmentProvider, "guardrail_assignment"),
    (SupersededKeys, SupersededKeysProvider, "superseded_keys"),
    (Workspace, WorkspaceProvider, "workspace"),
    (WorkspaceBudget, WorkspaceBudgetProvider, "workspace_budget"),
    *((kind, kind.provider_class, f"around.{MODULE.sub('_', kind.__name__).lower()}") for kind in around.kinds()),
]
PROVIDERS = [(provider, f"openrouter_provider.resources.{module}") for _, provider, module in RESOURCES]


def test_the_public_names_are_these() -> None:
    """A name is added or removed on purpose only."""
    assert openrouter_provider.__all__ == [
        "ApiKey",
        "ApiKeyArgs",
        "ByokKey",
        "Guardrail",
        "GuardrailAssignment",
        "ObservabilityDestination",
        "OpenRouterError",
        "OrganizationSettings",
        "RotationArgs",
        "SecretArgs",
        "ServiceKey",
        "ServiceKeyArgs",
        "StackConfig",
        "StackConfigError",
        "StoredInArgs",
        "SupersededKeys",
        "Workspace",
        "WorkspaceBudget",
        "WorkspaceDefaultGuardrail",
        "WorkspaceMember",
        "declare_services",
        "get_activity",
        "get_credits",
        "get_guardrail",
        "get_key",
        "get_member",
        "get_model",
        "get_preset",
        "get_workspace",
        "list_endpoints",
        "list_guardrails",
        "list_keys",
        "list_members",
        "list_models",
        "list_presets",
        "list_providers",
        "list_workspaces",
        "load_stack_config",
        "tune_program",
    ]


def test_the_public_names_are_sorted_and_exist() -> None:
    """Each name leads to something, in alphabetical order."""
    assert openrouter_provider.__all__ == sorted(openrouter_provider.__all__)
    assert all(hasattr(openrouter_provider, name) for name in openrouter_provider.__all__)
    assert set(openrouter_provider.__all__) <= set(dir(openrouter_provider))


@pytest.mark.parametrize(("resource", "name"), [(resource, resource.__name__) for resource, _, _ in RESOURCES])
def test_the_type_tokens_are_these(resource: type[Resource], name: str) -> None:
    """A type token is part of every URN: another one would replace every key."""
    assert f"pulumi-python:{resource._resource_type_name}" == f"pulumi-python:dynamic/openrouter:{name}"


def test_the_commands_know_resources_by_the_same_tokens() -> None:
    """What reads a state goes by one table, which has each resource's own token and the component's."""
    single = {value for name, value in vars(tokens).items() if name.isupper() and isinstance(value, str)}
    known = {*single, *tokens.AROUND} - {tokens.MODULE}
    component = "openrouter-keys:index:ServiceKey"
    assert known == {str(resource._resource_type_name) for resource, _, _ in RESOURCES} | {component}
    assert component == tokens.SERVICE_KEY


def test_the_modules_of_the_later_resources_are_these() -> None:
    """A file in resources/around is found by being there; to move or rename it would orphan what states name."""
    assert AROUND == {
        "ObservabilityDestination": "around.observability_destination",
        "OrganizationSettings": "around.organization_settings",
        "WorkspaceDefaultGuardrail": "around.workspace_default_guardrail",
        "WorkspaceMember": "around.workspace_member",
    }


def test_what_a_later_resource_needs_beside_its_file_is_there() -> None:
    """Its tests by its name, and a line for type checkers, as every public name has one."""
    assert {module.__name__.rpartition(".")[2] for module in tested.modules()} == {
        module.rpartition(".")[2] for module in AROUND.values()
    }
    assert {part.kind for part in tested.named("PART")} == set(AROUND)
    assert {name.partition(" ")[0] for name in tested.merged("LIVES")} == set(AROUND)
    source = inspect.getsource(openrouter_provider).partition("if TYPE_CHECKING:")[2].partition("_HOMES")[0]
    assert sorted(re.findall(r" as (\w+)$", source, re.MULTILINE)) == openrouter_provider.__all__


@pytest.mark.parametrize(("provider", "module"), PROVIDERS)
def test_a_provider_is_pickled_by_reference(provider: type[OpenRouterProvider], module: str) -> None:
    """A stored state names the provider's module and class and nothing else: both must stay importable."""
    pickled = base64.b64decode(serialize_provider(provider()))
    texts = [argument for _, argument, _ in pickletools.genops(pickled) if isinstance(argument, str)]
    assert texts == [module, provider.__name__]
    assert len(pickled) < 160


@pytest.mark.parametrize(("provider", "module"), PROVIDERS)
def test_a_pickled_provider_is_the_same_class(provider: type[OpenRouterProvider], module: str) -> None:
    """What the host unpickles is the imported class itself, without a session."""
    loaded = dill.loads(base64.b64decode(serialize_provider(provider())))  # noqa: S301 - pickled just here
    assert type(loaded) is provider
    assert provider.__module__ == module
    assert vars(loaded) == {}


@pytest.mark.parametrize(("provider", "module"), PROVIDERS)
def test_a_pickled_provider_is_stable(provider: type[OpenRouterProvider], module: str) -> None:
    """Two programs write the same reference, so that no run shows a change of the provider."""
    assert serialize_provider(provider()) == serialize_provider(provider())
    assert provider.serialize_as_secret_always is False
    assert module in openrouter_provider.__name__ + module


HEAVY = {"boto3", "botocore", "click", "jinja2", "moto", "pygments", "rich", "typer"}
STARTS = {
    "provider process": "import pulumi.dynamic, openrouter_provider.resources.api_key as one, "
    "openrouter_provider.resources.superseded_keys as other",
    "program of keys": "import pulumi; from openrouter_provider import ApiKey",
    "program of whole services": "import pulumi; from openrouter_provider import declare_services, load_stack_config",
}


@pytest.mark.parametrize("start", STARTS)
def test_a_start_loads_no_more_than_it_needs(start: str) -> None:
    """Neither the providers nor the program load what only the command line needs, which would cost every run."""
    code = f"import sys; {STARTS[start]}; print(*sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert HEAVY & set(printed.split()) == set()
    assert not any(name.startswith("openrouter_provider.operations") for name in printed.split())
