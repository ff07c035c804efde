"""A store that only a test has, whole in one file: a folder of files, whose names have no slashes."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from openrouter_provider.stores.contract import Problems, ServiceSettings, Store, StoreSettings
from openrouter_provider.stores.value import ENVIRONMENTS_ACCESS, Access, SecretUnreadable, StoredValue, StoreReading

if TYPE_CHECKING:
    from pulumi import Output, Resource, ResourceOptions

    from openrouter_provider.stores.declaration import Declare, StoredSecret
    from openrouter_provider.stores.secret_args import SecretArgs

BOOK, CARD = "shelf:index:Book", "shelf:index:LibraryCard"


class ShelfSettings(StoreSettings):
    """What only a shelf has."""

    room: str = Field(default="hall", description="where it stands")
    card_of: str | None = Field(default=None, description="who may read")


def declare(
    name: str, wish: "SecretArgs", value: "Output[str]", key: "Resource", opts: "ResourceOptions"
) -> "StoredSecret":
    """Declare a book and, where the settings name somebody, a library card."""
    from pulumi import CustomResource, Output, ResourceOptions  # noqa: PLC0415 - for programs only

    from openrouter_provider.stores.declaration import StoredSecret  # noqa: PLC0415 - for programs only

    own = wish.settings_as(ShelfSettings)
    path = f"{own.room}/{wish.secret_name}"
    after_key = ResourceOptions.merge(opts, ResourceOptions(depends_on=[key]))
    book = CustomResource(BOOK, name, {"path": path, "text": value}, after_key)
    card = CustomResource(CARD, name, {"path": path, "reader": own.card_of}, opts) if own.card_of else None
    reference, title = Output.concat("shelf:", path), Output.from_input(wish.secret_name)
    return StoredSecret("shelf", book, book, card, reference, title, book.id)


def _load() -> "Declare":
    return declare


def _read(reference: str, access: Access = ENVIRONMENTS_ACCESS) -> StoredValue:
    del access
    try:
        return StoredValue.of("1", Path(reference.removeprefix("shelf:")).read_text(encoding="utf-8"))
    except OSError as error:
        raise SecretUnreadable(f"the shelf has no such book: {type(error).__name__}", gone=True) from None


def _locate(book: Mapping[str, Any]) -> tuple[str, str]:
    return f"shelf:{book['path']}", "1"


def _problems(settings: ServiceSettings) -> Problems:
    if "/" in str(settings.get("secretName") or ""):
        yield "secretName", "must be a name without slashes in store shelf"


STORE = Store(
    load=_load,
    reading=StoreReading(
        store="shelf",
        scheme="shelf",
        secret=BOOK,
        value=BOOK,
        readers=CARD,
        watched={CARD: ("reader",)},
        locate=_locate,
        read=_read,
        permission="a library card",
        heal=lambda urn: f"pulumi up --replace '{urn}'",
    ),
    package="shelf-client",
    settings=ShelfSettings,
    problems=_problems,
    secret_name=lambda name: re.sub("/", "-", name),
    readers="shelf.cardOf",
    readers_are="the person",
)
