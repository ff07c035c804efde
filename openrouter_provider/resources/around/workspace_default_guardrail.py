"""A workspace's default guardrail as a resource: it is there from the start, and applies to all of the workspace.

API: https://openrouter.ai/docs/guides/features/guardrails
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypedDict, Unpack

from pulumi import Input, Output, ResourceOptions
from pulumi.dynamic import ReadResult

from ...api.guardrails import GuardrailRecord
from ...keys.checks import check_id, limit_and_reset
from ...keys.fields import Failures, Field, Props, given
from ...keys.sameness import same_id
from ..base import not_importable
from ..guardrail import Guardrail, GuardrailProvider
from ..values.restored import RestoredProvider

_FIXED = ("name", "workspace_id")
_NEVER_NULL = "include_byok_in_budgets"


def _where_declared(field: Field) -> Field:
    """Return a guardrail's field as one that is left alone until it is declared."""
    return replace(field, default=None, if_declared=True, cleared=field.name != _NEVER_NULL)


class WorkspaceDefaultGuardrailProvider(RestoredProvider):
    """The life cycle of one workspace's default guardrail; the rules are those of every guardrail."""

    what = "default guardrail"
    fields = (
        Field("workspace_id", check_id, required=True, replaces=True, shown=False),
        *(_where_declared(field) for field in GuardrailProvider.fields if field.name not in _FIXED),
    )
    unset = MappingProxyType({_NEVER_NULL: False})
    decided = ("name", "created_at")

    def problems(self, inputs: Mapping[str, Any]) -> Failures:
        """One rule at least, and a limit only with the interval at which it resets."""
        if len(given(self.fields, dict(inputs))) < 2:
            return {"workspace_id": "has nothing beside it: declare what the workspace's default guardrail shall be"}
        return dict(limit_and_reset(inputs, "limit_usd", "reset_interval"))

    def whose(self, props: Mapping[str, Any]) -> str:
        """Return the guardrail's id, which the workspace tells before there is anything in it."""
        return str(self.session.client.get_workspace(str(props["workspace_id"])).default_guardrail_id)

    def fetch(self, id_: str, props: Mapping[str, Any]) -> GuardrailRecord:
        """Read it; one in which nothing was ever set isn't found."""
        del props
        return self.session.client.get_guardrail(id_)

    def imported(self, id_: str) -> ReadResult:
        """Return it as `pulumi import` takes it; a guardrail that is no workspace's default is another resource.

        Raises:
            ConfigurationError: there is no such one.
        """
        if not any(same_id(id_, each.default_guardrail_id) for each in self.session.client.list_workspaces()):
            raise not_importable(self.what, id_)
        return super().imported(id_)

    def now(self, id_: str, props: Mapping[str, Any], record: GuardrailRecord) -> Props:
        """Return the properties as they are; the workspace stays as it was named."""
        named = props.get("workspace_id") or record.workspace_id
        return {**super().now(id_, props, record), "workspace_id": named}

    def change(self, id_: str, changes: Props, olds: Mapping[str, Any], news: Mapping[str, Any]) -> GuardrailRecord:
        """PATCH the changed properties; the first change brings it into being."""
        del olds, news
        return self.session.client.update_guardrail(id_, changes)


class DefaultGuardrailRules(TypedDict, total=False):
    """What a default guardrail may say: the arguments of Guardrail, but for its name and its workspace."""

    description: Input[str] | None
    limit_usd: Input[float] | None
    reset_interval: Input[str] | None
    include_byok_in_budgets: Input[bool] | None
    allowed_models: Input[Sequence[Input[str]]] | None
    ignored_models: Input[Sequence[Input[str]]] | None
    allowed_providers: Input[Sequence[Input[str]]] | None
    ignored_providers: Input[Sequence[Input[str]]] | None
    content_filters: Input[Sequence[Input[Mapping[str, Any]]]] | None
    content_filter_builtins: Input[Sequence[Input[Mapping[str, Any]]]] | None
    allowed_data_regions: Input[Sequence[Input[str]]] | None
    allow_safety_retention_google: Input[bool] | None
    allow_safety_retention_other: Input[bool] | None
    enforce_zdr_anthropic: Input[bool] | None
    enforce_zdr_openai: Input[bool] | None
    enforce_zdr_google: Input[bool] | None
    enforce_zdr_xai: Input[bool] | None
    enforce_zdr_other: Input[bool] | None
    enable_free_model_training: Input[bool] | None
    enable_paid_model_training: Input[bool] | None
    enable_free_model_publication: Input[bool] | None


class WorkspaceDefaultGuardrail(Guardrail, module="openrouter", name="WorkspaceDefaultGuardrail"):
    """The guardrail that applies to all traffic of a workspace; its id is the guardrail's id.

    It can't be made, deleted or assigned. What is declared is set in it, and what isn't stays as it is. Its deletion
    puts back what was there before this resource took it.
    """

    provider_class = WorkspaceDefaultGuardrailProvider

    before: Output[dict[str, Any]]

    def __init__(
        self,
        resource_name: str,
        *,
        workspace_id: Input[str],
        opts: ResourceOptions | None = None,
        **rules: Unpack[DefaultGuardrailRules],
    ) -> None:
        """Declare what a workspace's default guardrail shall be.

        Args:
            resource_name: the resource's logical name.
            workspace_id: the workspace's id or slug; a change gives the guardrail of the one before back as it was.
            opts: Pulumi's resource options.
            rules: the arguments of Guardrail but `name`, `name_prefix` and `adopt_id`. What is left out stays as it is
                on OpenRouter; what is taken out of the program is cleared.
        """
        self._declare(resource_name, {"workspace_id": workspace_id, **rules}, opts)
