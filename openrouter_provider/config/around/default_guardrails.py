"""The section of workspaces' default guardrails: the rules of a guardrail, for all traffic of a workspace."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, StrictBool

from ...keys.checks import limit_and_reset
from ..fields import Budget, BuiltinFilters, ContentFilters, LimitReset, LongText, Regions, Texts
from ..models import SafetyRetentionConfig, ZdrConfig, for_both, for_each_vendor
from ..parsing import ConfigModel
from .section import AroundConfig, Section


class DefaultGuardrailConfig(AroundConfig):
    """What all traffic of a workspace may do and spend; what isn't said stays as it is."""

    inner: ClassVar[Mapping[str, type[ConfigModel]]] = {
        "enforceZdr": ZdrConfig,
        "allowSafetyRetention": SafetyRetentionConfig,
    }

    description: LongText = Field(default=None, description="what it is for")
    limit: Budget = Field(default=None, description="what each key or member may spend, in USD")
    limit_reset: LimitReset = Field(default=None, description="daily, weekly or monthly; a limit needs one")
    include_byok_in_limit: StrictBool | None = Field(default=None, description="count usage through provider keys")
    allowed_models: Texts = Field(default=None, description="the only models that may be used")
    ignored_models: Texts = Field(default=None, description="models that may not be used")
    allowed_providers: Texts = Field(default=None, description="the only providers that may be used")
    ignored_providers: Texts = Field(default=None, description="providers that may not be used")
    allowed_data_regions: Regions = Field(default=None, description="the only regions that requests may arrive through")
    allow_safety_retention: Annotated[SafetyRetentionConfig | None, BeforeValidator(for_both)] = Field(
        default=None, description="keeping prompts to watch for abuse: true or false, or by vendor"
    )
    content_filters: ContentFilters = Field(default=None, description="patterns to look for in requests")
    content_filter_builtins: BuiltinFilters = Field(default=None, description="OpenRouter's own filters")
    enforce_zdr: Annotated[ZdrConfig | None, BeforeValidator(for_each_vendor)] = Field(
        default=None, description="zero data retention: true, or true or false by vendor"
    )
    enable_paid_model_training: StrictBool | None = Field(default=None, description="paid endpoints may train on input")
    enable_free_model_training: StrictBool | None = Field(default=None, description="free endpoints may train on input")
    enable_free_model_publication: StrictBool | None = Field(default=None, description="free ones may publish prompts")

    @classmethod
    def wrong_together(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with several settings at once."""
        yield from limit_and_reset(settings, "limit", "limitReset")
        if not {name for name, value in settings.items() if value is not None} - {"workspace"}:
            yield "limit", "is missing, and every other rule: say what all traffic of the workspace may do"

    def arguments(self) -> Mapping[str, Any]:
        """Return the rules as the resource has them."""
        zdr = self.enforce_zdr.model_dump() if self.enforce_zdr else {}
        retention = self.allow_safety_retention.model_dump() if self.allow_safety_retention else {}
        same = (
            *("description", "allowed_models", "ignored_models", "allowed_providers", "ignored_providers"),
            *("allowed_data_regions", "content_filters", "content_filter_builtins"),
            *("enable_paid_model_training", "enable_free_model_training", "enable_free_model_publication"),
        )
        return {
            **{name: getattr(self, name) for name in same},
            "limit_usd": self.limit,
            "reset_interval": self.limit_reset,
            "include_byok_in_budgets": self.include_byok_in_limit,
            **{f"allow_safety_retention_{vendor}": allowed for vendor, allowed in retention.items()},
            **{f"enforce_zdr_{vendor}": enforced for vendor, enforced in zdr.items()},
        }


SECTION = Section(
    "defaultGuardrails",
    "WorkspaceDefaultGuardrail",
    DefaultGuardrailConfig,
    "{payments: {workspace: payments, ignoredProviders: [azure]}}",
    default_workspace="default",
)
