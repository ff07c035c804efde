"""The management API's objects, as they are on the wire.

Unknown fields are tolerated, so that the API may grow. The fields this package acts on are required; what it only
shows (usage counters, dates of change) has a default.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    StringConstraints,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)

from .scrub import without_keys

HASH_PATTERN = r"^[A-Za-z0-9_-]{1,128}$"
LONGEST_PROOF = timedelta(minutes=15)
"""Until when after its creation a rotation may have asked a key who it is, which may count as use."""


def wire_time(instant: datetime) -> str:
    """Return the instant as the API writes it: UTC, to the second, with Z."""
    return instant.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _only_text(value: object) -> object:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        return _iso(value)
    raise ValueError("not a timestamp")


def _iso(text: str) -> datetime | str:
    """Read what Python reads, such as an offset of hours alone, and leave the rest to pydantic."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("out of range") from None


Instant = Annotated[
    datetime,
    BeforeValidator(_only_text),
    AfterValidator(_in_utc),
    PlainSerializer(wire_time, return_type=str, when_used="json"),
]
"""A moment in UTC; text without a zone is read as UTC."""

KeyHash = Annotated[str, StringConstraints(pattern=HASH_PATTERN)]
"""A key's identifier. Its alphabet is checked because it becomes part of a path."""

Identifier = KeyHash
"""Another object's identifier, checked for the same reason, and because Pulumi prints it as it is."""

Dollars = Annotated[float, Field(allow_inf_nan=False)]


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return without_keys(value)
    return [_masked(part) for part in value] if isinstance(value, list) else value


class WireModel(BaseModel):
    """What all objects have in common: frozen, tolerant of new fields, silent about values in errors.

    A key that somebody pasted as a name, a description or anything else is masked here, before it can be stored or
    shown. Only a SecretStr is kept as it came.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        """Read null as absence where there is a default: a counter of a key that was never used may be null."""
        if not isinstance(data, dict):
            return data
        required = {name for name, field in cls.model_fields.items() if field.is_required()}
        secret = {name for name, field in cls.model_fields.items() if field.annotation is SecretStr}
        kept = {name: value for name, value in data.items() if value is not None or name in required}
        return {name: value if name in secret else _masked(value) for name, value in kept.items()}


class Usage(WireModel):
    """Counters in US dollars; shown to people and never compared."""

    usage: Dollars = Field(default=0.0, description="Credits used in total, USD")
    usage_daily: Dollars = Field(default=0.0, description="Credits used this UTC day, USD")
    usage_weekly: Dollars = Field(default=0.0, description="Credits used this UTC week, USD")
    usage_monthly: Dollars = Field(default=0.0, description="Credits used this UTC month, USD")
    byok_usage: Dollars = Field(default=0.0, description="External usage in total, USD")
    byok_usage_daily: Dollars = Field(default=0.0, description="External usage this UTC day, USD")
    byok_usage_weekly: Dollars = Field(default=0.0, description="External usage this UTC week, USD")
    byok_usage_monthly: Dollars = Field(default=0.0, description="External usage this UTC month, USD")

    @property
    def never_used(self) -> bool:
        """Whether every counter is zero."""
        return not any(getattr(self, counter) for counter in Usage.model_fields)


class KeyRecord(Usage):
    """A key as the management endpoints describe it; never its value."""

    hash: KeyHash = Field(description="Identifies the key from its creation on")
    name: str = Field(description="The physical name")
    label: str = Field(description="The value's masked form, for people")
    disabled: bool = Field(description="Whether the key is switched off")
    limit: Dollars | None = Field(description="Spending limit in USD; null is none")
    created_at: Instant = Field(description="When the key was made")
    limit_remaining: Dollars | None = Field(default=None, description="What is left of the limit, USD")
    limit_reset: str | None = Field(default=None, description="daily, weekly, monthly, or null for never")
    include_byok_in_limit: bool = Field(default=False, description="Whether external usage counts towards the limit")
    updated_at: Instant | None = Field(default=None, description="When the key was last changed")
    last_used_at: Instant | None = Field(default=None, description="When it last made a call; newer answers have it")
    creator_user_id: str | None = Field(default=None, description="The member who made it")
    workspace_id: str | None = Field(default=None, description="The workspace it belongs to")
    expires_at: Instant | None = Field(default=None, description="When it stops working; null is never")

    @property
    def never_used(self) -> bool:
        """Whether every counter is zero and nothing but a rotation's proof used it: free models count nowhere."""
        proof_ends = self.created_at + LONGEST_PROOF
        return super().never_used and (self.last_used_at is None or self.last_used_at <= proof_ends)


