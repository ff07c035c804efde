"""What a service finds in its secret."""

import json
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrouter_provider.stores.payload import key_in, secret_value

URL = "https://openrouter.ai/api/v1"
keys = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1)


def test_json_holds_the_variables_of_a_client() -> None:
    """Key and endpoint always, the app's address and title where they are set."""
    assert json.loads(secret_value("value", "json", URL)) == {"OPENROUTER_API_KEY": "value", "OPENROUTER_BASE_URL": URL}
    full = json.loads(secret_value("value", "json", URL, "https://shop.example.com", "Shop"))
    assert full["OPENROUTER_APP_URL"] == "https://shop.example.com"
    assert full["OPENROUTER_APP_TITLE"] == "Shop"


def test_plain_is_the_key_alone() -> None:
    """The plain format has nothing around the key."""
    assert secret_value("value", "plain", URL, "https://shop.example.com", "Shop") == "value"


def test_the_same_wish_is_the_same_text() -> None:
    """The text's order is fixed, so that nothing changes without a change."""
    assert list(json.loads(secret_value("v", "json", URL, "u", "t"))) == sorted(
        ["OPENROUTER_API_KEY", "OPENROUTER_APP_TITLE", "OPENROUTER_APP_URL", "OPENROUTER_BASE_URL"]
    )


@given(keys, st.sampled_from(["json", "plain"]), st.text(), st.text())
def test_the_key_reads_back(key: str, format_: Literal["json", "plain"], app_url: str, title: str) -> None:
    """What was stored in either format is found again."""
    assert key_in(secret_value(key, format_, URL, app_url, title)) == key


@pytest.mark.parametrize(
    "text",
    ["", "  ", "{", "{}", '{"OPENROUTER_API_KEY": ""}', '{"OPENROUTER_API_KEY": 5}', '{"OPENROUTER_API_KEY": null}'],
)
def test_a_text_without_a_key_has_none(text: str) -> None:
    """An empty text, broken JSON and JSON without the field hold no key."""
    assert key_in(text) is None


def test_a_text_nested_too_deep_holds_no_key() -> None:
    """A value that no JSON reader takes is one without a key, not a crash."""
    assert key_in('{"a":' * 12000) is None
