"""What is shown of remote text, credentials and addresses."""

import json
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.credentials import check_base_url, check_credential, foreign_hint
from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.api.models import CreatedKey, ModelRecord
from openrouter_provider.api.scrub import holds_key, printable, scrub, spelled_out, without_keys
from tests.unit.api_fixtures import CANARY


def _is_plain(text: str) -> bool:
    return all(unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in text)


@given(st.text(max_size=400))
def test_printable(text: str) -> None:
    """Any text becomes one short line that a terminal doesn't act on."""
    shown = printable(text, length=50)
    assert _is_plain(shown)
    assert len(shown) <= 50


@given(st.text(st.characters(codec=None), max_size=100), st.text(st.characters(codec=None), max_size=100))
def test_spelled_out_is_plain_and_tells_texts_apart(one: str, other: str) -> None:
    """What a terminal acts on is written, not dropped, so that two texts without backslashes stay two."""
    one, other = one.replace("\\", "/"), other.replace("\\", "/")
    assert _is_plain(spelled_out(one))
    assert (spelled_out(one) == spelled_out(other)) is (one == other)


@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from(["", "\x00", "\u202e", "\x1b[1m", "\u200b"]))
def test_scrub_hides_keys(left: str, right: str, hidden: str) -> None:
    """A key inside any text, also one with invisible characters in its middle, is taken out."""
    key = CANARY[:20] + hidden + CANARY[20:]
    shown = scrub(f"{left} {key} {right}", length=1000)
    assert CANARY[9:30] not in shown
    assert _is_plain(shown)


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(["", "\x00", "\u202e", "\x1b[1m", "\u200b"]))
@example("\x1b", "", "")
@example("\x1b[", "", "")
@example("\x1b[1;2", "", "\x00")
def test_a_key_within_a_name_is_masked(left: str, right: str, hidden: str) -> None:
    """Whatever surrounds it and whatever unseen stands in it, no key is left in what is stored, printed or compared."""
    text = f"{left}{CANARY[:20]}{hidden}{CANARY[20:]}{right}"
    masked = without_keys(text)
    assert not holds_key(masked)
    assert all(CANARY[9:30] not in shown for shown in (masked, printable(masked, length=1000), printable(text)))


@given(st.text(max_size=60) | st.from_regex(r"(acme/|de)?sk-or-[a-z0-9-]{0,20}", fullmatch=True))
def test_a_text_without_a_key_stays_as_it_is(text: str) -> None:
    """What a resource accepts as a name is never masked, so that a masked name always differs from every wish."""
    assert (without_keys(text) == text) is not holds_key(text)


def test_answers_are_masked_where_they_are_read() -> None:
    """A name and a description that hold a key are masked in the record; a new key's own value is not."""
    assert ModelRecord(id="m", name=f"see {CANARY}").name == "see sk-or-…"
    record = {"hash": "h", "name": CANARY, "label": "sk-or-v1-can...ary", "disabled": False, "limit": None}
    created = CreatedKey.model_validate({"record": {**record, "created_at": "2027-01-01T00:00:00Z"}, "key": CANARY})
    assert (created.record.name, created.record.label) == ("sk-or-…", "sk-or-v1-can...ary")
    assert created.key.get_secret_value() == CANARY


@given(st.text(alphabet="abcXYZ019-._", min_size=8, max_size=60))
def test_scrub_hides_known_secrets(secret: str) -> None:
    """A known secret is taken out whatever it looks like."""
    assert secret not in scrub(f"your key {secret} is wrong", secrets=(secret,))


@pytest.mark.parametrize("spelled", [str, lambda text: " ".join(text.split()), json.dumps], ids=["raw", "line", "json"])
def test_scrub_hides_a_key_file(spelled: Callable[[str], str]) -> None:
    """A vendor's key may be a file of several lines, longer than what is shown, and come back in another spelling."""
    secret = "{\n" + "".join(f'  "part{number}": "hush  hush",\n' for number in range(200)) + "}"
    shown = scrub(f"invalid: {spelled(secret)} was given", secrets=(secret,))
    assert "hush" not in shown
    assert shown.endswith("was given")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("User not found.", "User not found."),
        ("a\r\nb\u2028c", "a b c"),
        ("\x1b]0;title\x07x\x1b[31mred", "xred"),
        ("\u202egnp.exe", "gnp.exe"),
        ("Bearer abc.def", "Bearer …"),
        ("key AKIAABCDEFGHIJKLMNOP", "key AKIA…"),
    ],
)
def test_scrub_examples(text: str, shown: str) -> None:
    """Harmless words stay and the rest goes."""
    assert scrub(text) == shown


@pytest.mark.parametrize("value", ["", " ", "\n", "a b", "a\tb", "a\nb", "ä", "a\x00", "\ufeffsk-or-v1-x", " x"])
def test_bad_credentials(value: str) -> None:
    """A credential that can't be a header is refused before any call."""
    with pytest.raises(ConfigurationError):
        check_credential(value)


def test_bad_credential_is_not_shown() -> None:
    """The refusal of a credential doesn't show it."""
    with pytest.raises(ConfigurationError) as caught:
        ManagementClient(CANARY + " x")
    assert CANARY not in f"{caught.value!r}"


@pytest.mark.parametrize("value", ["sk-or-v1-x", "anything", "sk-or-v1-x\n", "sk-or-v1-x\r\n"])
def test_good_credentials(value: str) -> None:
    """A value of unfamiliar form is accepted, and the newline of a file is dropped."""
    assert check_credential(value) == value.strip()


@pytest.mark.parametrize(
    "url",
    [
        "http://openrouter.ai/api/v1",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://0.0.0.0:1",
        "http://10.0.0.1",
        "http://[::2]/",
        "https://user:pass@openrouter.ai",
        "http://127.0.0.1@evil.example/",
        "https://openrouter.ai/?x=1",
        "https://openrouter.ai/#x",
        "ftp://openrouter.ai",
        "openrouter.ai/api/v1",
        "https://",
        "",
        "https://[",
        "https://a:99999999",
    ],
)
def test_bad_addresses(url: str) -> None:
    """An address that would show the credential, or isn't one, is refused."""
    with pytest.raises(ConfigurationError):
        check_base_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://openrouter.ai/api/v1",
        "http://127.0.0.1:80/x",
        "http://127.9.9.9",
        "http://[::1]:8",
        "http://LOCALHOST:1",
    ],
)
def test_good_addresses(url: str) -> None:
    """HTTPS anywhere and plain HTTP to loopback are accepted."""
    assert check_base_url(url + "/").lower() == check_base_url(url).lower()


@pytest.mark.parametrize(
    ("credential", "hint"),
    [
        ("sk-or-v1-abc", ""),
        ("sk-ant-api03-" + "x" * 40, "sk-ant…"),
        ("sk-proj-" + "x" * 40, "sk-pro…"),
        ("AKIA" + "X" * 16, "AKIA…"),
        ("q" * 40, "qqqqqq…"),
        ("qwertyuiop", "otherwise"),
    ],
)
def test_foreign_hint(credential: str, hint: str) -> None:
    """A foreign key is named by six characters at most, a short one by none."""
    shown = foreign_hint(credential)
    assert hint in shown
    assert not credential.startswith("q") or credential[:7] not in shown
