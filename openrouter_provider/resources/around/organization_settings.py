"""What an organisation has set for itself as a resource: there is one of it.

API: https://openrouter.ai/docs/api-reference/organization
"""

from collections.abc import Mapping
from typing import Any

from pulumi import Input, Output, ResourceOptions
from pydantic import Field as WireField

from ...api.errors import NotFound
from ...api.models import NamedRecord
from ...api.objects.verbs import ObjectPlace
from ...api.scrub import printable
from ...keys.checks import check_flag
from ...keys.fields import Field, Props
from ..declared import RecordResource
from ..values.restored import RestoredProvider


class OrganizationSettingsRecord(NamedRecord):
    """The settings of the management key's organisation; their id is the organisation's."""

    is_filtered_model_catalog_enabled: bool = WireField(description="Whether a listing of models has only usable ones")


PLACE = ObjectPlace("/organization/settings", "the organisation's settings", OrganizationSettingsRecord)


class OrganizationSettingsProvider(RestoredProvider):
    """The life cycle of an organisation's settings."""

    what = "organisation's settings"
    fields = (Field("is_filtered_model_catalog_enabled", check_flag, required=True),)

    def whose(self, props: Mapping[str, Any]) -> str:
        """Return the organisation's id, which the management key decides."""
        del props
        return self.session.client.read_only_one(PLACE).id

    def fetch(self, id_: str, props: Mapping[str, Any]) -> OrganizationSettingsRecord:
        """Read the settings; those of another organisation than the management key's aren't found."""
        del props
        record = self.session.client.read_only_one(PLACE)
        if record.id != id_:
            message = f"reading {PLACE.what}: the management key belongs to another organisation than {printable(id_)}"
            raise NotFound(404, "GET", PLACE.path, None, message)
        return record

    def change(
        self, id_: str, changes: Props, olds: Mapping[str, Any], news: Mapping[str, Any]
    ) -> OrganizationSettingsRecord:
        """PATCH the changed settings."""
        del id_, olds, news
        return self.session.client.change_object(PLACE, None, changes)


class OrganizationSettings(RecordResource, module="openrouter", name="OrganizationSettings"):
    """The settings of the organisation that the management key belongs to; its id is the organisation's.

    Declare it once, in one stack. Its deletion puts back what was set before this resource took them.
    """

    provider_class = OrganizationSettingsProvider

    is_filtered_model_catalog_enabled: Output[bool]
    before: Output[dict[str, Any]]

    def __init__(
        self,
        resource_name: str,
        *,
        is_filtered_model_catalog_enabled: Input[bool],
        opts: ResourceOptions | None = None,
    ) -> None:
        """Declare the organisation's settings.

        Args:
            resource_name: the resource's logical name.
            is_filtered_model_catalog_enabled: whether a listing of the models, asked for with one of the organisation's
                keys, has only those that the key can use.
            opts: Pulumi's resource options.
        """
        self._declare(resource_name, {"is_filtered_model_catalog_enabled": is_filtered_model_catalog_enabled}, opts)
