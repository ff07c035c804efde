"""Routes under /observability/destinations: where a workspace's traces are sent.

OpenRouter's SDK says which names each kind has and that masked values in a change are ignored; an example in the API's
description shows a credential as `sk-l...AbCd`. What becomes of short ones and of headers is not said. Chosen here: a
short one is shown as `...`, and headers are masked one by one.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StrictBool, StrictFloat, StrictStr

from sandbox.openrouter.area import Area
from sandbox.openrouter.byok.requests import Hash
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.items import WorkspaceItem
from sandbox.openrouter.paging import WorkspacePage
from sandbox.openrouter.records import TimestampStyle
from sandbox.openrouter.store import Account
from sandbox.openrouter.validation import DataRegion, Text, Uuid
from sandbox.openrouter.workspaces.finding import check_workspace

# By kind: what its config must have, what it may have besides `headers`.
KINDS: dict[str, tuple[str, str]] = {
    "arize": ("apiKey modelId spaceKey", "baseUrl"),
    "braintrust": ("apiKey projectId", "baseUrl"),
    "clickhouse": ("database host password username", "shouldIncludeCacheWriteTokens table"),
    "datadog": ("apiKey mlApp", "url"),
    "grafana": ("apiKey instanceId", "baseUrl"),
    "langfuse": ("publicKey secretKey", "baseUrl"),
    "langsmith": ("apiKey", "endpoint project workspaceId"),
    "newrelic": ("licenseKey", "region"),
    "opik": ("apiKey projectName workspace", ""),
    "otel-collector": ("endpoint", ""),
    "posthog": ("apiKey", "endpoint"),
    "ramp": ("apiKey", "baseUrl"),
    "s3": (
        "bucketName",
        "accessKeyId authMode endpoint externalId pathTemplate prefix provider region roleArn secretAccessKey "
        "sessionToken",
    ),
    "sentry": ("dsn otlpEndpoint", ""),
    "snowflake": ("account token", "database schema shouldIncludeCacheWriteTokens table warehouse"),
    "weave": ("apiKey entity project", "baseUrl"),
    "webhook": ("url", "method"),
}
SECRET = frozenset(
    {
        "accessKeyId",
        "apiKey",
        "dsn",
        "headers",
        "licenseKey",
        "password",
        "secretAccessKey",
        "secretKey",
        "sessionToken",
        "spaceKey",
        "token",
    }
)
_ENDS, _LONG = 4, 3
Kind = Literal[
    "arize",
    "braintrust",
    "clickhouse",
    "datadog",
    "grafana",
    "langfuse",
    "langsmith",
    "newrelic",
    "opik",
    "otel-collector",
    "posthog",
    "ramp",
    "s3",
    "sentry",
    "snowflake",
    "weave",
    "webhook",
]


class Rule(BaseModel):
    """One condition of a trace."""

    field: Literal[
        "model",
        "provider",
        "session_id",
        "user_id",
        "api_key_name",
        "finish_reason",
        "input",
        "output",
        "total_cost",
        "total_tokens",
        "prompt_tokens",
        "completion_tokens",
    ]
    operator: Literal[
        "equals",
        "not_equals",
        "contains",
        "not_contains",
        "regex",
        "starts_with",
        "ends_with",
        "gt",
        "lt",
        "gte",
        "lte",
        "exists",
        "not_exists",
    ]
    value: StrictStr | StrictFloat | int | None = None


class Group(BaseModel):
    """Conditions that hold together."""

    logic: Literal["and", "or"] = "and"
    rules: Annotated[list[Rule], Field(min_length=1)]


class FilterRules(BaseModel):
    """Which traces are sent."""

    enabled: StrictBool = True
    groups: Annotated[list[Group], Field(min_length=1)]


class UpdateDestination(BaseModel):
    """Body of PATCH: a field left out stays, and so does what is left out of the config."""

    name: Text = ""
    config: dict[str, Any] = Field(default_factory=dict)
    enabled: StrictBool = True
    privacy_mode: StrictBool = False
    sampling_rate: Annotated[float, Field(strict=True, ge=0.0001, le=1)] = 1.0
    regions: Annotated[list[DataRegion | Literal["eu"]], Field(min_length=1)] = ["global"]
    api_key_hashes: Annotated[list[Hash], Field(min_length=1)] | None = None
    filter_rules: FilterRules | None = None
    broadcast_generation_cost: StrictBool = False
    broadcast_generation_cost_allocation: StrictBool = False
    broadcast_generation_identity: StrictBool = False
    broadcast_generation_request_context: StrictBool = False


class CreateDestination(UpdateDestination):
    """Body of POST."""

    name: Text
    type: Kind
    config: dict[str, Any]
    workspace_id: Uuid = ""


class Destination(WorkspaceItem):
    """One receiver."""

    def record(self, style: TimestampStyle) -> dict[str, Any]:
        """Return the destination as the API's record, with its credentials masked."""
        record = super().record(style)
        shown = {name: _masked(value) if name in SECRET else value for name, value in self.fields["config"].items()}
        filters = record["filter_rules"]
        if filters:
            groups = [
                {**group, "rules": [_without_null(rule) for rule in group["rules"]]} for group in filters["groups"]
            ]
            record["filter_rules"] = {**filters, "groups": groups}
        return record | {"config": shown, "updated_at": record["updated_at"] or record["created_at"]}


