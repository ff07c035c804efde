"""The search for credentials finds what is planted: without that, finding nothing would show nothing."""

import base64
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.faults.leak_search import holds

MADE_UP = "sk-or-v1-" + "0f1e2d3c4b5a6978" * 4
ALIGNMENTS = ("", "a", "ab")
CUTS = (slice(None), slice(0, 40), slice(30, None))


@pytest.mark.parametrize(
    "write",
    [
        str.encode,
        lambda text: base64.b64encode(text.encode()),
        lambda text: base64.urlsafe_b64encode(text.encode()).rstrip(b"="),
        lambda text: quote(text, safe="").encode(),
        lambda text: "".join(f"%{byte:02x}" for byte in text.encode()).encode(),
        lambda text: quote(base64.b64encode(text.encode()), safe="").encode(),
    ],
    ids=["plain", "base64", "URL-safe base64", "URL-encoded", "percent-encoded", "URL-encoded base64"],
)
@pytest.mark.parametrize("secret", [MADE_UP, "~?>/ü+" * 12], ids=["a key", "one that every encoding changes"])
def test_search_finds_a_planted_secret(write: Callable[[str], bytes], secret: str) -> None:
    """A planted secret is found in every form, at every alignment, also when an end of it is missing."""
    texts = [f"{around}{secret[cut]}{around}" for around in ALIGNMENTS for cut in CUTS]
    sought = ["another " * 8, secret]
    assert [text for text in texts if not holds(b'{"log": "' + write(text) + b'"}', sought)] == []


def test_search_passes_over_what_may_be_shown() -> None:
    """A key's label, the beginning that labels share and another key are no finds."""
    other = MADE_UP[:9] + "a" * 64
    assert not holds(f"{MADE_UP[:12]}...{MADE_UP[-3:]} {MADE_UP[:20]} {other}", [MADE_UP])
