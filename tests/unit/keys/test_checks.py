"""What each kind of value may be, and what is said of the others."""

from collections.abc import Callable
from typing import Any

import pytest
from pulumi.runtime.rpc import UNKNOWN

from openrouter_provider.keys.checks import (
    check_flag,
    check_hash,
    check_id,
    check_instant,
    check_limit,
    check_limit_reset,
    check_positive_limit,
    check_text,
    one_of,
    slug_up_to,
    text_up_to,
)
from openrouter_provider.keys.credential_checks import check_key_value, check_secret
from openrouter_provider.keys.list_checks import check_any_texts, check_texts, objects_of, texts_of
from openrouter_provider.keys.naming import check_name

CANARY = "canary \x00 secret"
KEY = "sk-or-v1-" + "c" * 24
FILTERS = objects_of({"pattern": check_text, "action": one_of("redact", "block")}, {"label": text_up_to(3)})
Check = Callable[[Any], Any]


@pytest.mark.parametrize(
    ("check", "value", "kept"),
    [
        (check_positive_limit, 5.0, 5),
        (check_positive_limit, 0.5, 0.5),
        (slug_up_to(50), "acme-dev-2", "acme-dev-2"),
        (slug_up_to(4), "acme", "acme"),
        (text_up_to(4), "acme", "acme"),
        (check_id, "6f1c0a2e-0000-4000-8000-000000000001", "6f1c0a2e-0000-4000-8000-000000000001"),
        (one_of("a", "b"), "b", "b"),
        (check_texts, ["b", "a", "b"], ["a", "b"]),
        (check_texts, ("b", "a"), ["a", "b"]),
        (check_texts, ["b", UNKNOWN], ["b", UNKNOWN]),
        (check_any_texts, [], []),
        (check_any_texts, ["b", "a"], ["a", "b"]),
        (FILTERS, [{"pattern": "x", "action": "block"}], [{"pattern": "x", "action": "block"}]),
        (FILTERS, [{"pattern": "x", "action": "block", "label": None}], [{"pattern": "x", "action": "block"}]),
        (FILTERS, [{"pattern": UNKNOWN, "action": "?"}], [{"pattern": UNKNOWN, "action": "?"}]),
        (texts_of, ["b", "a", "b"], ["a", "b"]),
        (texts_of, [], None),
        (texts_of, None, None),
    ],
)
def test_a_good_value_is_normalised(check: Check, value: object, kept: object) -> None:
    """Each has one spelling; a list with unknown parts is left for later."""
    assert check(value) == kept


@pytest.mark.parametrize(
    ("check", "value", "said"),
    [
        (check_positive_limit, 0, "must be more than 0 USD"),
        (check_positive_limit, True, "must be a number of USD"),
        (slug_up_to(50), "Acme", "must be at most 50 characters: a-z and 0-9"),
        (slug_up_to(50), "-acme", "must be at most 50 characters: a-z and 0-9"),
        (slug_up_to(3), "acme", "must be at most 3 characters: a-z and 0-9"),
        (text_up_to(3), "acme", "must have at most 3 characters"),
        (check_id, "../keys", "must be an id"),
        (one_of("a", "b", "c"), "d", "must be a, b or c"),
        (check_texts, [], "must not be empty: leave it out"),
        (check_texts, "a", "must be a list"),
        (check_texts, [1], "must be a list of texts"),
        (check_any_texts, [""], "must be a list of texts"),
        (FILTERS, {}, "must be a list"),
        (FILTERS, [], "must not be empty"),
        (FILTERS, ["x"], r"\[0\] must be an object with pattern and action"),
        (FILTERS, [{"pattern": "x"}], r"\[0\] lacks `action`"),
        (
            FILTERS,
            [{"pattern": "x", "action": "block", "regex": 1}],
            r"\[0\] has no `regex`: it must have only pattern",
        ),
        (FILTERS, [{"pattern": "x", "action": "allow"}], r"\[0\].action must be redact or block"),
    ],
)
def test_a_bad_value_is_named_by_what_it_must_be(check: Check, value: object, said: str) -> None:
    """The reason says what is expected, and where in an object."""
    with pytest.raises(ValueError, match=said):
        check(value)


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (check_text, f"see {KEY}"),
        (text_up_to(100), KEY),
        (check_name, f"acme/{KEY}"),
        (check_hash, KEY),
        (check_id, KEY),
        (slug_up_to(50), KEY),
        (check_texts, ["a", KEY]),
        (check_any_texts, [KEY]),
        (FILTERS, [{"pattern": KEY, "action": "block"}]),
    ],
)
def test_no_argument_takes_a_key(check: Check, value: object) -> None:
    """A key in a name, a hash, a token or a list would be stored and shown, so it is refused, and not repeated."""
    with pytest.raises(ValueError, match="holds an OpenRouter key") as caught:
        check(value)
    assert KEY not in str(caught.value)


def test_a_key_s_own_place_takes_it() -> None:
    """The value to adopt comes without the white space around it, another vendor's key as it is."""
    assert check_key_value(f" {KEY}\n") == KEY
    assert check_secret(f"{KEY}\n") == f"{KEY}\n"
    for value in (f"{KEY} {KEY}", " \n", None, 5):
        with pytest.raises(ValueError, match="must be"):
            check_key_value(value)


@pytest.mark.parametrize(
    "check",
    [
        check_flag,
        check_hash,
        check_id,
        check_instant,
        check_limit,
        check_limit_reset,
        slug_up_to(50),
        check_texts,
        one_of("a", "b"),
        text_up_to(3),
        FILTERS,
    ],
)
def test_no_reason_quotes_the_value(check: Check) -> None:
    """A value may be a secret that stands in the wrong place."""
    with pytest.raises(ValueError, match=r".") as caught:
        check(CANARY)
    assert CANARY not in str(caught.value)
