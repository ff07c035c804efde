"""Requests about guardrails as the API accepts them."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, StrictBool, StrictStr

from sandbox.openrouter.records import Window
from sandbox.openrouter.validation import DataRegion, Money, Text, Uuid

Action = Literal["redact", "block", "flag"]
BuiltinSlug = Literal[
    "email",
    "phone",
    "ssn",
    "credit-card",
    "ip-address",
    "secrets",
    "person-name",
    "address",
    "regex-prompt-injection",
]
VENDORS = ("anthropic", "google", "openai", "other", "xai")


_UNSUPPORTED = re.compile(r"\(\?<?[=!]|\(\?P=|\\[1-9k]")
"""Look-arounds and back references; what is escaped otherwise is taken out before."""


def _regex(pattern: str) -> str:
    if _UNSUPPORTED.search(re.sub(r"\\[^1-9k]", "", pattern)):
        raise ValueError("invalid_regex_pattern: look-arounds and back references are not supported")
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError("Invalid regular expression") from error
    return pattern


Description = Annotated[StrictStr, Field(max_length=1000)] | None
Flag = StrictBool | None
Label = Annotated[StrictStr, Field(max_length=100)]
Name = Annotated[StrictStr, Field(min_length=1, max_length=200)]
Slugs = Annotated[list[StrictStr], Field(min_length=1)] | None


class ContentFilter(BaseModel):
    """A regular expression of the account's own."""

    pattern: Annotated[Text, AfterValidator(_regex)]
    action: Action
    label: Label | None = None


class ContentFilterBuiltin(BaseModel):
    """A filter that OpenRouter has; a label sent for it is accepted and ignored."""

    slug: BuiltinSlug
    action: Action
    scan_scope: Literal["user_only", "all_messages"] = "all_messages"
    label: Label = ""


class UpdateGuardrail(BaseModel):
    """Body of PATCH /guardrails/{id}: a field left out stays, null takes a restriction away.

    The last three fields are in the official SDK but not yet in the published description this follows otherwise.
    """

    name: Name = ""
    description: Description = None
    limit_usd: Money = None
    reset_interval: Window | None = None
    include_byok_in_budgets: StrictBool = False
    allowed_models: Slugs = None
    ignored_models: Slugs = None
    allowed_providers: Slugs = None
    ignored_providers: Slugs = None
    content_filters: list[ContentFilter] | None = None
    content_filter_builtins: list[ContentFilterBuiltin] | None = None
    enable_free_model_publication: Flag = None
    enable_free_model_training: Flag = None
    enable_paid_model_training: Flag = None
    enforce_zdr: Flag = None
    enforce_zdr_anthropic: Flag = None
    enforce_zdr_google: Flag = None
    enforce_zdr_openai: Flag = None
    enforce_zdr_other: Flag = None
    enforce_zdr_xai: Flag = None
    allow_safety_retention_google: Flag = None
    allow_safety_retention_other: Flag = None
    allowed_data_regions: Annotated[list[DataRegion], Field(min_length=1)] | None = None


class CreateGuardrail(UpdateGuardrail):
    """Body of POST /guardrails."""

    name: Name
    workspace_id: Uuid = ""


class AssignKeys(BaseModel):
    """Body of the routes that assign and unassign keys."""

    key_hashes: Annotated[list[Text], Field(min_length=1)]


class AssignMembers(BaseModel):
    """Body of the routes that assign and unassign members."""

    member_user_ids: Annotated[list[Text], Field(min_length=1)]


UNCONFIGURED: dict[str, Any] = UpdateGuardrail().model_dump()
