"""The modules of our resources by the resources' names; those in `resources/around` are found by their files' names."""

from pathlib import Path

RESOURCES = "openrouter_provider.resources"
_AROUND = Path(__file__).parents[1] / "resources" / "around"
FROZEN = {
    "ApiKey": "api_key",
    "ByokKey": "byok_key",
    "Guardrail": "guardrail",
    "GuardrailAssignment": "guardrail_assignment",
    "SupersededKeys": "superseded_keys",
    "Workspace": "workspace",
    "WorkspaceBudget": "workspace_budget",
}
"""Those that stand beside each other: states name their modules, so that none of them moves."""


def class_name(stem: str) -> str:
    """Return the name of the resource in a file.

    >>> class_name("workspace_member")
    'WorkspaceMember'
    """
    return "".join(part.capitalize() for part in stem.split("_"))


AROUND = {class_name(file.stem): f"around.{file.stem}" for file in sorted(_AROUND.glob("[a-z]*.py"))}
"""Those that have a file each in a folder of their own, and are registered by that."""
MODULES = {**FROZEN, **AROUND}
"""The module of each resource, below RESOURCES, by the last part of its type."""
