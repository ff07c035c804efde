"""What the settings of workspaces and of other vendors' keys are."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, ClassVar, Literal

from pydantic import Field, StrictBool

from ...keys.checks import fallback_or_only
from ...keys.credential_checks import source_and_version
from ..fields import (
    Adopted,
    Budget,
    KeyNumbers,
    Name,
    Names,
    OptionalId,
    Printable,
    Provider,
    Region,
    Share,
    ShortText,
    Slug,
    Texts,
    Title,
    Tools,
    ValueSource,
)
from ..parsing import ConfigModel
from ..sharing.elsewhere import MaybeElsewhere


class BudgetsConfig(ConfigModel):
    """What a workspace may spend, by interval."""

    daily: Budget = Field(default=None, description="USD a day")
    weekly: Budget = Field(default=None, description="USD a week")
    monthly: Budget = Field(default=None, description="USD a month")
    lifetime: Budget = Field(default=None, description="USD in all")


class WorkspaceConfig(MaybeElsewhere):
    """A workspace: keys, guardrails and provider keys live in one."""

    inner: ClassVar[Mapping[str, type[ConfigModel]]] = {"budgets": BudgetsConfig}

    name: Title = Field(default=None, description="its name for people; default: its name in this config")
    slug: Slug = Field(default=None, description="its name in addresses; default: drawn from its name in this config")
    description: ShortText = Field(default=None, description="what it is for")
    default_text_model: Printable = Field(default=None, description="the model of requests that name none")
    default_image_model: Printable = Field(default=None, description="the image model of requests that name none")
    default_provider_sort: Literal["price", "throughput", "latency", "exacto"] | None = Field(
        default=None, description="which provider of a model is asked first"
    )
    disabled_server_tools: Tools = Field(default=None, description="OpenRouter's own tools that may not be invoked")
    io_logging: StrictBool | None = Field(default=None, description="keep requests and answers")
    io_logging_sampling_rate: Share = Field(default=None, description="the share of requests that is kept")
    io_logging_api_key_ids: KeyNumbers = Field(default=None, description="the numbers of the only keys to keep them of")
    broadcast: StrictBool | None = Field(default=None, description="send traces to the observability destinations")
    data_discount_logging: StrictBool | None = Field(default=None, description="share data for a discount")
    budgets: BudgetsConfig | None = Field(default=None, description="what it may spend")
    include_byok_in_budgets: StrictBool | None = Field(default=None, description="count usage through provider keys")
    adopt: Adopted = Field(default=None, description="the id or the slug of an existing workspace to take over")

    @classmethod
    def wrong_together(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with several settings at once."""
        yield from super().wrong_together(settings)
        if settings.get("includeByokInBudgets") is not None and not settings.get("budgets"):
            yield "includeByokInBudgets", "needs budgets: OpenRouter takes it together with one"
        budgets = settings.get("budgets")
        if isinstance(budgets, Mapping) and not _rising([budgets.get(name) for name in BudgetsConfig.model_fields]):
            yield "budgets", "must rise with the interval: daily below weekly below monthly below lifetime"


def _rising(amounts: Iterable[object]) -> bool:
    """Return whether each amount is above the one before; what is no amount is left out."""
    numbers = [amount for amount in amounts if isinstance(amount, int | float)]
    return all(narrow < wide for narrow, wide in pairwise(numbers))


class ByokKeyConfig(ConfigModel):
    """Another vendor's key that OpenRouter uses for requests to that vendor."""

    provider: Provider = Field(description="the vendor's slug, such as openai")
    key: str | None = Field(default=None, min_length=1, repr=False, description="the vendor's key, set with --secret")
    key_from: ValueSource = Field(default=None, description="where the key is read when it is sent, in no state then")
    key_version: Printable = Field(default=None, description="any token; changing it sends the key again")
    workspace: Name = Field(default=None, description="the name of the workspace, in workspaces, that it is for")
    allowed_models: Texts = Field(default=None, description="the only models that it is used for")
    allowed_services: Names | None = Field(default=None, description="the only services that it is used for")
    disabled: StrictBool = Field(default=False, description="it is not used")
    is_fallback: StrictBool = Field(default=False, description="used only after the vendor's other keys failed")
    is_required: StrictBool | None = Field(default=None, description="its models use no shared endpoints of the vendor")
    is_byok_only: StrictBool | None = Field(default=None, description="no model uses shared endpoints of the vendor")
    declared_zdr: StrictBool | None = Field(default=None, description="the account at the vendor keeps nothing")
    declared_region: Region = Field(default=None, description="where the account at the vendor processes requests")
    adopt: OptionalId = Field(default=None, description="the id of an existing provider key to take over")

    @classmethod
    def wrong_together(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with several settings at once."""
        if all(settings.get(name) is None for name in ("key", "keyFrom", "adopt")):
            yield "key", "is missing: give the vendor's key, or adopt an existing one"
        if settings.get("key") is not None and settings.get("keyFrom") is not None:
            yield "keyFrom", "contradicts key: give one of the two"
        yield from source_and_version(settings, "keyFrom", "keyVersion")
        yield from fallback_or_only(settings, "isFallback", "isByokOnly")
        if settings.get("allowedServices") in ([], ()):
            yield "allowedServices", "must name one service at least; leave it out for all"
