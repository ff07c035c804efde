"""What binds a service's key, and to which models: what OpenRouter refuses after the key is made, is refused here."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ..api.scrub import printable
from ..keys.allowed.choosing import NOTHING_LEFT, derived, wrong_models
from ..keys.allowed.prices import Offer, dollars
from ..keys.naming import GUARDRAIL_NAME_LENGTH, SUFFIX_LENGTH
from .models import GuardrailConfig, ServiceConfig, WorkspaceConfig
from .policy import ExemptionConfig, PolicyConfig
from .problems import Problem


@dataclass(frozen=True)
class _Place:
    """The workspace of something; of one that was taken over by an id or a slug nobody knows yet which it is."""

    name: str
    known: bool = True

    def differs(self, other: "_Place") -> bool:
        """Return whether the two are certainly not one workspace."""
        return self.name != other.name and self.known and other.known


_DEFAULT = _Place("the default workspace")


def of_service(
    path: str,
    service: ServiceConfig,
    guardrails: Mapping[str, GuardrailConfig],
    workspaces: Mapping[str, WorkspaceConfig],
) -> Iterator[Problem]:
    """Yield the service's guardrails that are in another workspace than its key.

    Args:
        path: where the service stands.
        service: its settings.
        guardrails: the guardrails by name.
        workspaces: the workspaces by name.
    """
    home = _of_key(service, workspaces)
    for number, name in enumerate(service.guardrails):
        guardrail = guardrails.get(name)
        place = _of_guardrail(guardrail, workspaces) if guardrail else home
        if place.differs(home):
            yield Problem(
                f"{path}.guardrails.{number}",
                f"is in {place.name} and the key in {home.name}: OpenRouter binds a guardrail to keys of its own "
                "workspace only; give both the same workspace, or the service a guardrail of its own workspace",
            )


def _of_key(service: ServiceConfig, workspaces: Mapping[str, WorkspaceConfig]) -> _Place:
    if service.workspace_id is not None:
        return _Place("the workspace of workspaceId", known=False)
    return _named(service.workspace, workspaces)


def _of_guardrail(guardrail: GuardrailConfig, workspaces: Mapping[str, WorkspaceConfig]) -> _Place:
    if guardrail.workspace is None and (guardrail.adopt is not None or guardrail.elsewhere):
        return _Place("the workspace that it was made in", known=False)
    return _named(guardrail.workspace, workspaces)


def _named(name: str | None, workspaces: Mapping[str, WorkspaceConfig]) -> _Place:
    if name is None:
        return _DEFAULT
    wish = workspaces.get(name)
    return _Place(f"workspace {name}", known=wish is not None and wish.adopt is None and wish.id is None)


def of_own(path: str, name_prefix: str, service: ServiceConfig) -> Iterator[Problem]:
    """Yield that the guardrail of a service's own can't have its name.

    Args:
        path: where the service stands.
        name_prefix: what the name is drawn from.
        service: its settings.
    """
    most = GUARDRAIL_NAME_LENGTH - SUFFIX_LENGTH - 1
    if service.own_guardrail and len(name_prefix) > most:
        what = f"has a name that is too long for its guardrail's: shorten it or namePrefix, {most} characters together"
        yield Problem(path, what)


def of_policy(
    policy: PolicyConfig,
    services: Mapping[str, ServiceConfig],
    guardrails: Mapping[str, GuardrailConfig],
    path_of: Callable[[str], str],
) -> Iterator[Problem]:
    """Yield what the policy demands of the models that keys may call, and a service doesn't have.

    Args:
        policy: the rules.
        services: the services by name.
        guardrails: the guardrails by name.
        path_of: returns where a service stands in the config.
    """
    for name, service in services.items():
        exempt = policy.exemptions.get(name, ExemptionConfig())
        if policy.require_models and exempt.require_models is None and not _is_bounded(service, guardrails):
            what = "is missing, and policy.requireModels demands it, maxPrice, or a guardrail with allowedModels"
            yield Problem(f"{path_of(name)}.models", f"{what}: name the models that the service calls")
        if policy.max_price is not None and exempt.max_price is None:
            yield from _too_high(path_of(name), service, policy.max_price.parts)


def _is_bounded(service: ServiceConfig, guardrails: Mapping[str, GuardrailConfig]) -> bool:
    named = [guardrails[name] for name in service.guardrails if name in guardrails]
    return service.own_guardrail or any(each.allowed_models is not None for each in named)


def _too_high(path: str, service: ServiceConfig, most: Mapping[str, float]) -> Iterator[Problem]:
    own = service.max_price.parts if service.max_price else {}
    shown = " and ".join(f"{dollars(price)} for {part}" for part, price in most.items())
    if service.guardrails and not own:
        what = f"can't be bounded by price, and policy.maxPrice demands it: set maxPrice ({shown}) in its place"
        yield Problem(f"{path}.guardrails", what)
    elif any(own.get(part, price + 1) > price for part, price in most.items()):
        what = "is above policy.maxPrice" if own else "is missing, and policy.maxPrice demands it"
        yield Problem(f"{path}.maxPrice", f"{what}: set {shown}, or less")


def not_offered(
    services: Mapping[str, ServiceConfig], path_of: Callable[[str], str], offered: Mapping[str, Offer]
) -> Iterator[Problem]:
    """Yield the models that a service names and can't have, and the ceilings that leave none.

    Args:
        services: the services by name.
        path_of: returns where a service stands in the config.
        offered: what OpenRouter offers, by name.
    """
    for name, service in services.items():
        ceiling = service.max_price.parts if service.max_price else None
        for place, what in wrong_models(service.models or (), ceiling, offered):
            yield Problem(f"{path_of(name)}.models.{place}", what)
        if ceiling is not None and service.models is None and not derived(ceiling, offered):
            yield Problem(f"{path_of(name)}.maxPrice", NOTHING_LEFT)


def removed_soon(
    services: Mapping[str, ServiceConfig], path_of: Callable[[str], str], offered: Mapping[str, Offer]
) -> Iterator[Problem]:
    """Yield the models that a service names and OpenRouter has said that it may remove; no reason to stop yet."""
    for name, service in services.items():
        for place, slug in enumerate(service.models or ()):
            day = offered[slug].removed_after
            if day:
                what = f"{slug} may be removed after {printable(day)}, and `up` stops then: replace it before"
                yield Problem(f"{path_of(name)}.models.{place}", what)
