"""The section of workspaces' default guardrails: the rules of a guardrail, for all traffic of a workspace."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..models import GuardrailRules
from .section import AroundConfig, Section


class DefaultGuardrailConfig(GuardrailRules, AroundConfig):
    """What all traffic of a workspace may do and spend; what isn't said stays as it is."""

    @classmethod
    def wrong_together(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with several settings at once."""
        yield from super().wrong_together(settings)
        if not {name for name, value in settings.items() if value is not None} - {"workspace"}:
            yield "limit", "is missing, and every other rule: say what all traffic of the workspace may do"


SECTION = Section(
    "defaultGuardrails",
    "WorkspaceDefaultGuardrail",
    DefaultGuardrailConfig,
    "{payments: {workspace: payments, ignoredProviders: [azure]}}",
    default_workspace="default",
)
