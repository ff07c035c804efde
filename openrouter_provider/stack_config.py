"""The stack's config as a typed model: everything that is wrong is found at once, before any call is made."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from .api.errors import ConfigurationError
from .api.scrub import printable
from .config_fields import (
    Duration,
    Hash,
    Instant,
    Limit,
    LimitReset,
    Printable,
    Reader,
    RecoveryWindow,
    SecretName,
    Url,
    WorkspaceId,
)
from .schedule import DEFAULT_OVERLAP, parse_duration

_SERVICE_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62})")
_PREFIX = re.compile(r"[A-Za-z0-9_+=.@-]+(?:/[A-Za-z0-9_+=.@-]+)*")
PREFIX_MAX_LENGTH = 150
_MERGED = ("rotation", "tags")


class _Model(BaseModel):
    """Unknown settings are errors, names are camelCase, and no error quotes a value."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, hide_input_in_errors=True)


class RotationConfig(_Model):
    """When a key is replaced, and how long the one before stays valid."""

    every: Duration = Field(default="90d", description="a key is replaced before it is older than this")
    overlap: Duration = Field(default=DEFAULT_OVERLAP, description="how long the superseded key stays valid")
    stagger: StrictBool = Field(default=True, description="spread services over a tenth of the period")

    @model_validator(mode="after")
    def _overlap_fits(self) -> Self:
        if parse_duration(self.overlap) >= parse_duration(self.every):
            raise ValueError("overlap must be shorter than every")
        return self


class AdoptConfig(_Model):
    """An existing key that the service shall keep using."""

    hash: Hash = Field(description="the key's hash, as `openrouter-keys list` prints it")
    key: str = Field(min_length=1, repr=False, description="the key's value, set with --secret")


class ServiceConfig(_Model):
    """One service's wish."""

    limit: Limit = Field(default=None, description="credit limit in USD")
    unlimited: StrictBool = Field(default=False, description="no credit limit at all")
    limit_reset: LimitReset = Field(default=None, description="daily, weekly or monthly, at midnight UTC")
    include_byok_in_limit: StrictBool = Field(default=False, description="count usage through your own provider keys")
    disabled: StrictBool = Field(default=False, description="the key is refused")
    expires_at: Instant = Field(default=None, description="ISO 8601 UTC; a change replaces the key")
    workspace_id: WorkspaceId = Field(default=None, description="the workspace that holds the key")
    creator_user_id: Printable = Field(default=None, description="the owning member; a change replaces the key")
    rotation: RotationConfig | None = Field(default=None, description="the rotation schedule, or null")
    rotate_now: Printable = Field(default=None, description="any token; changing it rotates in the next up")
    emergency: StrictBool = Field(default=False, description="disable what the token's rotation superseded at once")
    adopt: AdoptConfig | None = Field(default=None, description="take an existing key over")
    secret_name: SecretName = Field(default=None, description="default <namePrefix>/<service>/openrouter")
    kms_key_id: Printable = Field(default=None, description="the KMS key that encrypts the secret")
    recovery_window_in_days: RecoveryWindow = Field(default=None, description="0, or 7 to 30; AWS's default is 30")
    tags: dict[str, str] = Field(default_factory=dict, description="the secret's tags, over the standard ones")
    readers: tuple[Reader, ...] = Field(default=(), description="ARNs that may read the secret")
    app_url: Url = Field(default=None, description="sent as HTTP-Referer")
    app_title: Printable = Field(default=None, description="sent as X-Title")
    format: Literal["json", "plain"] = Field(default="json", description="the secret's format")


Model = TypeVar("Model", bound=_Model)
_NESTED: dict[str, type[_Model]] = {"rotation": RotationConfig, "adopt": AdoptConfig}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the full config path, and what to do about it. Values are never quoted."""

    path: str
    what: str

    def __str__(self) -> str:
        """Return one line."""
        return f"{self.path}: {self.what}"


def config_step(service: str) -> str:
    """Return a service's step in a config path: `.name`, or `["a.b"]` for a name that a dot would split."""
    plain = service.replace("_", "a").replace("-", "a").isalnum() and not service[0].isdigit()
    return f".{service}" if plain else f'["{service}"]'


class StackConfigError(ConfigurationError):
    """The stack's config is wrong; the message lists every problem on a line of its own."""

    def __init__(self, problems: list[Problem]) -> None:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{count} in the stack config; nothing was changed:\n{lines}")
        self.problems = problems


@dataclass(frozen=True)
class StackConfig:
    """The whole config of a stack, checked.

    Attributes:
        name_prefix: starts every key's and secret's name.
        services: the services by name, with the defaults merged in.
    """

    name_prefix: str
    services: Mapping[str, ServiceConfig]

    def secret_name(self, service: str) -> str:
        """Return the name of the secret in which a service finds its key."""
        return self.services[service].secret_name or f"{self.name_prefix}/{service}/openrouter"


def parse_stack_config(raw: Mapping[str, Any], default_prefix: str) -> StackConfig:
    """Return the checked config.

    Args:
        raw: the values of `namePrefix`, `maxLimit`, `defaults` and `services`; None where one is not set.
        default_prefix: `<project>/<stack>`.

    Raises:
        StackConfigError: names every problem with its full path and its fix.
    """
    problems: list[Problem] = []
    prefix = raw.get("namePrefix") or default_prefix
    if not isinstance(prefix, str) or not _PREFIX.fullmatch(prefix) or len(prefix) > PREFIX_MAX_LENGTH:
        what = f"must be at most {PREFIX_MAX_LENGTH} characters A-Z a-z 0-9 _ + = . @ - in parts joined by /"
        problems.append(Problem("namePrefix", what))
    ceiling = _parse_ceiling(raw.get("maxLimit"), problems)
    defaults = _parse_defaults(raw.get("defaults"), problems)
    services = _parse_services(raw.get("services"), defaults, problems)
    config = StackConfig(str(prefix), services)
    problems += [*_over_ceiling(services, ceiling), *_shared_secrets(config)]
    if problems:
        raise StackConfigError(problems)
    return config