def _without_null(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _masked(text) for name, text in value.items()}
    return f"{value[:_ENDS]}...{value[-_ENDS:]}" if len(str(value)) > _LONG * _ENDS else "..."


class Destinations(Area[Destination]):
    """How destinations live."""

    path = "/observability/destinations"
    noun = "Observability destination"
    create_body = CreateDestination
    update_body = UpdateDestination
    query = WorkspacePage

    def owned(self, account: Account) -> dict[str, Any]:
        """Return every destination by id."""
        return account.around["destinations"]

    def listed(self, account: Account, query: WorkspacePage) -> list[Destination]:
        """Return a workspace's destinations."""
        check_workspace(account, query.workspace_id)
        wanted = query.workspace_id or account.default_workspace.id
        return [each for each in self.owned(account).values() if each.workspace_id == wanted]

    def make(self, account: Account, wish: CreateDestination) -> Destination:
        """Take a receiver in."""
        fields = wish.model_dump()
        workspace_id = fields.pop("workspace_id") or account.default_workspace.id
        check_workspace(account, workspace_id)
        _check(account, fields, fields["type"], fields["config"])
        made = Destination(fields=fields, created_at=account.now(), workspace_id=workspace_id)
        self._keep(account, made, fields["config"])
        self.owned(account)[made.id] = made
        return made

    def change(self, account: Account, item: Destination, fields: dict[str, Any]) -> None:
        """Change the fields given; of the config what is given, masked values aside."""
        kept = item.fields["config"]
        given = {
            name: value
            for name, value in fields.pop("config", {}).items()
            if name not in SECRET or value != _masked(kept.get(name, ""))
        }
        _check(account, fields, item.fields["type"], kept | given)
        item.change({**fields, "config": kept | given}, account.now())
        self._keep(account, item, given)

    def _keep(self, account: Account, item: Destination, given: dict[str, Any]) -> None:
        """Note the credentials for searches after leaks, and draw the id that a role of S3 asks for."""
        for name in SECRET.intersection(given):
            values = given[name].values() if isinstance(given[name], dict) else [given[name]]
            account.provider_keys += [str(value) for value in values]
        config = item.fields["config"]
        if config.get("authMode") == "iam_role":
            config.setdefault("externalId", f"openrouter-{item.id}")

    def remove(self, account: Account, item: Destination) -> None:
        """Forget a receiver."""
        self.owned(account).pop(item.id, None)


def _check(account: Account, fields: dict[str, Any], kind: str, config: dict[str, Any]) -> None:
    needed, more = (set(names.split()) for names in KINDS[kind])
    if missing := sorted(needed - set(config)):
        raise ApiError(400, f"config: missing for {kind}: {', '.join(missing)}")
    headers = config.get("headers", {})
    if not isinstance(headers, dict) or not all(isinstance(text, str) for text in headers.values()):
        raise ApiError(400, "config: headers must be an object of texts")
    if unknown := sorted(set(config) - needed - more - {"headers"}):
        raise ApiError(400, f"config: not of {kind}: {', '.join(unknown)}")
    if unknown := sorted(set(fields.get("api_key_hashes") or ()).difference(account.keys)):
        raise ApiError(400, f"api_key_hashes: not found: {', '.join(unknown)}")
    if "regions" in fields:
        fields["regions"] = list(dict.fromkeys("europe" if each == "eu" else each for each in fields["regions"]))


DESTINATIONS = Destinations()
ROUTES = DESTINATIONS.routes()
AREAS = {"destinations": DESTINATIONS}
OPERATIONS = {
    "GET /observability/destinations": "list_destinations",
    "POST /observability/destinations": "create_destination",
    "GET /observability/destinations/*": "get_destination",
    "PATCH /observability/destinations/*": "update_destination",
    "DELETE /observability/destinations/*": "delete_destination",
}
