"""Makes text from elsewhere fit for a message: one line, printable, short and without secrets."""

import json
import re
import unicodedata
from collections.abc import Iterable

DEFAULT_LENGTH = 160

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Categories that a terminal acts on or hides: controls, bidi and zero-width marks, line separators."""

_TERMINAL_ESCAPE = re.compile(
    r"\x1b\[[0-?]*[ -/]*(?!(?i:sk-or-))[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b", re.DOTALL
)
"""It never takes the first letter of a key: what is left of that would no longer look like one."""
MASKED_KEY = "sk-or-…"
_OWN_KEY = re.compile(
    r"(?i)sk-or-(?:v[0-9]+|mgmt)-[a-z0-9_-]{8,}|(?<![a-z0-9])sk-or-[a-z0-9_-]{16,}",
)
"""An OpenRouter key as people paste it anywhere; long enough that neither a label, which is a masked key, nor a word
such as desk-or-table is one."""

_SECRETS = (
    (re.compile(r"(?i)sk-or-[^\s\"'<>,;]*"), "sk-or-…"),
    (re.compile(r"(?i)\bsk-[a-z0-9_-]{8,}"), "sk-…"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"'<>,;]+"), r"\1 …"),
    (re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{8,}"), r"\1…"),
    (re.compile(r"[A-Za-z0-9+/_=-]{32,}"), "…"),
)


def printable(text: str, *, length: int = DEFAULT_LENGTH) -> str:
    """Return the text on one line, cut to a length, without anything a terminal would act on.

    Meant for names: it keeps what a person needs to recognise them, and masks a key that somebody pasted as one. Use
    scrub for what may hold another secret.

    Args:
        text: Any text, also one with lone surrogates.
        length: The most characters to return, the ellipsis included.
    """
    bounded = _TERMINAL_ESCAPE.sub("", text[: length * 8])
    spaced = "".join(" " if char in "\t\n\r\v\f\x85\u2028\u2029" else char for char in bounded)
    seen = "".join(char for char in spaced if unicodedata.category(char) not in _UNSEEN)
    joined = without_keys(" ".join(seen.split()))
    return joined if len(joined) <= length else joined[: length - 1] + "…"


def holds_key(text: str) -> bool:
    """Return whether an OpenRouter key stands anywhere in the text, also with what a terminal hides in its middle."""
    if text.isprintable():
        return bool(_OWN_KEY.search(text))
    return bool(_OWN_KEY.search(text) or _OWN_KEY.search(_without_unseen(text)))


def without_keys(text: str) -> str:
    """Return the text with each OpenRouter key in it masked; one that holds none stays as it is, escapes and all.

    Meant for names and descriptions that people type into OpenRouter, and for whatever else is stored and printed
    as it came. What a resource accepts as a name is never changed by this, so that a masked name is always drift.
    """
    if not holds_key(text):
        return text
    return _OWN_KEY.sub(MASKED_KEY, text if text.isprintable() else _without_unseen(text))


def _without_unseen(text: str) -> str:
    return "".join(char for char in _TERMINAL_ESCAPE.sub("", text) if unicodedata.category(char) not in _UNSEEN)


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
