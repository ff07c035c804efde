"""The search for a credential in any spelling, whole or in halves."""

import base64
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes


def pieces(secret: str) -> list[bytes]:
    """Return both halves of a secret: whoever prints it whole, cut or wrapped once prints one of them."""
    middle = len(secret) // 2
    return [secret[:middle].encode(), secret[middle:].encode()]


def spellings(piece: bytes) -> Iterator[bytes]:
    """Yield a piece as it is, and the part of its base64 that what stands around it can't change, three ways."""
    yield piece
    for shift in range(3):
        whole = (shift + len(piece)) // 3 * 4
        encoded = base64.b64encode(b"\0" * shift + piece)[-(-shift * 8 // 6) : whole]
        yield from {encoded, encoded.replace(b"+", b"-").replace(b"/", b"_")}


def holds(text: bytes | str, secrets: list[str]) -> bool:
    """Whether a text holds a secret or half of one, plain or in base64, each also under any URL-encoding."""
    raw = text.encode() if isinstance(text, str) else text
    sought = [spelling for secret in secrets for piece in pieces(secret) for spelling in spellings(piece)]
    return any(spelling in readable for readable in (raw, unquote_to_bytes(raw)) for spelling in sought)
