"""A guardrail binds keys of its own workspace only: what OpenRouter refuses after the key is made, is refused here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .models import GuardrailConfig, ServiceConfig, WorkspaceConfig
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
