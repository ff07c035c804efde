"""The endpoints that manage guardrails and whom they are assigned to."""

from collections.abc import Collection, Mapping, Sequence

from pydantic import Field

from .endpoints import Endpoints
from .http.answers import Call, path_part
from .models import Dollars, KeyHash, NamedRecord, WireModel
from .scrub import quoted_name


class ContentFilter(WireModel):
    """A pattern that is looked for in requests."""

    pattern: str = Field(min_length=1, description="A regular expression")
    action: str = Field(description="redact, block or flag")
    label: str | None = Field(default=None, description="What a redaction or an error calls it")


class BuiltinFilter(WireModel):
    """A detector that OpenRouter brings along; the label that it gives itself is left out."""

    slug: str = Field(min_length=1, description="Which detector")
    action: str = Field(description="redact, block or flag")
    scan_scope: str | None = Field(default=None, description="user_only or all_messages")


class GuardrailRecord(NamedRecord):
    """What the keys and members assigned to it may use and spend."""

    name: str = Field(description="The physical name")
    workspace_id: str | None = Field(default=None, description="The workspace it belongs to; null is none")
    description: str | None = Field(default=None, description="What it is for")
    limit_usd: Dollars | None = Field(default=None, description="Spending limit in USD; null is none")
    reset_interval: str | None = Field(default=None, description="daily, weekly or monthly")
    include_byok_in_budgets: bool = Field(default=False, description="Whether external usage counts")
    allowed_models: list[str] | None = Field(default=None, description="Canonical slugs; null is every model")
    ignored_models: list[str] | None = Field(default=None, description="Canonical slugs never routed to")
    allowed_providers: list[str] | None = Field(default=None, description="null is every provider")
    ignored_providers: list[str] | None = Field(default=None, description="Providers never routed to")
    content_filters: list[ContentFilter] | None = Field(default=None, description="Patterns looked for")
    content_filter_builtins: list[BuiltinFilter] | None = Field(default=None, description="Detectors switched on")
    allowed_data_regions: list[str] | None = Field(default=None, description="global, europe, us; null is every one")
    allow_safety_retention_google: bool | None = Field(default=None, description="Whether Google may keep some prompts")
    allow_safety_retention_other: bool | None = Field(default=None, description="Whether other providers may do so")
    enforce_zdr_anthropic: bool | None = Field(default=None, description="Zero data retention, Anthropic's models")
    enforce_zdr_openai: bool | None = Field(default=None, description="Zero data retention, OpenAI's models")
    enforce_zdr_google: bool | None = Field(default=None, description="Zero data retention, Google's models")
    enforce_zdr_xai: bool | None = Field(default=None, description="Zero data retention, xAI's models")
    enforce_zdr_other: bool | None = Field(default=None, description="Zero data retention, all other models")
    enable_free_model_training: bool | None = Field(default=None, description="Free endpoints that train on requests")
    enable_paid_model_training: bool | None = Field(default=None, description="Paid endpoints that train on requests")
    enable_free_model_publication: bool | None = Field(default=None, description="Free endpoints that publish prompts")


class KeyAssignment(WireModel):
    """A key that a guardrail applies to; a key has at most one guardrail."""

    guardrail_id: str
    key_hash: KeyHash
    key_name: str = ""


class MemberAssignment(WireModel):
    """A member that a guardrail applies to."""

    guardrail_id: str
    user_id: str = Field(min_length=1)