class _Ceiling(_Model):
    max_limit: Limit = None


def _parse_ceiling(raw: object, problems: list[Problem]) -> float | None:
    parsed = _parse(_Ceiling, {"maxLimit": raw}, "", problems)
    return parsed.max_limit if parsed else None


def _parse_defaults(raw: object, problems: list[Problem]) -> dict[str, Any]:
    """Return the usable defaults: what is wrong in them is reported here, once, not again by each service."""
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        problems.append(Problem("defaults", "must be an object of settings, like {limit: 25, limitReset: monthly}"))
        return {"limit": 0}
    found: list[Problem] = []
    _parse_service({"unlimited": raw.get("limit") is None, **raw}, "defaults.", found)
    problems += found
    wrong = {problem.path.split(".")[1] for problem in found}
    usable = {name: value for name, value in raw.items() if name not in wrong}
    return usable | ({"limit": 0} if "limit" in wrong else {})


def _parse_services(raw: object, defaults: Mapping[str, Any], problems: list[Problem]) -> dict[str, ServiceConfig]:
    if not isinstance(raw, Mapping):
        problems.append(Problem("services", "must be an object of services by name, like {checkout: {limit: 50}}"))
        return {}
    services = {}
    for name, wish in raw.items():
        path = f"services.{name}"
        if not isinstance(name, str) or not _SERVICE_NAME.fullmatch(name):
            what = "is no service name: use up to 63 letters, digits, . _ - (a letter or digit first)"
            problems.append(Problem(path.encode("unicode_escape").decode()[:80], what))
        elif wish is not None and not isinstance(wish, Mapping):
            problems.append(Problem(path, "must be an object of settings, like {limit: 50}"))
        elif parsed := _parse_service(_merge(defaults, wish or {}), f"{path}.", problems):
            services[name] = parsed
    return services


def _parse_service(raw: Mapping[str, Any], prefix: str, problems: list[Problem]) -> ServiceConfig | None:
    found: list[Problem] = []
    parsed = _parse(ServiceConfig, raw, prefix, found)
    reported = {problem.path for problem in found}
    together = _wrong_together(parsed.model_dump(by_alias=True) if parsed else raw)
    found += [Problem(prefix + name, what) for name, what in together if prefix + name not in reported]
    problems += found
    return None if found else parsed


def _wrong_together(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with several settings at once: the one to mend, and how."""
    if settings.get("limit") is None and not settings.get("unlimited"):
        yield "limit", "is missing: give a limit in USD, or unlimited: true"
    if settings.get("limit") is not None and settings.get("unlimited"):
        yield "unlimited", "contradicts limit: give one of the two"
    if settings.get("emergency") and not settings.get("rotateNow"):
        yield "emergency", "needs rotateNow: set a new token beside it"


def _merge(defaults: Mapping[str, Any], wish: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**defaults, **wish}
    for name in _MERGED:
        if isinstance(defaults.get(name), Mapping) and isinstance(wish.get(name), Mapping):
            merged[name] = {**defaults[name], **wish[name]}
    if wish.get("unlimited") is True and "limit" not in wish:
        merged.pop("limit", None)
    if "limit" in wish and "unlimited" not in wish:
        merged.pop("unlimited", None)
    return merged


def _parse(model: type[Model], raw: Mapping[str, Any], prefix: str, problems: list[Problem]) -> Model | None:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        problems += [_problem(model, prefix, detail) for detail in error.errors(include_url=False)]
        return None


def _problem(model: type[_Model], prefix: str, detail: Mapping[str, Any]) -> Problem:
    cause = detail.get("ctx", {}).get("error")
    parts = [str(part) for part in detail["loc"]]
    path = printable(prefix + ".".join(parts))
    if detail["type"] == "extra_forbidden":
        return Problem(path, _unknown_setting(_NESTED.get(parts[0], model) if parts[1:] else model, parts[-1]))
    return Problem(path, str(cause) if cause else _plain(detail))


def _plain(detail: Mapping[str, Any]) -> str:
    expected = {
        "bool_type": "must be true or false",
        "bool_parsing": "must be true or false",
        "string_type": "must be a text",
        "missing": "is missing",
        "model_type": "must be an object of settings, or null",
        "dict_type": "must be an object of texts by name",
        "tuple_type": "must be a list",
    }
    return expected.get(detail["type"]) or str(detail["msg"]).replace("Input should be", "must be")


def _unknown_setting(model: type[_Model], name: str) -> str:
    known = sorted({to_camel(field) for field in model.model_fields})
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known settings: {', '.join(known)}"
    return f"is not a known setting; {hint}"


def _over_ceiling(services: Mapping[str, ServiceConfig], ceiling: float | None) -> Iterator[Problem]:
    for name, service in services.items():
        if ceiling is None:
            continue
        if service.unlimited:
            yield Problem(f"services.{name}.unlimited", f"is not allowed under maxLimit {ceiling:g}: give a limit")
        elif service.limit is not None and service.limit > ceiling:
            yield Problem(f"services.{name}.limit", f"is above maxLimit {ceiling:g}: lower it, or raise maxLimit")


def _shared_secrets(config: StackConfig) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for name in config.services:
        owner = owners.setdefault(config.secret_name(name), name)
        if owner != name:
            yield Problem(f"services.{name}.secretName", f"is the secret of {owner} too: give each its own")
