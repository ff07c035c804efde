"""The endpoints that manage workspaces, their budgets and the list of their members."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from .endpoints import Endpoints, many, one
from .errors import NotFound, PermissionDenied
from .http.answers import Call, path_part
from .models import Dollars, Instant, NamedRecord, WireModel
from .scrub import printable, quoted_name

LIFETIME = "lifetime"
"""How the API's paths call the interval of a budget that never resets; its records say null."""


class WorkspaceRecord(NamedRecord):
    """A workspace: keys, guardrails and BYOK keys are listed for one at a time."""

    name: str = Field(description="What people call it")
    slug: str = Field(description="Its part of an address; unique in the account")
    description: str | None = Field(default=None, description="What it is for")
    default_guardrail_id: str | None = Field(default=None, description="The guardrail of all its traffic")
    default_text_model: str | None = Field(default=None, description="The text model where a request names none")
    default_image_model: str | None = Field(default=None, description="The image model where a request names none")
    default_provider_sort: str | None = Field(default=None, description="price, throughput, latency or exacto")
    is_observability_io_logging_enabled: bool = Field(default=False, description="Whether traffic is logged")
    is_observability_broadcast_enabled: bool = Field(default=False, description="Whether traces are broadcast")
    is_data_discount_logging_enabled: bool = Field(default=False, description="Whether data is shared for a discount")
    io_logging_sampling_rate: Dollars = Field(default=1.0, description="The share of requests logged, 0.0001 to 1")
    io_logging_api_key_ids: list[int] | None = Field(
        default=None, description="Keys whose traffic is logged; null is all"
    )
    disabled_server_tools: list[str] | None = Field(
        default=None, description="Server tools that requests may not invoke"
    )


class MemberRecord(WireModel):
    """A person's membership of a workspace."""

    id: str = Field(min_length=1, description="Identifies the membership")
    workspace_id: str = Field(description="The workspace")
    user_id: str = Field(min_length=1, description="The person")
    role: str = Field(description="admin or member")
    created_at: Instant | None = Field(default=None, description="When the person joined")


class BudgetRecord(WireModel):
    """What a workspace may spend in one interval."""

    workspace_id: str = Field(min_length=1, description="The workspace")
    limit_usd: Dollars = Field(description="Spending limit in USD")
    reset_interval: str | None = Field(default=None, description="daily, weekly, monthly, or null for never")
    include_byok_in_budgets: bool = Field(
        default=False, description="Whether external usage counts; one setting for all budgets of the workspace"
    )

    @property
    def interval(self) -> str:
        """The interval as the API's paths call it."""
        return self.reset_interval or LIFETIME


NEEDS_A_PLAN = (
    "or the account's plan has no workspace budgets, which looks the same: they need OpenRouter's Enterprise plan "
    "(docs/errors.md#workspace-budgets)"
)
_BYOK = "include_byok_in_budgets"


