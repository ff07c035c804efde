"""Guardrails and whom they are assigned to, as they are on the wire."""

from pydantic import Field

from openrouter_provider.api.models import Dollars, KeyHash, NamedRecord, WireModel


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
