"""A workspace as a resource: keys, guardrails and BYOK keys live in one.

API: https://openrouter.ai/docs/guides/features/workspaces
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi import Input, Output, ResourceOptions

from ..api.errors import ConfigurationError, NotFound, OpenRouterError, ResponseError
from ..api.scrub import printable, quoted_name
from ..api.workspaces import WorkspaceRecord
from ..keys.checks import check_flag, check_share, one_of, slug_up_to, text_up_to
from ..keys.fields import Field, Props, given
from ..keys.list_checks import check_numbers, check_tools, numbers_of, texts_of
from ..keys.naming import SLUG_LENGTH, slug_of
from ..keys.sameness import same_text
from .declared import RecordResource
from .record import RecordProvider
from .widening import of_workspace

KEY_NUMBERS = "io_logging_api_key_ids"
NAME_LENGTH, DESCRIPTION_LENGTH = 100, 500
PROVIDER_SORTS = ("price", "throughput", "latency", "exacto")


class WorkspaceProvider(RecordProvider):
    """The life cycle of one workspace."""

    what = "workspace"
    fields = (
        Field("name", text_up_to(NAME_LENGTH), required=True, if_declared=True, alike=same_text),
        Field("slug", slug_up_to(SLUG_LENGTH), required=True, if_declared=True),
        Field("description", text_up_to(DESCRIPTION_LENGTH), read=lambda text: text or None, alike=same_text),
        Field("default_text_model", text_up_to(200), if_declared=True),
        Field("default_image_model", text_up_to(200), if_declared=True),
        Field("default_provider_sort", one_of(*PROVIDER_SORTS), if_declared=True),
        Field("is_observability_io_logging_enabled", check_flag, if_declared=True),
        Field("is_observability_broadcast_enabled", check_flag, if_declared=True),
        Field("is_data_discount_logging_enabled", check_flag, if_declared=True),
        Field("io_logging_sampling_rate", check_share, if_declared=True),
        Field(KEY_NUMBERS, check_numbers, if_declared=True, cleared=True, read=numbers_of),
        Field("disabled_server_tools", check_tools, if_declared=True, cleared=True, read=texts_of),
    )
    decided = ("default_guardrail_id", "created_at")

    def make(self, props: Props) -> WorkspaceRecord:
        """Open the workspace with one POST, after a look that its slug is free.

        Without the look, a workspace that somebody else opened a moment ago would pass for what a doubtful POST made.

        Raises:
            ConfigurationError: the account has one of this slug.
        """
        slug = str(props["slug"])
        self._refuse_taken(slug)
        try:
            return self.session.client.create_workspace(_as_sent(given(self.fields, props)))
        except ResponseError as error:
            if error.status not in (400, 409):
                raise
            refused = error
        self._refuse_taken(slug)
        raise refused from None

    def _refuse_taken(self, slug: str) -> None:
        try:
            taken = self.session.client.get_workspace(slug)
        except NotFound:
            return
        raise ConfigurationError(
            f"workspace {quoted_name(taken.slug)} exists already as {taken.id}: "
            "give another slug, or take it over with adopt_id (docs/errors.md#adoption)"
        )

    def fetch(self, id_: str, props: Mapping[str, Any]) -> WorkspaceRecord:
        """Read the workspace by its id or slug."""
        del props
        return self.session.client.get_workspace(id_)

    def change(self, id_: str, changes: Props, olds: Mapping[str, Any], news: Mapping[str, Any]) -> WorkspaceRecord:
        """PATCH the changed properties."""
        del olds, news
        return self.session.client.update_workspace(id_, _as_sent(changes))

    def remove(self, id_: str, props: Mapping[str, Any]) -> None:
        """Delete the workspace with its budgets and guardrails.

        Raises:
            OpenRouterError: it still has keys.
        """
        try:
            self.session.client.delete_workspace(id_)
        except NotFound:
            raise
        except ResponseError as error:
            held = self._keys_held(id_) if error.status in (400, 409) else 0
            if not held:
                raise
            problem = f"it still has {held} API key{'s' if held > 1 else ''}"
        else:
            return
        raise OpenRouterError(
            f"deleting workspace '{printable(str(props.get('slug') or id_))}': {problem}; "
            "delete them or move them to another workspace first (docs/errors.md#workspace-not-empty)"
        )

    def _keys_held(self, id_: str) -> int:
        try:
            return len(self.session.client.list_keys(workspace_id=id_))
        except OpenRouterError:
            return 0

    def known_as(self, id_: str, olds: Mapping[str, Any]) -> list[Any]:
        """A workspace may be adopted by its slug too."""
        return [*super().known_as(id_, olds), olds.get("slug")]


def _as_sent(fields: Props) -> Props:
    """Return the fields with their whole numbers whole again: between the engine and its providers each is a float."""
    numbers = fields.get(KEY_NUMBERS)
    return {**fields, KEY_NUMBERS: [int(number) for number in numbers]} if numbers else fields


class Workspace(RecordResource, module="openrouter", name="Workspace"):
    """A workspace; its id is the workspace's id.

    Deleting it deletes its budgets and guardrails too; one that still has keys can't be deleted.
    """

    provider_class = WorkspaceProvider
    widenings = staticmethod(of_workspace)

    name: Output[str]
    slug: Output[str]
    description: Output[str | None]
    default_text_model: Output[str | None]
    default_image_model: Output[str | None]
    default_provider_sort: Output[str | None]
    is_observability_io_logging_enabled: Output[bool | None]
    is_observability_broadcast_enabled: Output[bool | None]
    is_data_discount_logging_enabled: Output[bool | None]
    io_logging_sampling_rate: Output[float | None]
    io_logging_api_key_ids: Output[list[int] | None]
    disabled_server_tools: Output[list[str] | None]
    default_guardrail_id: Output[str]
    created_at: Output[str]

    def __init__(  # noqa: PLR0913 - a resource's arguments are its schema
        self,
        resource_name: str,
        *,
        name: Input[str] | None = None,
        slug: Input[str] | None = None,
        description: Input[str] | None = None,
        default_text_model: Input[str] | None = None,
        default_image_model: Input[str] | None = None,
        default_provider_sort: Input[str] | None = None,
        is_observability_io_logging_enabled: Input[bool] | None = None,
        is_observability_broadcast_enabled: Input[bool] | None = None,
        is_data_discount_logging_enabled: Input[bool] | None = None,
        io_logging_sampling_rate: Input[float] | None = None,
        io_logging_api_key_ids: Input[Sequence[Input[int]]] | None = None,
        disabled_server_tools: Input[Sequence[Input[str]]] | None = None,
        adopt_id: Input[str] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None:
        """Declare a workspace. Of what is left out here, beside the description, OpenRouter's choice stands.

        Args:
            resource_name: the resource's logical name.
            name: what people call it; default: the resource's name.
            slug: its part of an address, unique in the account; default: made of the resource's name.
            description: what it is for.
            default_text_model: the text model where a request names none.
            default_image_model: the image model where a request names none.
            default_provider_sort: `price`, `throughput`, `latency` or `exacto`.
            is_observability_io_logging_enabled: whether traffic is logged.
            is_observability_broadcast_enabled: whether traces are broadcast.
            is_data_discount_logging_enabled: whether data is shared for a discount.
            io_logging_sampling_rate: the share of requests that is logged, 0.0001 to 1.
            io_logging_api_key_ids: the numbers, not the hashes, of the keys whose traffic alone is logged.
            disabled_server_tools: OpenRouter's own tools, such as `openrouter:web_search`, that no request may invoke.
            adopt_id: the id or slug of an existing workspace to take over; name and slug then stay as they are,
                where they are left out.
            opts: Pulumi's resource options.
        """
        adopts = adopt_id is not None
        props = {
            "name": name if name is not None or adopts else resource_name,
            "slug": slug if slug is not None or adopts else slug_of(resource_name),
            "description": description,
            "default_text_model": default_text_model,
            "default_image_model": default_image_model,
            "default_provider_sort": default_provider_sort,
            "is_observability_io_logging_enabled": is_observability_io_logging_enabled,
            "is_observability_broadcast_enabled": is_observability_broadcast_enabled,
            "is_data_discount_logging_enabled": is_data_discount_logging_enabled,
            "io_logging_sampling_rate": io_logging_sampling_rate,
            "io_logging_api_key_ids": io_logging_api_key_ids,
            "disabled_server_tools": disabled_server_tools,
            "adopt_id": adopt_id,
        }
        self._declare(resource_name, props, opts)
