"""The sections of the stack's config as models: what may be set, and what a setting means."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, StrictBool, model_validator

from ..keys.checks import check_limit, fallback_or_only, limit_and_reset, limit_or_unlimited
from ..keys.credential_checks import source_and_version
from ..keys.schedule import DEFAULT_OVERLAP, check_overlap
from ..stores.contract import StoreSettings
from ..stores.refusals import DEFAULT_STORE, StoreName, store_problems
from .fields import (
    SECTIONS,
    Adopted,
    Budget,
    BuiltinFilters,
    ContentFilters,
    Duration,
    Hash,
    HeaderText,
    InstantText,
    KeyNumbers,
    KeyValue,
    Limit,
    LimitReset,
    LongText,
    Name,
    Names,
    OptionalId,
    Printable,
    Provider,
    RecoveryWindow,
    Region,
    Regions,
    SecretName,
    Share,
    ShortText,
    Slug,
    Slugs,
    Texts,
    Title,
    Tools,
    Url,
    ValueSource,
    WorkspaceId,
    with_sections,
)
from .meaning import meant
from .parsing import ConfigModel
from .sharing.elsewhere import MaybeElsewhere


class RotationConfig(ConfigModel):
    """When a key is replaced, and how long the one before stays valid."""

    every: Duration = Field(default="90d", description="a key is replaced before it is older than this")
    overlap: Duration = Field(default=DEFAULT_OVERLAP, description="how long the superseded key stays valid")
    stagger: StrictBool = Field(default=True, description="spread services over a tenth of the period")

    @model_validator(mode="after")
    def _overlap_fits(self) -> Self:
        check_overlap(self.every, self.overlap)
        return self


class AdoptConfig(ConfigModel):
    """An existing key that the service shall keep using."""

    hash: Hash = Field(description="the key's hash, as `openrouter-keys list` prints it")
    key: KeyValue = Field(repr=False, description="the key's value, set with --secret")


def _both_parts(value: object) -> object:
    """A number is the ceiling of both parts, in whatever type it comes."""
    number = meant(float, value)
    if value is None or isinstance(value, Mapping):
        return value
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise ValueError("must be USD for a million tokens, or {prompt: …, completion: …}")
    return dict.fromkeys(MaxPriceConfig.model_fields, check_limit(number))


class MaxPriceConfig(ConfigModel):
    """What a million tokens may cost."""

    prompt: Limit = Field(default=None, description="USD for a million tokens of a prompt")
    completion: Limit = Field(default=None, description="USD for a million tokens of an answer")

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if not self.parts:
            raise ValueError("must have prompt, completion or both")
        return self

    @property
    def parts(self) -> dict[str, float]:
        """By part, the price; one that may cost anything is left out."""
        return {name: float(most) for name, most in self if most is not None}


MaxPrice = Annotated[MaxPriceConfig | None, BeforeValidator(_both_parts)]


class _OwnSettings(ConfigModel):
    """What every service may wish, whatever its store."""

    limit: Limit = Field(default=None, description="credit limit in USD")
    unlimited: StrictBool = Field(default=False, description="no credit limit at all")
    limit_reset: LimitReset = Field(default=None, description="daily, weekly or monthly, at midnight UTC")
    include_byok_in_limit: StrictBool = Field(default=False, description="count usage through your own provider keys")
    disabled: StrictBool = Field(default=False, description="the key is refused")
    expires_at: InstantText = Field(default=None, description="ISO 8601 UTC; a change rotates")
    workspace: Name = Field(default=None, description="the name of the workspace, in workspaces, that holds the key")
    workspace_id: WorkspaceId = Field(default=None, description="the workspace that holds the key")
    guardrails: Names = Field(default=(), description="the name of the guardrail, in guardrails, that binds the key")
    models: Slugs = Field(default=None, description="the only models that the key may call")
    max_price: MaxPrice = Field(default=None, description="USD for a million tokens of what the key may call")
    creator_user_id: Printable = Field(default=None, description="the owning member; a change rotates")
    rotation: RotationConfig | None = Field(default=None, description="the rotation schedule, or null")
    rotate_now: Printable = Field(default=None, description="any token; changing it rotates in the next up")
    emergency: StrictBool = Field(default=False, description="disable what the token's rotation superseded at once")
    adopt: AdoptConfig | None = Field(default=None, description="take an existing key over")
    secret_name: SecretName = Field(default=None, description="default <namePrefix>/<service>/openrouter")
    kms_key_id: Printable = Field(default=None, description="the KMS key that encrypts the secret")
    recovery_window_in_days: RecoveryWindow = Field(default=None, description="0, or 7 to 30; AWS's default is 30")
    tags: dict[str, str] = Field(default_factory=dict, description="the secret's tags, over the standard ones")
    store: StoreName = Field(default=DEFAULT_STORE, description="where the key is kept")
    readers: tuple[Any, ...] = Field(default=(), description="who may read the secret, as its store spells them")
    app_url: Url = Field(default=None, description="sent as HTTP-Referer")
    app_title: HeaderText = Field(default=None, description="sent as X-Title")
    format: Literal["json", "plain"] = Field(default="json", description="the secret's format")
    protect: StrictBool = Field(default=False, description="its removal and its replacement are refused")
    aliases: Names = Field(default=(), description="names that the service had before; its key is kept")


if TYPE_CHECKING:
    _WithSections = _OwnSettings
else:
    _WithSections = with_sections(_OwnSettings)


class ServiceConfig(_WithSections):
    """One service's wish."""

    inner: ClassVar[Mapping[str, type[ConfigModel]]] = {
        "maxPrice": MaxPriceConfig,
        "rotation": RotationConfig,
        "adopt": AdoptConfig,
        **SECTIONS,
    }

    @property
    def own_guardrail(self) -> bool:
        """Whether the key has a guardrail of its own, for the models that it may call."""
        return self.models is not None or self.max_price is not None

    @property
    def store_settings(self) -> StoreSettings | None:
        """What only its store has; None where nothing of that is set."""
        found: StoreSettings | None = getattr(self, self.store, None)
        return found

    @classmethod
    def wrong_together(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with several settings at once."""
        yield from limit_or_unlimited(settings.get("limit"), settings.get("unlimited"))
        if settings.get("emergency") and not settings.get("rotateNow"):
            yield "emergency", "needs rotateNow: set a new token beside it"
        if settings.get("workspace") and settings.get("workspaceId"):
            yield "workspaceId", "contradicts workspace: give one of the two"
        guardrails = settings.get("guardrails")
        if isinstance(guardrails, list | tuple) and len(guardrails) > 1:
            yield "guardrails", "must be one at most: OpenRouter binds a key to one guardrail, the last assigned"
        own = [name for name in ("models", "maxPrice") if settings.get(name) is not None]
        if guardrails and own:
            yield (
                "guardrails",
                f"contradicts {own[0]}, which makes a guardrail of the key's own: OpenRouter keeps one for each key; "
                f"take {' and '.join(own)} out and set the guardrail's allowedModels, or take guardrails out",
            )
        yield from store_problems(settings)


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


class GuardrailConfig(MaybeElsewhere):
    """What the keys that it is assigned to may do and spend."""

    inner: ClassVar[Mapping[str, type[ConfigModel]]] = {
        "enforceZdr": ZdrConfig,
        "allowSafetyRetention": SafetyRetentionConfig,
    }

    description: LongText = Field(default=None, description="what it is for")
    limit: Budget = Field(default=None, description="what each of its keys may spend, in USD")
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
    workspace: Name = Field(default=None, description="the name of the workspace, in workspaces, that holds it")
    adopt: OptionalId = Field(default=None, description="the id of an existing guardrail to take over")

    @classmethod
    def wrong_together(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with several settings at once."""
        yield from super().wrong_together(settings)
        yield from limit_and_reset(settings, "limit", "limitReset")


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
