"""How an account's API behaves; set through the control endpoint."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sandbox.openrouter.records import TimestampStyle

Respelling = Literal["names", "numbers", "ids", "lists"]
"""Names trimmed, limits off by the noise of floating point, ids in upper case, lists reversed."""


class Settings(BaseModel):
    """Behaviour of one account's API."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    latency_ms: float = Field(0, ge=0, description="added to every call that isn't refused by the rate limit")
    rate_limit_per_second: float | None = Field(None, gt=0, description="calls a second; null: no limit")
    rate_limit_burst: float | None = Field(
        None, ge=1, description="calls that may come at once; null: one second's worth"
    )
    daily_change_limit: int | None = Field(
        None, ge=0, description="creates, changes and deletions a UTC day by the account's clock; null: no limit"
    )
    rate_limit_headers: Literal["refusals", "always"] = Field(
        "refusals", description="which answers tell of the daily limit in X-RateLimit headers"
    )
    retry_after_http_date: bool = Field(False, description="Retry-After of a 429 as an HTTP date")
    short_pages: int | None = Field(
        None, ge=1, description="each so manieth row of a listing is shown to nobody, though pages and counts have it"
    )
    unknown_assignee: Literal["ignored", "refused"] = Field(
        "ignored", description="what becomes of an unknown key or member that is put under a guardrail"
    )
    stale_listing_seconds: float = Field(0, ge=0, description="age a write needs before a listing shows it")
    now: AwareDatetime | None = Field(None, description="the account's clock stands here; null: real time")
    date_ahead_seconds: float = Field(0, description="how far the Date header is ahead of real time")
    total_credits: float = Field(100.0, ge=0, description="credits bought, in USD")
    standard_key_status: Literal[401, 403] = Field(403, description="answer to a standard key on a management route")
    over_limit_status: Literal[402, 403] = Field(402, description="answer to a key that has spent its limit")
    disabled_key_status: Literal[401, 403] = Field(
        403, description='answer to a disabled key; 401 comes with "User not found.", as to a deleted one'
    )
    workspace_budgets: Literal["enabled", "not_found", "forbidden"] = Field(
        "enabled", description="whether the account's plan has budgets of workspaces, and what is answered if not"
    )
    empty_budgets_status: Literal[200, 404] = Field(404, description="answer to a listing of no budgets")
    refused_model_status: Literal[403, 404] = Field(404, description="answer to a model that a guardrail refuses")
    paid_price: float = Field(0.01, ge=0, description="cost of one completion of a paid model, in USD")
    model_prices: dict[str, dict[str, str]] = Field({}, description="USD a token by model and part")
    withdrawn_models: list[str] = Field([], description="models that are no longer offered")
    model_expirations: dict[str, str] = Field({}, description="by model, the day after which it may be removed")
    presets: dict[str, dict[str, Any]] = Field({}, description="by slug, the parameters that a preset stands for")
    timestamp_style: TimestampStyle = Field("fractional", description="how instants are written")
    expiry_early_seconds: float = Field(0, ge=0, description="how much earlier an expiry reads back than it was given")
    respelled: list[Respelling] = Field([], description="what is answered in another spelling of the same")


HARSH_VARIABLE = "OPENROUTER_SANDBOX_HARSH"
HARSH = {
    "short_pages": 3,
    "expiry_early_seconds": 2,
    "over_limit_status": 403,
    "disabled_key_status": 401,
    "standard_key_status": 401,
    "daily_change_limit": 100_000,
    "rate_limit_headers": "always",
}
"""Where sources contradict each other, the answer that asks more of a client."""


def initial(environment: Mapping[str, str]) -> Settings:
    """Return what an account begins with: what the surest source says, or the harsh answers where they are wanted."""
    return Settings.model_validate(HARSH if environment.get(HARSH_VARIABLE) == "1" else {})
