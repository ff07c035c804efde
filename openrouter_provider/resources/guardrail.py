"""A guardrail as a resource: which models and providers may be used, and how much may be spent.

API: https://openrouter.ai/docs/guides/features/guardrails
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pulumi import Input, Output, ResourceOptions
from pulumi.dynamic import CheckResult

from ..api.errors import NotFound, ResponseError
from ..api.guardrails import GuardrailRecord
from ..keys.allowed.choosing import DERIVED, MAX_PRICE, MODELS, by_name, settled
from ..keys.allowed.prices import Offer, check_max_price, check_slugs
from ..keys.checks import (
    LIMIT_RESETS,
    check_flag,
    check_positive_limit,
    check_text,
    limit_and_reset,
    one_of,
    text_up_to,
)
from ..keys.fields import Failures, Field, Props, given
from ..keys.list_checks import (
    check_builtins,
    check_filters,
    check_regions,
    check_texts,
    read_builtins,
    read_filters,
    texts_of,
)
from ..keys.naming import GUARDRAIL_NAME_LENGTH, NAME_PREFIX, name_up_to, namesakes
from ..keys.sameness import same_id, same_text
from .base import check_result
from .declared import RecordResource, drawn_from
from .record import ADOPT_ID, RecordProvider
from .widening import of_guardrail

DESCRIPTION_LENGTH = 1000
_UNDELETABLE = (400, 403, 409)


def emptied(fields: Sequence[Field], props: Mapping[str, Any]) -> Props:
    """Return the changes after which a guardrail restricts nothing that this resource made it restrict."""
    fixed = ("name", "description", "workspace_id")
    declared = [field for field in fields if field.name not in fixed and props.get(field.name) is not None]
    return {field.name: field.default for field in declared}


def sent(changes: Mapping[str, Any]) -> Props:
    """Return the changes as the API takes them: it has no ceiling of price, only the list that one leaves."""
    return {name: value for name, value in changes.items() if name != MAX_PRICE}


class GuardrailProvider(RecordProvider):
    """The life cycle of one guardrail."""

    what = "guardrail"
    fields = (
        Field("name", name_up_to(GUARDRAIL_NAME_LENGTH), required=True, if_declared=True, alike=same_text),
        Field("description", text_up_to(DESCRIPTION_LENGTH), read=lambda text: text or None, alike=same_text),
        Field("workspace_id", check_text, replaces=True, if_declared=True, alike=same_id),
        Field("limit_usd", check_positive_limit),
        Field("reset_interval", one_of(*LIMIT_RESETS)),
        Field("include_byok_in_budgets", check_flag, default=False),
        Field("allowed_models", check_texts, respelled=True, read=texts_of),
        Field("ignored_models", check_texts, respelled=True, read=texts_of),
        Field("allowed_providers", check_texts, read=texts_of),
        Field("ignored_providers", check_texts, read=texts_of),
        Field("content_filters", check_filters, read=read_filters, reordered=True),
        Field("content_filter_builtins", check_builtins, read=read_builtins),
        Field("allowed_data_regions", check_regions, if_declared=True, cleared=True, read=texts_of),
        Field("allow_safety_retention_google", check_flag, if_declared=True, cleared=True),
        Field("allow_safety_retention_other", check_flag, if_declared=True, cleared=True),
        Field("enforce_zdr_anthropic", check_flag, if_declared=True),
        Field("enforce_zdr_openai", check_flag, if_declared=True),
        Field("enforce_zdr_google", check_flag, if_declared=True),
        Field("enforce_zdr_xai", check_flag, if_declared=True),
        Field("enforce_zdr_other", check_flag, if_declared=True),
        Field("enable_free_model_training", check_flag, if_declared=True),
        Field("enable_paid_model_training", check_flag, if_declared=True),
        Field("enable_free_model_publication", check_flag, if_declared=True),
        Field(MAX_PRICE, check_max_price, shown=False),
    )
    settings = (NAME_PREFIX, ADOPT_ID, Field(MODELS, check_slugs), Field(DERIVED))
    decided = ("created_at",)
    drawn = True

    def problems(self, inputs: Mapping[str, Any]) -> Failures:
        """A limit and the interval at which it resets go together."""
        return dict(limit_and_reset(inputs, "limit_usd", "reset_interval"))

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Normalise the inputs, and choose the allowed models where the program names them or a ceiling of price."""
        result = super().check(_olds, news)
        if result.failures:
            return result
        return check_result(*settled(_olds, result.inputs, self._offered, self._warn), news)

    def _warn(self, text: str) -> None:
        self.session.warn(text)

    def _offered(self) -> Mapping[str, Offer]:
        """Return what OpenRouter offers, asked for once a run."""
        return self.session.listings.read("models", lambda: by_name(self.session.client.list_models()))

    def make(self, props: Props) -> GuardrailRecord:
        """Make the guardrail with one POST; it applies to nobody before it is assigned."""
        client = self.session.client
        known = namesakes(props, lambda: client.list_guardrails(workspace_id=props.get("workspace_id")))
        return client.create_guardrail(sent(given(self.fields, props)), known_ids=[record.id for record in known])

    def fetch(self, id_: str, props: Mapping[str, Any]) -> GuardrailRecord:
        """Read the guardrail."""
        del props
        return self.session.client.get_guardrail(id_)

    def change(self, id_: str, changes: Props, olds: Mapping[str, Any], news: Mapping[str, Any]) -> GuardrailRecord:
        """PATCH the changed properties, each collection whole."""
        del olds, news
        client, wire = self.session.client, sent(changes)
        return client.update_guardrail(id_, wire) if wire else client.get_guardrail(id_)

    def adopted_unseen(self, wanted: str, props: Props) -> GuardrailRecord:
        """Adopt a workspace's default guardrail, which can't be read before something was set in it."""
        wishes = {name: value for name, value in sent(given(self.fields, props)).items() if name != "workspace_id"}
        try:
            return self.session.client.update_guardrail(wanted, wishes)
        except NotFound:
            raise self.not_adoptable(wanted) from None

    def remove(self, id_: str, props: Mapping[str, Any]) -> None:
        """Delete the guardrail and its assignments; a workspace's default one, which stays, is emptied instead."""
        client = self.session.client
        try:
            client.delete_guardrail(id_)
        except NotFound:
            raise
        except ResponseError as error:
            if error.status not in _UNDELETABLE or not self._is_default(id_):
                raise
            client.update_guardrail(id_, sent(emptied(self.fields, props)))

    def _is_default(self, id_: str) -> bool:
        ids = [workspace.default_guardrail_id for workspace in self.session.client.list_workspaces()]
        return any(same_id(id_, each) for each in ids)


