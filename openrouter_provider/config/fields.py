"""The checks of single config values: each returns the normalised value or says what is wrong and how to mend it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, create_model

from ..keys.allowed.prices import check_slug
from ..keys.checks import (
    DATA_REGIONS,
    check_hash,
    check_instant,
    check_limit,
    check_limit_reset,
    check_positive_limit,
    check_printable,
    check_provider,
    check_share,
    check_text,
    one_of,
    slug_up_to,
    text_up_to,
)
from ..keys.credential_checks import check_key_value, check_source
from ..keys.list_checks import check_builtins, check_filters, check_numbers, check_regions, check_tools
from ..keys.naming import SLUG_LENGTH
from ..keys.schedule import format_instant, parse_duration
from ..stores.catalog import STORES
from ..stores.external import ExternalSecretSettings
from .parsing import ConfigModel, is_name


class _InConfig(ConfigModel):
    """A store's own settings as the config spells them."""

    model_config = ConfigDict(populate_by_name=False)


class ExternalSecretConfig(ExternalSecretSettings, _InConfig):
    """Where the External Secrets Operator copies a service's secret to, as the config spells it."""


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


_SECRET_NAME = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
_WITH_OFFSET = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.\d+)? ?([+-]\d{2}):?(\d{2})(?: (?:[A-Za-z]{1,6}|[+-]\d{2,4}))?"
)
"""An instant in any zone, as people write it and as Pulumi spells a YAML timestamp: 2027-01-01 00:00:00 +0000 UTC."""

PATTERN_LENGTH = 200
MIN_RECOVERY_DAYS, MAX_RECOVERY_DAYS = 7, 30


_slug = slug_up_to(SLUG_LENGTH)
_bounded_pattern = text_up_to(PATTERN_LENGTH)


def _label(value: object) -> str:
    if not is_name(value):
        raise ValueError("must be up to 63 letters, digits, . _ - (a letter or digit first)")
    return str(value)


def _duration(value: object) -> str:
    text = value if isinstance(value, str) else ""
    parse_duration(text)
    return text.strip()


def _instant(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    match = _WITH_OFFSET.fullmatch(text)
    return check_instant(_in_utc("{}T{}{}:{}".format(*match.groups())) if match else text)


def _in_utc(text: str) -> str:
    try:
        return format_instant(datetime.fromisoformat(text).astimezone(UTC))
    except (ValueError, OverflowError):
        raise ValueError("is not a date that exists, like 2027-12-31T23:59:59Z") from None


def _text(value: object) -> str:
    if isinstance(value, bool | float):
        raise ValueError("must be a text: put it in quotes, or set it with `pulumi config set --type string`")
    return check_text(value)


def _secret_name(value: object) -> str:
    if not isinstance(value, str) or not _SECRET_NAME.fullmatch(value):
        raise ValueError("must be 1 to 512 of the characters A-Z a-z 0-9 / _ + = . @ -")
    return value


def _recovery_window(value: object) -> int:
    valid = isinstance(value, int) and not isinstance(value, bool)
    if not valid or not (value == 0 or MIN_RECOVERY_DAYS <= int(str(value)) <= MAX_RECOVERY_DAYS):
        raise ValueError("must be 0 (delete at once) or 7 to 30 days")
    return int(str(value))


def _url(value: object) -> str:
    text = _printable(value)
    try:
        parts = urlsplit(text)
    except ValueError:  # Its message quotes the value.
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a URL like https://checkout.example.com")
    if not text.isascii() or " " in text:
        raise ValueError("must be ASCII, as it is sent in a header: a host as xn--NAME, other characters as %XX")
    return text


def _header_text(value: object) -> str:
    # HTTP libraries refuse to send such a header, each in its own way, or send something else.
    text = _printable(value)
    if not text.isascii() or text != text.strip():
        raise ValueError("must be ASCII without spaces at its ends, as it is sent in a header: spell accents out")
    return text


def _printable(value: object) -> str:
    return check_printable(_text(value))


def _workspace_id(value: object) -> str:
    try:
        return str(UUID(check_text(value)))
    except ValueError:
        raise ValueError("must be a workspace's UUID") from None


def _id(value: object) -> str:
    try:
        return str(UUID(check_text(value)))
    except ValueError:
        raise ValueError("must be an id, like 0df9e665-d932-5740-b2c7-b52af166bc11") from None


def _adopted(value: object) -> str:
    try:
        return _slug(value)
    except ValueError:
        raise ValueError("must be the id or the slug of an existing workspace") from None


def _pattern(value: object) -> str:
    text = _bounded_pattern(value)
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError):  # Its message may quote the pattern.
        raise ValueError("must be a regular expression, like [a-z]+(-[a-z]+)*") from None
    return text


