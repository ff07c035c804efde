"""When two wishes are the same, and which fields differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.output import Unknown
from pulumi.runtime.rpc import UNKNOWN

from openrouter_provider.keys.fields import Field, changed, is_unknown, on_the_wire, present, same

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
OBJECT = Unknown()  # type: ignore[no-untyped-call]  # it has no types
FIELDS = (Field("limit"), Field("expires_at", replaces=True), Field("workspace_id", if_declared=True))
properties = st.dictionaries(st.sampled_from([field.name for field in FIELDS]), scalars)


@given(scalars)
def test_a_value_is_the_same_as_itself(value: object) -> None:
    """Everything known equals itself."""
    assert same(value, value)


@given(st.integers(-(2**53), 2**53))
def test_equal_numbers_are_equal_whatever_their_type(number: int) -> None:
    """50 and 50.0 are one wish."""
    assert same(number, float(number))


@pytest.mark.parametrize(("one", "other"), [(True, 1), (False, 0), (True, 1.0), (False, None), ("50", 50), (0, None)])
def test_different_kinds_are_different_wishes(one: object, other: object) -> None:
    """A flag is no number, a text is no number, and null is neither false nor 0."""
    assert not same(one, other)
    assert not same(other, one)


@given(scalars)
@pytest.mark.parametrize("unknown", [UNKNOWN, OBJECT], ids=["sentinel", "object"])
def test_the_unknown_equals_nothing(unknown: object, value: object) -> None:
    """What a preview does not know may always change, even from unknown to unknown."""
    assert not same(unknown, value)
    assert not same(value, unknown)
    assert not same(unknown, unknown)


@given(scalars, scalars)
def test_sameness_is_symmetric(one: object, other: object) -> None:
    """Which of two wishes came first does not matter."""
    assert same(one, other) == same(other, one)


@given(properties)
def test_null_and_absent_are_the_same_wish(props: dict[str, object]) -> None:
    """Leaving a property out and setting it to null differ in nothing."""
    padded = {field.name: None for field in FIELDS} | props
    assert changed(FIELDS, padded, present(props)) == []
    assert changed(FIELDS, present(props), padded) == []


@given(properties, properties)
def test_a_difference_is_symmetric(one: dict[str, object], other: dict[str, object]) -> None:
    """There and back the same fields differ, those that both sides must declare aside."""
    always = [field for field in FIELDS if not field.if_declared]
    assert changed(always, one, other) == changed(always, other, one)


def test_an_undeclared_field_is_the_api_s_choice() -> None:
    """A field managed only where declared differs only where the program declares it."""
    workspace = FIELDS[2]
    assert changed([workspace], {"workspace_id": "a"}, {}) == []
    assert changed([workspace], {"workspace_id": "a"}, {"workspace_id": "b"}) == [workspace]


def test_unknowns_travel_as_the_sentinel() -> None:
    """Wherever an unknown sits in a value, what goes back to the engine carries its sentinel there."""
    assert on_the_wire({"a": OBJECT, "b": [OBJECT, 1], "c": {"d": UNKNOWN}}) == {
        "a": UNKNOWN,
        "b": [UNKNOWN, 1],
        "c": {"d": UNKNOWN},
    }


@pytest.mark.parametrize(("value", "unknown"), [(UNKNOWN, True), (OBJECT, True), ("", False), (None, False)])
def test_two_things_are_unknown(value: object, unknown: bool) -> None:
    """The sentinel and Pulumi's object are unknown; empty and null are not."""
    assert is_unknown(value) is unknown