class Guardrail(RecordResource, module="openrouter", name="Guardrail"):
    """Which models and providers those it is assigned to may use, and how much they may spend.

    Its id is the guardrail's id. It applies to nobody before a GuardrailAssignment assigns it; only a workspace's
    default guardrail (adopt the workspace's `default_guardrail_id`) applies to all traffic of its workspace.
    """

    provider_class: ClassVar[type[RecordProvider]] = GuardrailProvider
    widenings = staticmethod(of_guardrail)

    name: Output[str]
    description: Output[str | None]
    workspace_id: Output[str | None]
    limit_usd: Output[float | None]
    reset_interval: Output[str | None]
    include_byok_in_budgets: Output[bool]
    allowed_models: Output[list[str] | None]
    ignored_models: Output[list[str] | None]
    allowed_providers: Output[list[str] | None]
    ignored_providers: Output[list[str] | None]
    content_filters: Output[list[dict[str, Any]] | None]
    content_filter_builtins: Output[list[dict[str, Any]] | None]
    allowed_data_regions: Output[list[str] | None]
    allow_safety_retention_google: Output[bool | None]
    allow_safety_retention_other: Output[bool | None]
    enforce_zdr_anthropic: Output[bool | None]
    enforce_zdr_openai: Output[bool | None]
    enforce_zdr_google: Output[bool | None]
    enforce_zdr_xai: Output[bool | None]
    enforce_zdr_other: Output[bool | None]
    enable_free_model_training: Output[bool | None]
    enable_paid_model_training: Output[bool | None]
    enable_free_model_publication: Output[bool | None]
    max_price: Output[dict[str, float] | None]
    created_at: Output[str]

    def __init__(  # noqa: PLR0913 - a resource's arguments are its schema
        self,
        resource_name: str,
        *,
        name: Input[str] | None = None,
        name_prefix: Input[str] | None = None,
        description: Input[str] | None = None,
        workspace_id: Input[str] | None = None,
        limit_usd: Input[float] | None = None,
        reset_interval: Input[str] | None = None,
        include_byok_in_budgets: Input[bool] | None = None,
        allowed_models: Input[Sequence[Input[str]]] | None = None,
        ignored_models: Input[Sequence[Input[str]]] | None = None,
        allowed_providers: Input[Sequence[Input[str]]] | None = None,
        ignored_providers: Input[Sequence[Input[str]]] | None = None,
        content_filters: Input[Sequence[Input[Mapping[str, Any]]]] | None = None,
        content_filter_builtins: Input[Sequence[Input[Mapping[str, Any]]]] | None = None,
        allowed_data_regions: Input[Sequence[Input[str]]] | None = None,
        allow_safety_retention_google: Input[bool] | None = None,
        allow_safety_retention_other: Input[bool] | None = None,
        enforce_zdr_anthropic: Input[bool] | None = None,
        enforce_zdr_openai: Input[bool] | None = None,
        enforce_zdr_google: Input[bool] | None = None,
        enforce_zdr_xai: Input[bool] | None = None,
        enforce_zdr_other: Input[bool] | None = None,
        enable_free_model_training: Input[bool] | None = None,
        enable_paid_model_training: Input[bool] | None = None,
        enable_free_model_publication: Input[bool] | None = None,
        models: Input[Sequence[Input[str]]] | None = None,
        max_price: Input[float | Mapping[str, Input[float]]] | None = None,
        adopt_id: Input[str] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None:
        """Declare a guardrail. Of the flags that are left out OpenRouter's choice stands; a list left out is none.

        Args:
            resource_name: the resource's logical name.
            name: the guardrail's name on OpenRouter; drawn from `name_prefix` where it is left out.
            name_prefix: the name without its random suffix; default `<project>/<stack>/<resource name>`.
            description: what it is for.
            workspace_id: the workspace that holds it; left out, the account's default one; a change replaces it.
            limit_usd: the limit in USD, above 0, of each key or member.
            reset_interval: `daily`, `weekly` or `monthly`; a limit needs it.
            include_byok_in_budgets: whether usage through your own provider keys counts.
            allowed_models: model slugs, such as `openai/gpt-4o-mini`; no others are routed to.
            ignored_models: model slugs that are never routed to.
            allowed_providers: provider slugs; no others are routed to.
            ignored_providers: provider slugs that are never routed to.
            content_filters: `{"pattern": …, "action": "redact" | "block" | "flag", "label": …}`, in this order.
            content_filter_builtins: `{"slug": "email", "action": "redact"}`, each builtin filter once.
            allowed_data_regions: `global`, `europe`, `us`: requests that arrive through another region are refused.
            allow_safety_retention_google: whether requests that want zero data retention may use those endpoints of
                Google that keep prompts to watch for abuse; what the account's own setting forbids stays forbidden.
            allow_safety_retention_other: the same of all models but those of the vendors named here.
            enforce_zdr_anthropic: zero data retention for Anthropic's models.
            enforce_zdr_openai: zero data retention for OpenAI's models.
            enforce_zdr_google: zero data retention for Google's models.
            enforce_zdr_xai: zero data retention for xAI's models.
            enforce_zdr_other: zero data retention for all other models.
            enable_free_model_training: whether free endpoints that train on requests may be used.
            enable_paid_model_training: whether paid endpoints that train on requests may be used.
            enable_free_model_publication: whether free endpoints that publish prompts may be used.
            models: instead of `allowed_models`, slugs that are each looked up: offered, and within `max_price`.
            max_price: USD for a million tokens, or `{"prompt": …, "completion": …}`; without `models` it allows those
                offered at or below it when it was set, as the guide to guardrails says.
            adopt_id: the id of an existing guardrail to take over; its name stays where none is given.
            opts: Pulumi's resource options.
        """
        draws = name is None and adopt_id is None
        props = {
            "name": name,
            "name_prefix": (name_prefix or drawn_from(resource_name)) if draws else None,
            "description": description,
            "workspace_id": workspace_id,
            "limit_usd": limit_usd,
            "reset_interval": reset_interval,
            "include_byok_in_budgets": include_byok_in_budgets,
            "allowed_models": allowed_models,
            "ignored_models": ignored_models,
            "allowed_providers": allowed_providers,
            "ignored_providers": ignored_providers,
            "content_filters": content_filters,
            "content_filter_builtins": content_filter_builtins,
            "allowed_data_regions": allowed_data_regions,
            "allow_safety_retention_google": allow_safety_retention_google,
            "allow_safety_retention_other": allow_safety_retention_other,
            "enforce_zdr_anthropic": enforce_zdr_anthropic,
            "enforce_zdr_openai": enforce_zdr_openai,
            "enforce_zdr_google": enforce_zdr_google,
            "enforce_zdr_xai": enforce_zdr_xai,
            "enforce_zdr_other": enforce_zdr_other,
            "enable_free_model_training": enable_free_model_training,
            "enable_paid_model_training": enable_paid_model_training,
            "enable_free_model_publication": enable_free_model_publication,
            "models": models,
            "max_price": max_price,
            "adopt_id": adopt_id,
        }
        self._declare(resource_name, props, opts)
