"""A guardrail, and what its fields become once they are sent."""

from dataclasses import dataclass
from typing import Any

from sandbox.openrouter.guardrails.requests import VENDORS
from sandbox.openrouter.items import WorkspaceItem
from sandbox.openrouter.models import canonical

_INJECTION = "regex-prompt-injection"


@dataclass(kw_only=True)
class Guardrail(WorkspaceItem):
    """Restrictions that apply to whom the guardrail is assigned, and to all of a workspace if it is its default one."""

    is_default: bool = False


def kept(sent: dict[str, Any]) -> dict[str, Any]:
    """Return fields the way the API keeps and answers them."""
    fields = dict(sent)
    for name in ("allowed_models", "ignored_models"):
        if fields.get(name):
            fields[name] = list(dict.fromkeys(canonical(slug) for slug in fields[name]))
    if fields.get("content_filter_builtins"):
        fields["content_filter_builtins"] = [_builtin(entry) for entry in fields["content_filter_builtins"]]
    if "enforce_zdr" in fields:
        fields = {f"enforce_zdr_{vendor}": fields["enforce_zdr"] for vendor in VENDORS} | fields
    return fields


def _builtin(sent: dict[str, Any]) -> dict[str, Any]:
    """Return a builtin filter with the label that the system assigns; only one kind of them has a scope."""
    slug = sent["slug"]
    entry = {
        "slug": slug,
        "action": sent["action"],
        "label": f"[{slug.removeprefix('regex-').upper().replace('-', '_')}]",
    }
    return entry | {"scan_scope": sent.get("scan_scope", "all_messages")} if slug == _INJECTION else entry
