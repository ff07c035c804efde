"""The stack's config as a typed model: everything that is wrong is found at once, before any call is made."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ..keys.allowed.prices import Offer
from ..keys.schedule import parse_duration
from ..stores.refusals import default_secret_name
from .across import across
from .around import SECTIONS, Around, parsed
from .fields import Budget, Duration, Label, Limit
from .files import ServiceFiles
from .guardrail_rules import not_offered
from .meaning import meant
from .models import ByokKeyConfig, GuardrailConfig, ServiceConfig, WorkspaceConfig
from .parsing import ConfigModel, parse_named, parse_section
from .plaintext import misplaced_keys
from .policy import PolicyConfig
from .problems import Problem, StackConfigError
from .services import Services, parse_defaults, parse_services
from .sharing.elsewhere import declared_here

_PREFIX = re.compile(r"[A-Za-z0-9_+=.@-]+(?:/[A-Za-z0-9_+=.@-]+)*")
PREFIX_MAX_LENGTH = 150
_KINDS: Mapping[str, Any] = {
    "maxLimit": float | None,
    "budget": float | None,
    "defaults": ServiceConfig,
    "services": dict[str, ServiceConfig],
    "servicesFrom": tuple[str, ...],
    "policy": PolicyConfig,
    "workspaces": dict[str, WorkspaceConfig],
    "guardrails": dict[str, GuardrailConfig],
    "byokKeys": dict[str, ByokKeyConfig],
    **{each.setting: each.kind for each in SECTIONS},
}
DEFAULT_EXPIRY_NOTICE = "14d"
Offered = Callable[[], Mapping[str, Offer]]
"""Returns the models that OpenRouter offers, by every slug that means one."""
Siblings = Callable[[str], Mapping[str, Services]]
"""Returns the services of the other stacks that share a name prefix, by stack."""


@dataclass(frozen=True)
class StackConfig:
    """The whole config of a stack, checked.

    Attributes:
        name_prefix: starts every key's and secret's name.
        services: the services by name, with the defaults merged in.
        workspaces: the workspaces by name.
        guardrails: the guardrails by name.
        byok_keys: other vendors' keys by name.
        around: what else surrounds the keys, by setting and name.
        paths: where each service stands: `services.checkout`, or `team.yaml: services.checkout`.
        expiry_notice: how long before a key's end `drift` and `verify` say so.
        environment: the value of the tag Environment; None for the stack's name.
        budget: what all its keys together may spend in a month, in USD; None for any amount.
    """

    name_prefix: str
    services: Mapping[str, ServiceConfig]
    workspaces: Mapping[str, WorkspaceConfig] = field(default_factory=dict)
    guardrails: Mapping[str, GuardrailConfig] = field(default_factory=dict)
    byok_keys: Mapping[str, ByokKeyConfig] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    around: Around = field(default_factory=dict)
    expiry_notice: str = DEFAULT_EXPIRY_NOTICE
    environment: str | None = None
    budget: float | None = None

    @property
    def expiry_notice_period(self) -> timedelta:
        """That length of time."""
        return parse_duration(self.expiry_notice)

    @property
    def bounds_models(self) -> bool:
        """Whether a service's key may call some models only, by its own settings."""
        return any(service.own_guardrail for service in self.services.values())

    def secret_name(self, service: str) -> str:
        """Return the name of the secret in which a service finds its key."""
        wish = self.services[service]
        return wish.secret_name or default_secret_name(wish.store, self.name_prefix, service)


def as_meant(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with each value as its setting has it, whatever type Pulumi gave it."""
    return {name: meant(_KINDS[name], value) if name in _KINDS else value for name, value in raw.items()}


def parse_stack_config(
    raw: Mapping[str, Any],
    default_prefix: str,
    files: ServiceFiles | None = None,
    found: Iterable[Problem] = (),
    siblings: Siblings | None = None,
    offered: Offered | None = None,
) -> StackConfig:
    """Return the checked config.

    Args:
        raw: the values of the project's settings by name; None where one is not set.
        default_prefix: `<project>/<stack>`.
        files: what `servicesFrom` names, already read.
        found: what is known to be wrong already.
        siblings: returns the services of the other stacks that share a name prefix; none by default.
        offered: asks OpenRouter which models there are, by name, once nothing else is wrong and a service's key may
            call some models only; not asked by default.

    Raises:
        StackConfigError: names every problem with its full path and its fix.
    """
    raw, sources = as_meant(raw), files or ServiceFiles()
    problems = [*found, *misplaced_keys(raw), *sources.problems]
    prefix = _parse_prefix(raw.get("namePrefix") or default_prefix, problems)
    single = {name: raw.get(name) for name in _OWN_SETTINGS if raw.get(name) not in (None, "")}
    own = parse_section(_OwnValues, single, "", problems) or _OwnValues()
    policy = _parse_policy(raw.get("policy"), problems)
    environment = environment_of(raw, default_prefix)
    defaults = parse_defaults(raw.get("defaults"), problems, environment)
    services = parse_services(raw.get("services"), sources, defaults, environment)
    problems += services.problems
    workspaces = parse_named(WorkspaceConfig, raw.get("workspaces"), "workspaces", "{team: {name: Team}}", problems)
    guardrails = parse_named(GuardrailConfig, raw.get("guardrails"), "guardrails", _GUARDRAIL, problems)
    config = StackConfig(
        prefix,
        services.wishes,
        declared_here(workspaces, default_prefix),
        declared_here(guardrails, default_prefix),
        parse_named(ByokKeyConfig, raw.get("byokKeys"), "byokKeys", "{ours: {provider: openai}}", problems),
        services.paths,
        parsed(raw, problems),
        own.expiry_notice,
        own.environment,
        own.budget,
    )
    others = siblings(prefix) if siblings and raw.get("namePrefix") else {}
    problems += across(config, own.max_limit, policy, raw, others)
    if problems:
        raise StackConfigError(_first_of_each_path(problems))
    if offered and config.bounds_models:
        problems = [*not_offered(config.services, config.paths.__getitem__, offered())]
    if problems:
        raise StackConfigError(problems)
    return config


def _first_of_each_path(problems: Iterable[Problem]) -> list[Problem]:
    """Return one problem for each setting: what else is wrong with it shows once that is mended."""
    by_path: dict[str, Problem] = {}
    for problem in problems:
        by_path.setdefault(problem.path, problem)
    return list(by_path.values())


_GUARDRAIL = "{cheap: {limit: 10, limitReset: daily}}"


_OWN_SETTINGS = ("maxLimit", "budget", "expiryNotice", "environment")


class _OwnValues(ConfigModel):
    max_limit: Limit = None
    budget: Budget = None
    expiry_notice: Duration = DEFAULT_EXPIRY_NOTICE
    environment: Label = None


def environment_of(raw: Mapping[str, Any], place: str) -> str:
    """Return what a stack's settings call its environment, right or wrong: else its own name.

    Args:
        raw: the settings.
        place: the stack's name, or `<project>/<stack>`.
    """
    named = raw.get("environment")
    return named if isinstance(named, str) and named else place.rpartition("/")[2]


def services_in(raw: Mapping[str, Any], files: ServiceFiles, stack: str) -> Services:
    """Return the services of a stack's settings, and what is wrong with them; the rest is not looked at."""
    problems: list[Problem] = []
    environment = environment_of(raw, stack)
    defaults = parse_defaults(raw.get("defaults"), problems, environment)
    services = parse_services(raw.get("services"), files, defaults, environment)
    services.problems += [*problems, *files.problems]
    return services


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