class KeyBudget(WireModel):
    """One of the budgets that the API checks before a request of a key."""

    scope: str = Field(description="key_limit, api_key (its guardrail), workspace, member, workspace_default_…")
    limit_usd: Dollars = Field(description="What may be spent in the window, USD")
    remaining_usd: Dollars = Field(description="What is left of it; zero or less refuses requests")
    reset_interval: str | None = Field(default=None, description="daily, weekly, monthly, or null for never")
    resets_at: Instant | None = Field(default=None, description="When the window ends; null is never")


class CurrentKey(Usage):
    """What GET /key tells a key about itself."""

    label: str = Field(description="The value's masked form, for people")
    limit: Dollars | None = Field(default=None, description="Spending limit in USD; null is none")
    limit_remaining: Dollars | None = Field(default=None, description="What is left of the limit, USD")
    limit_reset: str | None = Field(default=None, description="daily, weekly, monthly, or null for never")
    include_byok_in_limit: bool = Field(default=False, description="Whether external usage counts towards the limit")
    is_free_tier: bool = Field(default=False, description="Whether the account never bought credits")
    is_management_key: bool = Field(default=False, description="Whether it manages keys instead of calling models")
    creator_user_id: str | None = Field(default=None, description="The member who made it")
    expires_at: Instant | None = Field(default=None, description="When it stops working; null is never")
    effective_budget: KeyBudget | None = Field(
        default=None, description="The budget that refuses requests first; null is none; newer answers have it"
    )

    @field_validator("effective_budget", mode="wrap")
    @classmethod
    def _only_shown(cls, value: Any, validate: ValidatorFunctionWrapHandler) -> KeyBudget | None:
        """Read a budget of another form as none: it is shown to people, and no reason to refuse the answer."""
        try:
            found: KeyBudget | None = validate(value)
        except ValueError:
            return None
        return found

    @model_validator(mode="before")
    @classmethod
    def _older_name(cls, data: Any) -> Any:
        if isinstance(data, dict) and "is_management_key" not in data and "is_provisioning_key" in data:
            return {**data, "is_management_key": data["is_provisioning_key"]}
        return data


class CreateKeyRequest(WireModel):
    """What POST /keys takes; a field that is None isn't sent."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, description="The unique physical name")
    limit: Dollars | None = Field(default=None, ge=0, description="Spending limit in USD; absent is none")
    limit_reset: str | None = Field(default=None, description="daily, weekly or monthly; absent is never")
    include_byok_in_limit: bool | None = Field(default=None, description="Whether external usage counts")
    expires_at: Instant | None = Field(default=None, description="When the key stops working")
    workspace_id: str | None = Field(default=None, description="The workspace; absent is the default one")
    creator_user_id: str | None = Field(default=None, min_length=1, description="The member it is made for")

    def body(self) -> dict[str, object]:
        """Return the request's JSON without the absent fields."""
        return self.model_dump(mode="json", exclude_none=True)


class CreatedKey(WireModel):
    """The answer to POST /keys: the only time that a value is shown."""

    record: KeyRecord
    key: SecretStr = Field(min_length=1)


class Credits(WireModel):
    """What the account has bought and used, in US dollars."""

    total_credits: Dollars
    total_usage: Dollars


class NamedRecord(WireModel):
    """What workspaces, guardrails and BYOK keys have in common."""

    id: Identifier = Field(description="Identifies the object from its creation on")
    created_at: Instant | None = Field(default=None, description="When it was made")


class ModelRecord(WireModel):
    """A model that OpenRouter routes to."""

    id: str = Field(min_length=1, description="The slug that requests name")
    name: str = Field(default="", description="What people call it")
    canonical_slug: str | None = Field(default=None, description="The slug of exactly this version")
    context_length: int | None = Field(default=None, description="Tokens that fit into one request")
    pricing: dict[str, Any] = Field(default_factory=dict, description="USD a unit, as text: prompt, completion, …")
    architecture: dict[str, Any] = Field(default_factory=dict, description="What goes in and what comes out")
    expiration_date: str | None = Field(default=None, description="The day after which it may be removed")

    @property
    def output_modalities(self) -> list[str]:
        """What it answers with, such as text or image."""
        found = self.architecture.get("output_modalities")
        return [str(each) for each in found] if isinstance(found, list) else []


class ChatReply(WireModel):
    """As much of a completion as shows that a key works."""

    model: str
    text: str = ""