class GuardrailEndpoints(Endpoints):
    """Makes, reads, changes, deletes, lists and assigns guardrails; each method names its API page."""

    def create_guardrail(self, fields: Mapping[str, object], *, known_ids: Collection[str] = ()) -> GuardrailRecord:
        """Make a guardrail and return it; one that a lost answer hid is found again by its name.

        Args:
            fields: Wire names and JSON values; a name is needed.
            known_ids: Guardrails that had this name before; none of them is taken for the new one.

        Raises:
            OutcomeUnknown: It may have been made; the error says under which name.
            OpenRouterError: It failed and nothing was made.

        API: POST /guardrails
        """
        name, workspace_id = str(fields["name"]), fields.get("workspace_id")
        call = Call("POST", "/guardrails", f"creating guardrail {quoted_name(name)}", body=dict(fields))

        def namesakes() -> Sequence[GuardrailRecord]:
            listed = self.list_guardrails(workspace_id=None if workspace_id is None else str(workspace_id))
            return [record for record in listed if record.name == name]

        return self._make(call, GuardrailRecord, name, namesakes, self.delete_guardrail, known_ids)

    def get_guardrail(self, id: str) -> GuardrailRecord:  # noqa: A002 - the API's own word
        """Return one guardrail.

        Raises:
            NotFound: There is none with this id, or it is a workspace's default one and nothing was set in it yet.

        API: GET /guardrails/{id}
        """
        return self._read(_path(id), f"reading guardrail {id}", GuardrailRecord)

    def update_guardrail(self, id: str, changes: Mapping[str, object]) -> GuardrailRecord:  # noqa: A002 - see above
        """Change the given fields of a guardrail, no others, and return it.

        Args:
            id: The guardrail; a workspace's default one comes into being with its first change.
            changes: Wire names and JSON values; None is sent as null and clears the field, a list replaces the list.

        Raises:
            NotFound: There is none with this id.

        API: PATCH /guardrails/{id}
        """
        return self._patch(_path(id), f"changing guardrail {id}", changes, GuardrailRecord)

    def delete_guardrail(self, id: str) -> None:  # noqa: A002 - see above
        """Delete a guardrail for good, and with it what it is assigned to.

        Raises:
            NotFound: There was none with this id from the start.

        API: DELETE /guardrails/{id}
        """
        self._delete(_path(id), f"deleting guardrail {id}")

    def list_guardrails(self, *, workspace_id: str | None = None) -> list[GuardrailRecord]:
        """Return every guardrail of one workspace.

        Args:
            workspace_id: The workspace; None is the account's default one.

        API: GET /guardrails
        """
        params = {"workspace_id": workspace_id}
        return self._list("/guardrails", "listing guardrails", GuardrailRecord, lambda record: record.id, params)

    def assign_keys(self, id: str, key_hashes: Sequence[str]) -> int | None:  # noqa: A002 - see above
        """Apply a guardrail to keys; a key that had another one loses that, since a key has at most one.

        Return how many the API says it assigned, None where it doesn't say. It passes over keys that it doesn't know,
        and perhaps over those that the guardrail applied to before.

        Raises:
            NotFound: There is no such guardrail.
            ResponseError: A key is in another workspace than the guardrail, or it is a workspace's default one.

        API: POST /guardrails/{id}/assignments/keys
        """
        return self._bind(id, "assigning", "keys", {"key_hashes": [*key_hashes]})

    def unassign_keys(self, id: str, key_hashes: Sequence[str]) -> None:  # noqa: A002 - see above
        """Take a guardrail from keys.

        Raises:
            NotFound: There is no such guardrail.

        API: POST /guardrails/{id}/assignments/keys/remove
        """
        self._bind(id, "unassigning", "keys/remove", {"key_hashes": [*key_hashes]})

    def list_key_assignments(self, id: str) -> list[KeyAssignment]:  # noqa: A002 - see above
        """Return every key that a guardrail is assigned to.

        Raises:
            NotFound: There is no such guardrail.

        API: GET /guardrails/{id}/assignments/keys
        """
        path, action = f"{_path(id)}/assignments/keys", f"listing the keys of guardrail {id}"
        return self._list(path, action, KeyAssignment, lambda assignment: assignment.key_hash)

    def assign_members(self, id: str, user_ids: Sequence[str]) -> int | None:  # noqa: A002 - see above
        """Apply a guardrail to members of the organisation; return how many, as `assign_keys` does.

        Raises:
            NotFound: There is no such guardrail.

        API: POST /guardrails/{id}/assignments/members
        """
        return self._bind(id, "assigning", "members", {"member_user_ids": [*user_ids]})

    def unassign_members(self, id: str, user_ids: Sequence[str]) -> None:  # noqa: A002 - see above
        """Take a guardrail from members.

        Raises:
            NotFound: There is no such guardrail.

        API: POST /guardrails/{id}/assignments/members/remove
        """
        self._bind(id, "unassigning", "members/remove", {"member_user_ids": [*user_ids]})

    def list_member_assignments(self, id: str) -> list[MemberAssignment]:  # noqa: A002 - see above
        """Return every member that a guardrail is assigned to.

        Raises:
            NotFound: There is no such guardrail.

        API: GET /guardrails/{id}/assignments/members
        """
        path, action = f"{_path(id)}/assignments/members", f"listing the members of guardrail {id}"
        return self._list(path, action, MemberAssignment, lambda assignment: assignment.user_id)

    def _bind(self, guardrail_id: str, doing: str, what: str, body: Mapping[str, object]) -> int | None:
        """Change what a guardrail is assigned to: a POST repeated like a PATCH, since twice is the same as once.

        Return how many the answer counts, None where it counts none.
        """
        path, action = f"{_path(guardrail_id)}/assignments/{what}", f"{doing} guardrail {guardrail_id}"
        call = Call("POST", path, action, body=body)
        budget = self._caller.budget("PATCH")
        return self._caller.loop(budget, lambda: self._caller.once(call, _counted, budget))


def _counted(answer: Mapping[str, object]) -> int | None:
    count = answer.get("assigned_count")
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def _path(guardrail_id: str) -> str:
    return f"/guardrails/{path_part(guardrail_id, 'guardrail')}"
