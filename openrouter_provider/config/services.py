"""The services of the config: with the defaults merged in, from the stack's config and from files of their own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic.alias_generators import to_camel

from ..api.scrub import printable
from ..keys.credential_checks import places_of_keys
from ..stores.refusals import store_defaults
from .fields import SECTIONS
from .files import ServiceFiles
from .meaning import meant
from .models import ServiceConfig
from .parsing import Fault, checked, did_you_mean, is_name, named_wishes, parse_section
from .problems import Problem, problem_at

READERS = "readers"
EXAMPLE = "{checkout: {limit: 50}}"
_EXCLUSIVE = (
    ("workspace", "workspaceId"),
    ("workspaceId", "workspace"),
    ("guardrails", "models"),
    ("guardrails", "maxPrice"),
    ("models", "guardrails"),
    ("maxPrice", "guardrails"),
)
"""Of each pair, the one that a service sets takes the other out of the defaults."""
_EXCLUSIVE_PARTS = {"externalSecret": ("secretStore", "clusterSecretStore")}
"""Of a setting's parts, those of which a service's own takes the others out of the defaults."""
_MERGED = ("rotation", "tags", "externalSecret", *SECTIONS)
_SETTINGS = frozenset(map(to_camel, ServiceConfig.model_fields))


@dataclass
class Services:
    """The services that are right, where each stands, and what is wrong with the others."""

    wishes: dict[str, ServiceConfig] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(
        self, raw: Mapping[Any, Any], defaults: Mapping[str, Any], environment: str, file: str | None = None
    ) -> None:
        """Add the services of one place.

        Args:
            raw: the services by name.
            defaults: what a service has that doesn't say otherwise.
            environment: which of the readers by environment are meant.
            file: the file they stand in; None for the stack's config.
        """
        root = f"{file}: services" if file else "services"
        for name, wish in named_wishes(raw, root, "service", EXAMPLE, self.problems):
            path = f"{root}.{name}"
            if name in self.paths:
                other = self.paths[name].partition(": ")
                place = other[0] if other[1] else "the stack's config"
                self.problems.append(Problem(path, f"stands in {place} too: keep one of the two"))
                continue
            self.paths[name] = path
            secrets = list(secrets_in_file(path, wish)) if file else []
            self.problems += secrets
            settings, faults = with_readers_of(environment, merged(defaults, wish))
            self.problems += [problem_at(path, fault.steps, fault.what) for fault in faults]
            parsed = None if secrets else parse_section(ServiceConfig, settings, path, self.problems)
            if parsed:
                self.wishes[name] = parsed


def parse_services(raw: object, files: ServiceFiles, defaults: Mapping[str, Any], environment: str) -> Services:
    """Return the services of the stack's config and of the files, as they are in this environment."""
    services = Services()
    if isinstance(raw, Mapping):
        services.add(raw, defaults, environment)
    elif raw is not None or files == ServiceFiles():
        services.problems.append(Problem("services", f"must be an object of services by name, like {EXAMPLE}"))
    for file in files.files:
        services.add(meant(dict[str, ServiceConfig], file.services), defaults, environment, file.name)
    return services


def parse_defaults(raw: object, problems: list[Problem], environment: str) -> dict[str, Any]:
    """Return the usable defaults: what is wrong in them is reported here, once, not again by each service."""
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        problems.append(Problem("defaults", "must be an object of settings, like {limit: 25, limitReset: monthly}"))
        return {"limit": 0}
    # What another store's services take from the defaults is checked where they do.
    own, of_readers = with_readers_of(environment, store_defaults(raw, raw.get("store")))
    _, faults = checked(ServiceConfig, {"unlimited": raw.get("limit") is None, **own})
    faults += of_readers
    problems += [problem_at("defaults", fault.steps, fault.what) for fault in faults]
    wrong = {fault.steps[0] for fault in faults if fault.steps}
    usable = {name: value for name, value in raw.items() if name in _SETTINGS and name not in wrong}
    return usable | ({"limit": 0} if "limit" in wrong else {})


def with_readers_of(environment: str, settings: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Fault]]:
    """Return the settings with the readers of one environment, where they are named by environment, and what is wrong.

    The other environments' lists are checked too: the file in which they stand is those stacks' as well.

    Args:
        environment: the one of the stack.
        settings: a service's, or the defaults.
    """
    lists = meant(dict[str, tuple[Any, ...]], settings.get(READERS))
    if not isinstance(lists, Mapping):
        return settings, []
    faults = [fault for name, readers in lists.items() for fault in _wrong_readers(settings, name, readers)]
    if environment not in lists:
        known = [name for name in lists if is_name(name)]
        hint = did_you_mean(environment, known, "there are")
        what = f"names nobody for environment {printable(environment)}; {hint}; give its list too, [] for nobody"
        faults.append(Fault((READERS,), what))
    # What is wrong is said by now, of the environment in which it is.
    return {**settings, READERS: [] if faults else lists[environment]}, faults


def _wrong_readers(settings: Mapping[str, Any], environment: str, readers: object) -> Iterator[Fault]:
    if not isinstance(readers, list):
        yield Fault((READERS, environment), "must be a list of readers, [] for nobody")
        return
    _, faults = checked(ServiceConfig, {**settings, READERS: readers})
    for fault in faults:
        first, *others = ".".join(fault.steps).split(".")
        if first == READERS:
            yield Fault((READERS, environment, *others), fault.what)


def merged(defaults: Mapping[str, Any], wish: Mapping[str, Any]) -> dict[str, Any]:
    """Return a service's settings over the defaults; of two that exclude each other the service's own counts."""
    return overlaid(store_defaults(defaults, wish.get("store") or defaults.get("store")), wish)


def overlaid(defaults: Mapping[str, Any], wish: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings over others of the same kind, part by part where a setting has parts."""
    result = {**defaults, **wish}
    for name in _MERGED:
        if isinstance(defaults.get(name), Mapping) and isinstance(wish.get(name), Mapping):
            named = [part for part in _EXCLUSIVE_PARTS.get(name, ()) if wish[name].get(part)]
            left = {
                part: value for part, value in defaults[name].items() if not named or part not in _EXCLUSIVE_PARTS[name]
            }
            result[name] = {**left, **wish[name]}
    if wish.get("unlimited") is True and "limit" not in wish:
        result.pop("limit", None)
    if "limit" in wish and "unlimited" not in wish:
        result.pop("unlimited", None)
    for own, other in _EXCLUSIVE:
        if wish.get(own) and other not in wish:
            result.pop(other, None)
    return result


def secrets_in_file(path: str, wish: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what must not stand in a file that nothing encrypts: a key, and the place for one."""
    if wish.get("adopt") is not None:
        what = "holds a key's value, which nothing encrypts in this file: move the service to the stack's config"
        yield Problem(f"{path}.adopt", what)
    elsewhere = {name: value for name, value in wish.items() if name != "adopt"}
    for steps in places_of_keys(elsewhere):
        what = "holds an OpenRouter key in plaintext: delete that key on OpenRouter, and take it out of the file"
        yield problem_at(path, steps, what)
