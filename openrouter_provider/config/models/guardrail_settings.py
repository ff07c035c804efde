"""What a guardrail's settings are, whomever it is for."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, StrictBool
from pydantic.alias_generators import to_camel, to_snake

from ...keys.checks import limit_and_reset
from ..fields import (
    Budget,
    BuiltinFilters,
    ContentFilters,
    LimitReset,
    LongText,
    Name,
    OptionalId,
    Regions,
    Texts,
)
from ..parsing import ConfigModel
from ..sharing.elsewhere import MaybeElsewhere

_SAME = (
    *("description", "allowed_models", "ignored_models", "allowed_providers", "ignored_providers"),
    *("allowed_data_regions", "content_filters", "content_filter_builtins"),
    *("enable_paid_model_training", "enable_free_model_training", "enable_free_model_publication"),
)
"""The settings that the resource calls the same."""
_CALLED = {"limit": "limit_usd", "limit_reset": "reset_interval", "include_byok_in_limit": "include_byok_in_budgets"}
"""By setting, the resource's argument."""


def for_each_vendor(value: object) -> object:
    """Return what a switch for all vendors at once says of each."""
    return dict.fromkeys(ZdrConfig.model_fields, value) if isinstance(value, bool) else value


class ZdrConfig(ConfigModel):
    """Which vendors' models are used only where nothing of a request is kept."""

    anthropic: StrictBool | None = Field(default=None, description="Anthropic's")
    openai: StrictBool | None = Field(default=None, description="OpenAI's")
    google: StrictBool | None = Field(default=None, description="Google's")
    xai: StrictBool | None = Field(default=None, description="xAI's")
    other: StrictBool | None = Field(default=None, description="everybody else's")


def for_both(value: object) -> object:
    """Return what a switch for both says of each."""
    return dict.fromkeys(SafetyRetentionConfig.model_fields, value) if isinstance(value, bool) else value


class SafetyRetentionConfig(ConfigModel):
    """Whose endpoints may keep prompts to watch for abuse where zero data retention is wanted."""

    google: StrictBool | None = Field(default=None, description="Google's")
    other: StrictBool | None = Field(default=None, description="those outside of the named vendors")


class GuardrailRules(ConfigModel):
    """What may be done and spent under a guardrail."""

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
        default=None,
        description="keeping prompts to watch for abuse under zero data retention: true or false, or by vendor",
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
        yield from super().wrong_together(settings)
        yield from limit_and_reset(settings, "limit", "limitReset")

    def arguments(self) -> Mapping[str, Any]:
        """Return the rules as the resource has them."""
        zdr = self.enforce_zdr.model_dump() if self.enforce_zdr else {}
        retention = self.allow_safety_retention.model_dump() if self.allow_safety_retention else {}
        return {
            **{name: getattr(self, name) for name in _SAME},
            **{argument: getattr(self, name) for name, argument in _CALLED.items()},
            **{f"allow_safety_retention_{vendor}": allowed for vendor, allowed in retention.items()},
            **{f"enforce_zdr_{vendor}": enforced for vendor, enforced in zdr.items()},
        }

    @classmethod
    def settings_of(cls, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings under which an existing guardrail stays as it is; what shows nothing isn't among them.

        Args:
            shown: what OpenRouter shows of it, by the resource's arguments.
        """
        same = {name: name for name in _SAME}
        found = {to_camel(name): shown[each] for name, each in {**same, **_CALLED}.items() if each in shown}
        for setting, model in cls.inner.items():
            prefix = f"{to_snake(setting)}_"
            inner = {vendor: shown[prefix + vendor] for vendor in model.model_fields if prefix + vendor in shown}
            found |= {setting: inner} if inner else {}
        return found


class GuardrailConfig(GuardrailRules, MaybeElsewhere):
    """What the keys that it is assigned to may do and spend."""

    workspace: Name = Field(default=None, description="the name of the workspace, in workspaces, that holds it")
    adopt: OptionalId = Field(default=None, description="the id of an existing guardrail to take over")
