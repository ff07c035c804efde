"""Makes text from elsewhere fit for a message: one line, printable, short and without secrets."""

import json
import re
import unicodedata
from collections.abc import Iterable

DEFAULT_LENGTH = 160

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Categories that a terminal acts on or hides: controls, bidi and zero-width marks, line separators."""

_TERMINAL_ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.?", re.DOTALL)
_SECRETS = (
    (re.compile(r"(?i)sk-or-[^\s\"'<>,;]*"), "sk-or-…"),
    (re.compile(r"(?i)\bsk-[a-z0-9_-]{8,}"), "sk-…"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"'<>,;]+"), r"\1 …"),
    (re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{8,}"), r"\1…"),
    (re.compile(r"[A-Za-z0-9+/_=-]{32,}"), "…"),
)


def printable(text: str, *, length: int = DEFAULT_LENGTH) -> str:
    """Return the text on one line, cut to a length, without anything a terminal would act on.

    Meant for names: it keeps what a person needs to recognise them. Use scrub for what may hold a secret.

    Args:
        text: Any text, also one with lone surrogates.
        length: The most characters to return, the ellipsis included.
    """
    bounded = _TERMINAL_ESCAPE.sub("", text[: length * 8])
    spaced = "".join(" " if char in "\t\n\r\v\f\x85\u2028\u2029" else char for char in bounded)
    seen = "".join(char for char in spaced if unicodedata.category(char) not in _UNSEEN)
    joined = " ".join(seen.split())
    return joined if len(joined) <= length else joined[: length - 1] + "…"


def scrub(text: str, *, secrets: Iterable[str] = (), length: int = DEFAULT_LENGTH) -> str:
    """Return remote text in printable form, with everything that looks like a credential taken out.

    Args:
        text: Text written by a server, a proxy or a library.
        secrets: Values known to be secret, whatever they look like.
        length: The most characters to return.
    """
    spelled = {spelling for secret in secrets for spelling in _spellings(secret)}
    # Before it is cut, since a key file is long, and again, since what a terminal hides may have stood in a secret.
    clean = _without(printable(_without(text, spelled), length=max(length * 4, 2000)), spelled)
    for pattern, replacement in _SECRETS:
        clean = pattern.sub(replacement, clean)
    return clean if len(clean) <= length else clean[: length - 1] + "…"


def _spellings(secret: str) -> set[str]:
    """Return a secret as it is, on one line, and as it stands in JSON; a vendor's key may be a whole file."""
    return {secret, " ".join(secret.split()), json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}


def _without(text: str, spelled: Iterable[str]) -> str:
    for spelling in sorted(filter(None, spelled), key=len, reverse=True):
        text = text.replace(spelling, "…")
    return text


def spelled_out(text: str) -> str:
    """Return the text with each character that a terminal acts on or hides written as Python would write it.

    Meant for what Pulumi stores and prints itself: unlike `printable` it drops nothing, so that a difference stays one.
    """
    return "".join(_escaped(char) if unicodedata.category(char) in _UNSEEN else char for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode()


def quoted_name(name: str) -> str:
    """Return a key's name in printable form and in quotes, for a message."""
    return f"'{printable(name, length=200)}'"
