"""What a service's settings are, and what they mean together."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, StrictBool, model_validator

from ...keys.checks import check_limit, limit_or_unlimited
from ...keys.schedule import DEFAULT_OVERLAP, check_overlap
from ...stores.contract import StoreSettings
from ...stores.refusals import DEFAULT_STORE, StoreName, store_problems
from ..fields import (
    SECTIONS,
    Duration,
    ExternalSecretConfig,
    Hash,
    HeaderText,
    InstantText,
    KeyValue,
    Limit,
    LimitReset,
    Name,
    Names,
    Printable,
    RecoveryWindow,
    SecretName,
    Slugs,
    Url,
    WorkspaceId,
    with_sections,
)
from ..meaning import meant
from ..parsing import ConfigModel


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
    external_secret: ExternalSecretConfig | None = Field(
        default=None, description="where the External Secrets Operator copies the secret to"
    )


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
        "externalSecret": ExternalSecretConfig,
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
