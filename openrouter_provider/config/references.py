"""The names by which the config's sections refer to each other: each must be there."""

from collections.abc import Collection, Iterator, Mapping

from .models import ByokKeyConfig, GuardrailConfig, ServiceConfig
from .parsing import did_you_mean
from .policy import PolicyConfig
from .problems import Problem, problem_at


def dangling(path: str, name: str, section: str, known: Collection[str]) -> Iterator[Problem]:
    """Yield a problem where a name leads nowhere; the name itself is not repeated.

    Args:
        path: where it stands.
        name: the name.
        section: where it should lead.
        known: the names that are there.
    """
    if name in known:
        return
    yield Problem(path, f"is no name in {section}; {did_you_mean(name, known, 'there are')}")


def of_service(
    path: str, service: ServiceConfig, workspaces: Collection[str], guardrails: Collection[str]
) -> Iterator[Problem]:
    """Yield a service's names that lead nowhere."""
    if service.workspace is not None:
        yield from dangling(f"{path}.workspace", service.workspace, "workspaces", workspaces)
    for number, name in enumerate(service.guardrails):
        yield from dangling(f"{path}.guardrails.{number}", name, "guardrails", guardrails)


def of_guardrails(guardrails: Mapping[str, GuardrailConfig], workspaces: Collection[str]) -> Iterator[Problem]:
    """Yield the guardrails' names that lead nowhere."""
    for name, guardrail in guardrails.items():
        if guardrail.workspace is not None:
            yield from dangling(f"guardrails.{name}.workspace", guardrail.workspace, "workspaces", workspaces)


def of_byok_keys(
    byok_keys: Mapping[str, ByokKeyConfig], workspaces: Collection[str], services: Collection[str]
) -> Iterator[Problem]:
    """Yield the provider keys' names that lead nowhere."""
    for name, byok_key in byok_keys.items():
        path = f"byokKeys.{name}"
        if byok_key.workspace is not None:
            yield from dangling(f"{path}.workspace", byok_key.workspace, "workspaces", workspaces)
        for number, service in enumerate(byok_key.allowed_services or ()):
            yield from dangling(f"{path}.allowedServices.{number}", service, "services", services)


def of_policy(policy: PolicyConfig, services: Collection[str]) -> Iterator[Problem]:
    """Yield the exempt services that do not exist."""
    for name in policy.exemptions:
        yield from dangling(problem_at("policy.exemptions", [name], "").path, name, "services", services)
