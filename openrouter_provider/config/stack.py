"""The stack's config as a typed model: everything that is wrong is found at once, before any call is made."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ..keys.naming import slug_of
from ..keys.schedule import parse_duration
from ..stores.refusals import default_secret_name
from . import guardrail_rules, references
from .fields import Duration, Limit
from .files import ServiceFiles
from .meaning import meant
from .models import ByokKeyConfig, GuardrailConfig, ServiceConfig, WorkspaceConfig
from .parsing import ConfigModel, is_name, parse_named, parse_section
from .plaintext import misplaced_keys
from .policy import PolicyConfig, over_ceiling, violations
from .problems import Problem, StackConfigError
from .services import parse_defaults, parse_services

_PREFIX = re.compile(r"[A-Za-z0-9_+=.@-]+(?:/[A-Za-z0-9_+=.@-]+)*")
PREFIX_MAX_LENGTH = 150
_KINDS: Mapping[str, Any] = {
    "maxLimit": float | None,
    "defaults": ServiceConfig,
    "services": dict[str, ServiceConfig],
    "servicesFrom": tuple[str, ...],
    "policy": PolicyConfig,
    "workspaces": dict[str, WorkspaceConfig],
    "guardrails": dict[str, GuardrailConfig],
    "byokKeys": dict[str, ByokKeyConfig],
}
DEFAULT_EXPIRY_NOTICE = "14d"


@dataclass(frozen=True)
class StackConfig:
    """The whole config of a stack, checked.

    Attributes:
        name_prefix: starts every key's and secret's name.
        services: the services by name, with the defaults merged in.
        workspaces: the workspaces by name.
        guardrails: the guardrails by name.
        byok_keys: other vendors' keys by name.
        paths: where each service stands: `services.checkout`, or `team.yaml: services.checkout`.
        expiry_notice: how long before a key's end `drift` and `verify` say so.
    """

    name_prefix: str
    services: Mapping[str, ServiceConfig]
    workspaces: Mapping[str, WorkspaceConfig] = field(default_factory=dict)
    guardrails: Mapping[str, GuardrailConfig] = field(default_factory=dict)
    byok_keys: Mapping[str, ByokKeyConfig] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    expiry_notice: str = DEFAULT_EXPIRY_NOTICE

    @property
    def expiry_notice_period(self) -> timedelta:
        """That length of time."""
        return parse_duration(self.expiry_notice)

    def secret_name(self, service: str) -> str:
        """Return the name of the secret in which a service finds its key."""
        wish = self.services[service]
        return wish.secret_name or default_secret_name(wish.store, self.name_prefix, service)


def as_meant(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with each value as its setting has it, whatever type Pulumi gave it."""
    return {name: meant(_KINDS[name], value) if name in _KINDS else value for name, value in raw.items()}


def parse_stack_config(
    raw: Mapping[str, Any], default_prefix: str, files: ServiceFiles | None = None, found: Iterable[Problem] = ()
) -> StackConfig:
    """Return the checked config.

    Args:
        raw: the values of the project's settings by name; None where one is not set.
        default_prefix: `<project>/<stack>`.
        files: what `servicesFrom` names, already read.
        found: what is known to be wrong already.

    Raises:
        StackConfigError: names every problem with its full path and its fix.
    """
    raw, sources = as_meant(raw), files or ServiceFiles()
    problems = [*found, *misplaced_keys(raw), *sources.problems]
    prefix = _parse_prefix(raw.get("namePrefix") or default_prefix, problems)
    single = {name: raw.get(name) for name in ("maxLimit", "expiryNotice") if raw.get(name) is not None}
    own = parse_section(_OwnValues, single, "", problems) or _OwnValues()
    policy = _parse_policy(raw.get("policy"), problems)
    services = parse_services(raw.get("services"), sources, parse_defaults(raw.get("defaults"), problems))
    problems += services.problems
    config = StackConfig(
        prefix,
        services.wishes,
        parse_named(WorkspaceConfig, raw.get("workspaces"), "workspaces", "{team: {name: Team}}", problems),
        parse_named(GuardrailConfig, raw.get("guardrails"), "guardrails", _GUARDRAIL, problems),
        parse_named(ByokKeyConfig, raw.get("byokKeys"), "byokKeys", "{ours: {provider: openai}}", problems),
        services.paths,
        own.expiry_notice,
    )
    problems += _across(config, own.max_limit, policy, raw)
    if problems:
        raise StackConfigError(_first_of_each_path(problems))
    return config