class WorkspaceEndpoints(Endpoints):
    """Makes, reads, changes, deletes and lists workspaces, and what belongs to one; each method names its API page."""

    def create_workspace(self, fields: Mapping[str, object]) -> WorkspaceRecord:
        """Make a workspace and return it; one that a lost answer hid is found again by its slug.

        Args:
            fields: Wire names and JSON values; name and slug are needed.

        Raises:
            OutcomeUnknown: It may have been made; the error says under which slug.
            OpenRouterError: It failed and nothing was made.

        API: POST /workspaces
        """
        slug = str(fields["slug"])
        call = Call("POST", "/workspaces", f"creating workspace {quoted_name(slug)}", body=dict(fields))
        return self._make(call, WorkspaceRecord, slug, lambda: self._with_slug(slug), self.delete_workspace)

    def _with_slug(self, slug: str) -> Sequence[WorkspaceRecord]:
        try:
            return [self.get_workspace(slug)]
        except NotFound:
            return []

    def get_workspace(self, id: str) -> WorkspaceRecord:  # noqa: A002 - the API's own word
        """Return one workspace.

        Args:
            id: Its id or its slug.

        Raises:
            NotFound: There is no such workspace.

        API: GET /workspaces/{id}
        """
        return self._read(_path(id), f"reading workspace '{printable(id)}'", WorkspaceRecord)

    def update_workspace(self, id: str, changes: Mapping[str, object]) -> WorkspaceRecord:  # noqa: A002 - see above
        """Change the given fields of a workspace, no others, and return it.

        Args:
            id: Its id or its slug.
            changes: Wire names and JSON values; None is sent as null and clears the field.

        Raises:
            NotFound: There is no such workspace.

        API: PATCH /workspaces/{id}
        """
        return self._patch(_path(id), f"changing workspace '{printable(id)}'", changes, WorkspaceRecord)

    def delete_workspace(self, id: str) -> None:  # noqa: A002 - see above
        """Delete a workspace, its budgets and its guardrails for good; one that still has keys is refused.

        Raises:
            NotFound: There was none from the start.

        API: DELETE /workspaces/{id}
        """
        self._delete(_path(id), f"deleting workspace '{printable(id)}'")

    def list_workspaces(self) -> list[WorkspaceRecord]:
        """Return every workspace of the account.

        API: GET /workspaces
        """
        return self._list("/workspaces", "listing workspaces", WorkspaceRecord, lambda workspace: workspace.id)

    def list_members(self, workspace_id: str) -> list[MemberRecord]:
        """Return every member of a workspace; of the default one, every member of the organisation.

        Args:
            workspace_id: The workspace's id or slug.

        Raises:
            NotFound: There is no such workspace.

        API: GET /workspaces/{id}/members
        """
        action = f"listing the members of workspace '{printable(workspace_id)}'"
        return self._list(f"{_path(workspace_id)}/members", action, MemberRecord, lambda member: member.user_id)

    def get_budget(self, workspace_id: str, interval: str) -> BudgetRecord:
        """Return a workspace's budget for one interval.

        Args:
            workspace_id: The workspace's id or slug.
            interval: daily, weekly, monthly or lifetime.

        Raises:
            NotFound: There is no such workspace, or it has no budget for this interval.

        API: GET /workspaces/{id}/budgets/{interval}
        """
        call = Call("GET", _budget_path(workspace_id, interval), _budget_action("reading", workspace_id, interval))
        try:
            return self._caller.repeat(call, lambda answer: one(call, BudgetRecord)(_with_byok(answer)))
        except PermissionDenied as error:
            error.amend(NEEDS_A_PLAN)
            raise

    def put_budget(self, workspace_id: str, interval: str, fields: Mapping[str, object]) -> BudgetRecord:
        """Set a workspace's budget for one interval, whether it has one or not, and return it.

        Args:
            workspace_id: The workspace's id or slug.
            interval: daily, weekly, monthly or lifetime.
            fields: limit_usd, and include_byok_in_budgets where that setting of the workspace shall change.

        Raises:
            NotFound: There is no such workspace.

        API: PUT /workspaces/{id}/budgets/{interval}
        """
        action = _budget_action("setting", workspace_id, interval)
        call = Call("PUT", _budget_path(workspace_id, interval), action, body=dict(fields))
        try:
            return self._caller.repeat(call, lambda answer: one(call, BudgetRecord)(_with_byok(answer)))
        except (NotFound, PermissionDenied) as error:
            error.amend(NEEDS_A_PLAN)
            raise

    def delete_budget(self, workspace_id: str, interval: str) -> None:
        """Remove a workspace's budget for one interval; one that doesn't exist counts as removed.

        Raises:
            NotFound: There is no such workspace.

        API: DELETE /workspaces/{id}/budgets/{interval}
        """
        self._delete(_budget_path(workspace_id, interval), _budget_action("removing", workspace_id, interval))

    def list_budgets(self, workspace_id: str) -> list[BudgetRecord]:
        """Return every budget of a workspace.

        Raises:
            NotFound: There is no such workspace.

        API: GET /workspaces/{id}/budgets
        """
        action = f"listing the budgets of workspace '{printable(workspace_id)}'"
        call = Call("GET", f"{_path(workspace_id)}/budgets", action)
        try:
            return self._caller.repeat(call, lambda answer: many(call, BudgetRecord)(_with_byok(answer)))
        except NotFound:
            # Of a workspace that has none, this too was the answer; of one that isn't there, the next call's.
            self.get_workspace(workspace_id)
            return []
        except PermissionDenied as error:
            error.amend(NEEDS_A_PLAN)
            raise


def _path(workspace_id: str) -> str:
    return f"/workspaces/{path_part(workspace_id, 'workspace')}"


def _budget_path(workspace_id: str, interval: str) -> str:
    return f"{_path(workspace_id)}/budgets/{path_part(interval, 'budget')}"


def _budget_action(doing: str, workspace_id: str, interval: str) -> str:
    return f"{doing} the {printable(interval)} budget of workspace '{printable(workspace_id)}'"


def _with_byok(answer: dict[str, object]) -> dict[str, object]:
    """Return the answer with the workspace's setting, which stands beside the data, in each budget of it."""
    if _BYOK not in answer:
        return answer
    data, setting = answer.get("data"), {_BYOK: answer[_BYOK]}
    if isinstance(data, list):
        return {"data": [{**budget, **setting} if isinstance(budget, dict) else budget for budget in data]}
    return {"data": {**data, **setting} if isinstance(data, dict) else data}
