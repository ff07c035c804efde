"""A value that no state has: the program says where it is read, and a token decides when it is sent.

What a program gives to a resource is kept in the state, encrypted at best. So the program gives a place instead, and
the provider reads that in the moment of the call. Whether the value is another one by now can't be seen; who changed
it changes the token with it.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from ...api.errors import ConfigurationError

LARGEST_FILE = 65536
"""More bytes than any credential has: Google's service accounts are files of some 2,400."""


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
