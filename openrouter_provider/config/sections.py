"""The sections of a service that stores have for themselves, by the stores that there are."""

from typing import Any

from pydantic import ConfigDict, Field, create_model

from ..stores.catalog import STORES
from .model import ConfigModel


class _InConfig(ConfigModel):
    """A store's own settings as the config spells them."""

    model_config = ConfigDict(populate_by_name=False)


def _sections() -> dict[str, type[ConfigModel]]:
    bases: dict[str, Any] = {name: (store.settings, _InConfig) for name, store in STORES.items() if store.settings}
    return {name: create_model(f"{name}Config", __base__=both) for name, both in bases.items()}


SECTIONS = _sections()
"""By store, the model of its section; a store without settings of its own has none."""


def with_sections(model: type[ConfigModel]) -> type[ConfigModel]:
    """Return a model that has the stores' sections beside its own settings."""
    fields: dict[str, Any] = {
        name: (section | None, Field(default=None, description=f"what only store {name} has"))
        for name, section in SECTIONS.items()
    }
    return create_model("WithSections", __base__=model, **fields)