def _among(check: Callable[[Any], Any]) -> BeforeValidator:
    """Return a validator of what is a list in its check and a tuple in its model."""

    def validate(value: object) -> tuple[Any, ...] | None:
        try:
            return None if value is None else tuple(check(value))
        except RecursionError:
            raise ValueError("must be a list, and not of lists in lists") from None

    return BeforeValidator(validate)


def _texts(value: object) -> object:
    if value == []:
        raise ValueError("must name one at least; leave it out for no restriction")
    return value


def _optional(check: Callable[[Any], Any]) -> BeforeValidator:
    return BeforeValidator(lambda value: None if value is None else check(value))


Limit = Annotated[float | None, _optional(check_limit)]
LimitReset = Annotated[str | None, _optional(check_limit_reset)]
InstantText = Annotated[str | None, _optional(_instant)]
Duration = Annotated[str, BeforeValidator(_duration)]
OptionalDuration = Annotated[str | None, _optional(_duration)]
Hash = Annotated[str, BeforeValidator(check_hash)]
SecretName = Annotated[str | None, _optional(_secret_name)]
RecoveryWindow = Annotated[int | None, _optional(_recovery_window)]
Url = Annotated[str | None, _optional(_url)]
HeaderText = Annotated[str | None, _optional(_header_text)]
Printable = Annotated[str | None, _optional(_printable)]
WorkspaceId = Annotated[str | None, _optional(_workspace_id)]
OptionalId = Annotated[str | None, _optional(_id)]
Slug = Annotated[str | None, _optional(_slug)]
Adopted = Annotated[str | None, _optional(_adopted)]
Provider = Annotated[str, BeforeValidator(check_provider)]
Budget = Annotated[float | None, _optional(check_positive_limit)]
Pattern = Annotated[str | None, _optional(_pattern)]
Title = Annotated[str | None, _optional(text_up_to(100, _printable))]
ShortText = Annotated[str | None, _optional(text_up_to(500, _printable))]
LongText = Annotated[str | None, _optional(text_up_to(1000, _printable))]
KeyValue = Annotated[str, BeforeValidator(check_key_value)]
Name = Annotated[str | None, _optional(_text)]
"""The name of another section's entry; whether there is one is checked once all sections are read."""

Label = Annotated[str | None, _optional(_label)]
"""A text that every store's tags and labels can hold."""

Names = tuple[Annotated[str, BeforeValidator(_text)], ...]
ValueSource = Annotated[str | None, _optional(check_source)]
Region = Annotated[str | None, _optional(one_of(*DATA_REGIONS))]
Regions = Annotated[tuple[str, ...] | None, _among(check_regions)]
Tools = Annotated[tuple[str, ...] | None, _among(check_tools)]
Share = Annotated[float | None, _optional(check_share)]
KeyNumbers = Annotated[tuple[int, ...] | None, _among(check_numbers)]
ContentFilters = Annotated[tuple[Any, ...] | None, _among(check_filters)]
BuiltinFilters = Annotated[tuple[Any, ...] | None, _among(check_builtins)]
Texts = Annotated[tuple[Annotated[str, BeforeValidator(_printable)], ...] | None, BeforeValidator(_texts)]
Slugs = Annotated[tuple[Annotated[str, BeforeValidator(check_slug)], ...] | None, BeforeValidator(_texts)]
"""Models that are there to be called; whether OpenRouter offers them is asked once all sections are read."""