def _first_of_each_path(problems: Iterable[Problem]) -> list[Problem]:
    """Return one problem for each setting: what else is wrong with it shows once that is mended."""
    by_path: dict[str, Problem] = {}
    for problem in problems:
        by_path.setdefault(problem.path, problem)
    return list(by_path.values())


_GUARDRAIL = "{cheap: {limit: 10, limitReset: daily}}"


class _OwnValues(ConfigModel):
    max_limit: Limit = None
    expiry_notice: Duration = DEFAULT_EXPIRY_NOTICE


def _parse_prefix(prefix: object, problems: list[Problem]) -> str:
    if not isinstance(prefix, str) or not _PREFIX.fullmatch(prefix) or len(prefix) > PREFIX_MAX_LENGTH:
        what = f"must be at most {PREFIX_MAX_LENGTH} characters A-Z a-z 0-9 _ + = . @ - in parts joined by /"
        problems.append(Problem("namePrefix", what))
        return ""
    return prefix


def _parse_policy(raw: object, problems: list[Problem]) -> PolicyConfig:
    if raw is None:
        return PolicyConfig()
    if not isinstance(raw, Mapping):
        problems.append(Problem("policy", "must be an object of rules, like {requireReset: true}"))
        return PolicyConfig()
    return parse_section(PolicyConfig, raw, "policy", problems) or PolicyConfig()


def _across(
    config: StackConfig, ceiling: float | None, policy: PolicyConfig, raw: Mapping[str, Any]
) -> Iterator[Problem]:
    """Yield what only shows when the sections are seen together."""
    yield from over_ceiling(ceiling, config.services, config.paths.__getitem__)
    yield from violations(policy, config.services, config.paths.__getitem__)
    yield from _shared_secrets(config)
    yield from _shared_workspaces(config)
    yield from _adopted_twice(config)
    yield from _dangling(config, policy, raw)
    for name, service in config.services.items():
        yield from guardrail_rules.of_service(config.paths[name], service, config.guardrails, config.workspaces)


def _dangling(config: StackConfig, policy: PolicyConfig, raw: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield names that lead nowhere; a section that is there and wrong counts, for its own problem is said already."""
    workspaces, guardrails = _names(raw.get("workspaces")), _names(raw.get("guardrails"))
    for name, service in config.services.items():
        yield from references.of_service(config.paths[name], service, workspaces, guardrails)
    yield from references.of_guardrails(config.guardrails, workspaces)
    yield from references.of_byok_keys(config.byok_keys, workspaces, config.paths)
    yield from references.of_policy(policy, config.paths)


def _names(raw: object) -> list[str]:
    return [name for name in raw if is_name(name)] if isinstance(raw, Mapping) else []


def _shared_secrets(config: StackConfig) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for name in config.services:
        owner = owners.setdefault(config.secret_name(name), name)
        if owner != name:
            yield Problem(f"{config.paths[name]}.secretName", f"is the secret of {owner} too: give each its own")


def _shared_workspaces(config: StackConfig) -> Iterator[Problem]:
    """Yield workspaces that are one on OpenRouter: each run would undo what the one before it set for the other."""
    owners: dict[str | None, str] = {}
    for name, wish in config.workspaces.items():
        path, meant = f"workspaces.{name}", slug_of(name)
        if wish.adopt or wish.slug:
            path, meant = (f"{path}.adopt", wish.adopt) if wish.adopt else (f"{path}.slug", str(wish.slug))
        owner = owners.setdefault(meant, path)
        if owner != path:
            yield Problem(path, f"is the workspace of {owner} too: declare it once, with all its budgets")


def _adopted_twice(config: StackConfig) -> Iterator[Problem]:
    """Yield what is taken over twice: one owner's rotation or removal would delete it under the other."""
    owners: dict[tuple[str, str], str] = {}
    for path, section, adopted in _adoptions(config):
        owner = owners.setdefault((section, adopted), path)
        if owner != path:
            yield Problem(path, f"takes over the same as {owner}: give it one owner")


def _adoptions(config: StackConfig) -> Iterator[tuple[str, str, str]]:
    """Yield where each key, guardrail and provider key is taken over, its section, and which it is."""
    for name, service in config.services.items():
        if service.adopt:
            yield f"{config.paths[name]}.adopt.hash", "services", service.adopt.hash
    for section, wishes in (("guardrails", config.guardrails), ("byokKeys", config.byok_keys)):
        for name, wish in wishes.items():
            if wish.adopt:
                yield f"{section}.{name}.adopt", section, wish.adopt
