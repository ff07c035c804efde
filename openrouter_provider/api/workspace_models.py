"""Workspaces, their members and their budgets, as they are on the wire."""

from pydantic import Field

from openrouter_provider.api.models import Dollars, Instant, NamedRecord, WireModel

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


class WorkspaceMember(WireModel):
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
