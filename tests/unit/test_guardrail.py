"""Content filters: one spelling for the wish and for what the API answers."""

from typing import Any

import pytest
from pulumi.runtime.rpc import UNKNOWN

from openrouter_provider.api.guardrail_models import GuardrailRecord
from openrouter_provider.resources.fields import shown
from openrouter_provider.resources.guardrail import GuardrailProvider, check_builtins

EMAIL = {"slug": "email", "action": "redact"}
INJECTION = {"slug": "regex-prompt-injection", "action": "block"}
Props = dict[str, Any]


@pytest.mark.parametrize(
    ("wish", "kept"),
    [
        ([INJECTION, EMAIL], [EMAIL, {**INJECTION, "scan_scope": "all_messages"}]),
        ([{**INJECTION, "scan_scope": "user_only"}], [{**INJECTION, "scan_scope": "user_only"}]),
        ([{**EMAIL, "scan_scope": "user_only"}], [EMAIL]),
        ([{"slug": UNKNOWN, "action": "block"}], [{"slug": UNKNOWN, "action": "block"}]),
    ],
)
def test_builtin_filters_have_one_spelling(wish: list[Props], kept: list[Props]) -> None:
    """In the order of their slugs; only the one against injections has a scope, which has a default."""
    assert check_builtins(wish) == kept


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ([EMAIL, EMAIL], "each builtin filter once"),
        ([{**EMAIL, "slug": "e-mail"}], r"\[0\].slug must be email, "),
        ([{**EMAIL, "label": "[EMAIL]"}], "must have only slug, action, scan_scope"),
    ],
)
def test_wrong_builtin_filters_are_explained(wish: list[Props], said: str) -> None:
    """A label is the API's own and can't be wished."""
    with pytest.raises(ValueError, match=said):
        check_builtins(wish)


def test_what_the_api_answers_is_spelled_as_a_wish() -> None:
    """Labels that it assigns are left out, empty collections are none, and sets are sorted."""
    record = GuardrailRecord.model_validate(
        {
            "id": "g1",
            "name": "x",
            "description": "",
            "allowed_models": ["b", "a"],
            "ignored_providers": [],
            "content_filters": [{"pattern": "x", "action": "block", "label": None}],
            "content_filter_builtins": [{**INJECTION, "scan_scope": "all_messages", "label": "[X]"}, EMAIL],
        }
    )
    seen = shown(GuardrailProvider.fields, record)
    assert seen["allowed_models"] == ["a", "b"]
    assert (seen["description"], seen["ignored_providers"]) == (None, None)
    assert seen["content_filters"] == [{"pattern": "x", "action": "block"}]
    assert seen["content_filter_builtins"] == check_builtins([INJECTION, EMAIL])
