"""What is wrong between the sections of a config, and between the stacks of an environment."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..keys.naming import slug_of
from ..stores.catalog import STORES
from ..stores.external.place import CLUSTER
from ..stores.kubernetes.spelling import secret_name
from . import around, guardrail_rules, references
from .models import GuardrailConfig
from .parsing import is_name
from .policy import PolicyConfig, over_budget, over_ceiling, over_stack_budget, uncounted, violations
from .problems import Problem
from .services import Services

if TYPE_CHECKING:
    from .stack import StackConfig


def across(
    config: "StackConfig",
    ceiling: float | None,
    policy: PolicyConfig,
    raw: Mapping[str, Any],
    others: Mapping[str, Services],
) -> Iterator[Problem]:
    """Yield what only shows when the sections, and the stacks of an environment, are seen together."""
    yield from over_ceiling(ceiling, config.services, config.paths.__getitem__)
    yield from violations(policy, config.services, config.paths.__getitem__)
    yield from over_stack_budget(config.budget, config.services, config.paths.__getitem__)
    yield from over_budget(policy, config.services, {name: found.wishes for name, found in others.items()})
    yield from uncounted(policy, {name: len(found.problems) for name, found in others.items()})
    yield from _shared_secrets(config)
    yield from _shared_copies(config)
    yield from _shared_workspaces(config)
    yield from _adopted_twice(config)
    yield from _aliased_twice(config)
    yield from _dangling(config, policy, raw, others)
    yield from guardrail_rules.of_policy(policy, config.services, config.guardrails, config.paths.__getitem__)
    for name, service in config.services.items():
        yield from guardrail_rules.of_service(config.paths[name], service, config.guardrails, config.workspaces)
        yield from guardrail_rules.of_own(config.paths[name], f"{config.name_prefix}/{name}", service)


def _dangling(
    config: "StackConfig", policy: PolicyConfig, raw: Mapping[str, Any], others: Mapping[str, Services]
) -> Iterator[Problem]:
    """Yield names that lead nowhere; a section that is there and wrong counts, for its own problem is said already."""
    workspaces, guardrails = _names(raw.get("workspaces")), _names(raw.get("guardrails"))
    for name, service in config.services.items():
        yield from references.of_service(config.paths[name], service, workspaces, guardrails)
    yield from references.of_guardrails(config.guardrails, workspaces)
    yield from references.of_byok_keys(config.byok_keys, workspaces, config.paths)
    yield from around.dangling(config.around, workspaces, config.paths)
    yield from references.of_policy(
        policy, {*config.paths, *(name for found in others.values() for name in found.paths)}
    )


def _names(raw: object) -> list[str]:
    return [name for name in raw if is_name(name)] if isinstance(raw, Mapping) else []


def _shared_secrets(config: "StackConfig") -> Iterator[Problem]:
    owners: dict[tuple[str, object], str] = {}
    for name, service in config.services.items():
        apart = getattr(service.store_settings, STORES[service.store].apart or "-", None)
        owner = owners.setdefault((config.secret_name(name), apart), name)
        if owner != name:
            yield Problem(f"{config.paths[name]}.secretName", f"is the secret of {owner} too: give each its own")


def _shared_copies(config: "StackConfig") -> Iterator[Problem]:
    """Yield copies that would be one Secret of a namespace, with each other or with a service's own."""
    owners: dict[tuple[object, str], str] = {}
    for name, service in config.services.items():
        if service.store == CLUSTER:
            owners[getattr(service.store_settings, "namespace", None), config.secret_name(name)] = name
    for name, service in config.services.items():
        copy = service.external_secret
        if copy:
            called = copy.name or secret_name(config.secret_name(name))
            owner = owners.setdefault((copy.namespace, called), name)
            if owner != name:
                path = f"{config.paths[name]}.externalSecret.name"
                yield Problem(path, f"is the Secret of {owner} in its namespace too: give each its own")


def _shared_workspaces(config: "StackConfig") -> Iterator[Problem]:
    """Yield workspaces that are one on OpenRouter: each run would undo what the one before it set for the other."""
    owners: dict[str | None, str] = {}
    for name, wish in config.workspaces.items():
        if wish.elsewhere:
            continue
        path, meant = f"workspaces.{name}", slug_of(name)
        if wish.adopt or wish.slug:
            path, meant = (f"{path}.adopt", wish.adopt) if wish.adopt else (f"{path}.slug", str(wish.slug))
        owner = owners.setdefault(meant, path)
        if owner != path:
            yield Problem(path, f"is the workspace of {owner} too: declare it once, with all its budgets")


def _adopted_twice(config: "StackConfig") -> Iterator[Problem]:
    """Yield what is taken over twice: one owner's rotation or removal would delete it under the other."""
    owners: dict[tuple[str, str], str] = {}
    for path, section, adopted in _adoptions(config):
        owner = owners.setdefault((section, adopted), path)
        if owner != path:
            yield Problem(path, f"takes over the same as {owner}: give it one owner")


def _aliased_twice(config: "StackConfig") -> Iterator[Problem]:
    """Yield earlier names that are in use, or that two services claim: only one of them can have the key."""
    owners: dict[str, str] = {}
    for name, service in config.services.items():
        for number, alias in enumerate(service.aliases):
            path, owner = f"{config.paths[name]}.aliases.{number}", owners.setdefault(alias, name)
            if alias in config.services:
                yield Problem(path, "is a service of this config: a renamed service's entry must be gone")
            elif owner != name:
                yield Problem(path, f"is an alias of {owner} too: leave it to the one that keeps the key")


def _adoptions(config: "StackConfig") -> Iterator[tuple[str, str, str]]:
    """Yield where each key, guardrail and provider key is taken over, its section, and which it is."""
    for name, service in config.services.items():
        if service.adopt:
            yield f"{config.paths[name]}.adopt.hash", "services", service.adopt.hash
    for section, wishes in (("guardrails", config.guardrails), ("byokKeys", config.byok_keys)):
        for name, wish in wishes.items():
            if wish.adopt and not (isinstance(wish, GuardrailConfig) and wish.elsewhere):
                yield f"{section}.{name}.adopt", section, wish.adopt
    yield from around.adoptions(config.around)
