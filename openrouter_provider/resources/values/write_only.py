"""A value that no state has: the program says where it is read, and a token decides when it is sent.

What a program gives to a resource is kept in the state, encrypted at best. So the program gives a place instead, and
the provider reads that in the moment of the call. Whether the value is another one by now can't be seen; who changed
it changes the token with it.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...api.errors import ConfigurationError
from ...keys.credential_checks import check_no_credential

_VARIABLE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
_FILE = re.compile(r"file:(\S(?:.*\S)?)")
LARGEST_FILE = 65536
"""More bytes than any credential has: Google's service accounts are files of some 2,400."""


def check_source(value: object) -> str:
    """Return where a value is read.

    Raises:
        ValueError: neither a variable nor a file.
    """
    if not isinstance(value, str) or not (_VARIABLE.fullmatch(value) or _FILE.fullmatch(value)):
        raise ValueError("must say where the value is read: env:VARIABLE or file:PATH, not the value itself")
    return check_no_credential(value)


def read_source(setting: str, source: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return the value that stands in a variable or a file now, without a line break at its end.

    Args:
        setting: what names the place, for messages.
        source: the place, checked before.
        environment: the variables of the provider's process, which are those of `pulumi`.

    Raises:
        ConfigurationError: there is nothing there.
    """
    kind, _, place = source.partition(":")
    value = environment.get(place, "") if kind == "env" else _text_of(setting, place)
    if not value.strip():
        raise ConfigurationError(
            f"{setting} {source}: it is empty or not there where Pulumi runs; the value was not sent: provide it, or "
            "leave the version as it was (docs/errors.md#write-only-values)"
        )
    return value.removesuffix("\n").removesuffix("\r")


def _text_of(setting: str, path: str) -> str:
    try:
        with Path(path).expanduser().open(encoding="utf-8") as file:
            return file.read(LARGEST_FILE)
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{setting} file:{path}: can't be read ({type(error).__name__}): correct the path or its permissions "
            "(docs/errors.md#write-only-values)"
        ) from None


def source_and_version(settings: Mapping[str, object], source: str, version: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a place and its token together.

    Args:
        settings: where the two stand.
        source: the name of the place there.
        version: the name of the token.
    """
    if settings.get(source) is not None and settings.get(version) is None:
        yield version, f"is missing: {source} needs a token, such as 1; another token sends the value again"
    if settings.get(version) is not None and settings.get(source) is None:
        yield source, f"is missing: {version} decides when a value is sent that is read from there"
