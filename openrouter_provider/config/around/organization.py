"""The section of what the organisation sets for itself."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import Field, StrictBool

from .section import AroundConfig, Section


class OrganizationConfig(AroundConfig):
    """The settings of the management key's organisation."""

    called: ClassVar[Mapping[str, str]] = {"filtered_model_catalog": "is_filtered_model_catalog_enabled"}

    filtered_model_catalog: StrictBool | None = Field(default=None, description="list only models that a key can use")

    @classmethod
    def wrong_together(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield what is missing, and what an organisation isn't in."""
        if settings.get("filteredModelCatalog") is None:
            yield "filteredModelCatalog", "is missing: true or false"
        if settings.get("workspace") is not None:
            yield "workspace", "must be left out: the settings are the whole organisation's"


SECTION = Section(
    "organization", "OrganizationSettings", OrganizationConfig, "{filteredModelCatalog: true}", single=True
)
