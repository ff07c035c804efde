"""Routes under /guardrails: list, create, and one by id."""

from typing import Any

from sandbox.openrouter.area import Area
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.guardrails.records import Guardrail, kept
from sandbox.openrouter.guardrails.requests import UNCONFIGURED, CreateGuardrail, UpdateGuardrail
from sandbox.openrouter.paging import WorkspacePage
from sandbox.openrouter.store import Account
from sandbox.openrouter.validation import set_fields
from sandbox.openrouter.workspaces.finding import check_workspace


class Guardrails(Area[Guardrail]):
    """How guardrails live."""

    path = "/guardrails"
    noun = "Guardrail"
    create_body = CreateGuardrail
    update_body = UpdateGuardrail
    query = WorkspacePage

    def owned(self, account: Account) -> dict[str, Guardrail]:
        """Return every guardrail by id."""
        return account.guardrails

    def listed(self, account: Account, query: WorkspacePage) -> list[Guardrail]:
        """Return a workspace's guardrails in the order of creation."""
        check_workspace(account, query.workspace_id)
        wanted = query.workspace_id or account.default_workspace.id
        return [guardrail for guardrail in account.guardrails.values() if guardrail.workspace_id == wanted]

    def find_to_change(self, account: Account, name: str) -> Guardrail | None:
        """Return a guardrail; a workspace's default one comes into being by its first change."""
        return self.find(account, name) or _unconfigured(account, name.lower())

    def make(self, account: Account, wish: CreateGuardrail) -> Guardrail:
        """Create a guardrail, which restricts nobody before it is assigned."""
        fields = UNCONFIGURED | kept(set_fields(wish))
        workspace_id = fields.pop("workspace_id", account.default_workspace.id)
        check_workspace(account, workspace_id)
        if fields["reset_interval"] is not None and fields["limit_usd"] is None:
            raise ApiError(400, "limit_usd: required when reset_interval is set")
        _check_interval(fields)
        guardrail = Guardrail(fields=fields, created_at=account.now(), workspace_id=workspace_id)
        account.guardrails[guardrail.id] = guardrail
        return guardrail

    def change(self, account: Account, item: Guardrail, fields: dict[str, Any]) -> None:
        """Change the fields given; the name of a default guardrail is its workspace's."""
        if item.is_default and fields.get("name", item.fields["name"]) != item.fields["name"]:
            raise ApiError(400, "name: a workspace default guardrail's name cannot be changed")
        _check_interval(item.fields | fields)
        item.change(kept(fields), account.now())
        account.guardrails[item.id] = item

    def remove(self, account: Account, item: Guardrail) -> None:
        """Delete a guardrail and its assignments; a workspace's default one can't be."""
        if item.is_default:
            raise ApiError(400, "A workspace's default guardrail cannot be deleted")
        account.delete_guardrail(item)


def _unconfigured(account: Account, guardrail_id: str) -> Guardrail | None:
    """Return a new default guardrail for the workspace whose default guardrail has this id."""
    for workspace in account.workspaces.values():
        if workspace.default_guardrail_id == guardrail_id:
            return Guardrail(
                fields=UNCONFIGURED | {"name": f"Workspace {workspace.id} Default"},
                created_at=account.now(),
                workspace_id=workspace.id,
                id=guardrail_id,
                is_default=True,
            )
    return None


def _check_interval(fields: dict[str, Any]) -> None:
    if fields["limit_usd"] is not None and fields["reset_interval"] is None:
        raise ApiError(400, "reset_interval: required when limit_usd is set")


GUARDRAILS = Guardrails()
ROUTES = GUARDRAILS.routes()
