"""Where a credential may stand and where not: checks like those of checks.py, that know nothing of Pulumi."""

import re
from collections.abc import Iterator, Mapping

from ..api.scrub import holds_key

HOLDS_KEY = (
    "holds an OpenRouter key, which would be stored and shown with it: delete that key on OpenRouter, and take it out"
)
Steps = tuple[str, ...]
_VARIABLE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
_FILE = re.compile(r"file:(\S(?:.*\S)?)")


def check_no_credential(text: str) -> str:
    """Return the text; what is neither encrypted nor masked must not hold a key.

    Raises:
        ValueError: an OpenRouter key stands in it.
    """
    if holds_key(text):
        raise ValueError(HOLDS_KEY)
    return text


def check_secret(value: object) -> str:
    """Return a credential, whose place this is, as it is.

    Raises:
        ValueError: no text, or an empty one.
    """
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text that is not empty")
    return value


def check_key_value(value: object) -> str:
    """Return an OpenRouter key's value without the white space that pasting leaves at its ends.

    Raises:
        ValueError: no text, an empty one, or one with white space inside.
    """
    bare = check_secret(value).strip()
    if len(bare.split()) > 1:
        raise ValueError("must be the key's value alone, without spaces or line breaks in it: set it again")
    return bare


def places_of_keys(value: object) -> Iterator[Steps]:
    """Yield the steps to each text in a value that has an OpenRouter key in it, names of settings included."""
    rest: list[tuple[Steps, object]] = [((), value)]
    while rest:
        steps, each = rest.pop()
        if isinstance(each, str) and holds_key(each):
            yield steps
        elif isinstance(each, Mapping):
            yield from ((*steps, name) for name in each if isinstance(name, str) and holds_key(name))
            rest += [((*steps, str(name)), part) for name, part in each.items()][::-1]
        elif isinstance(each, list | tuple):
            rest += [((*steps, str(number)), part) for number, part in enumerate(each)][::-1]


def check_source(value: object) -> str:
    """Return where a value is read.

    Raises:
        ValueError: neither a variable nor a file.
    """
    if not isinstance(value, str) or not (_VARIABLE.fullmatch(value) or _FILE.fullmatch(value)):
        raise ValueError("must say where the value is read: env:VARIABLE or file:PATH, not the value itself")
    return check_no_credential(value)


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
