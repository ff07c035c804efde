"""ApiKey's inputs: what is refused, what passes, and what is decided once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.output import Unknown
from pulumi.runtime.rpc import UNKNOWN

from openrouter_provider.keys.fields import on_the_wire
from openrouter_provider.keys.inputs import check_inputs

Props = dict[str, Any]
NOW = datetime(2027, 1, 1, tzinfo=UTC)
ROTATION = {"every": "90d", "overlap": "7d", "stagger": False}
GOOD: Props = {
    "name_prefix": "acme/dev/checkout",
    "limit": 50,
    "limit_reset": "monthly",
    "include_byok_in_limit": True,
    "disabled": False,
    "expires_at": "2028-01-01T00:00:00Z",
    "workspace_id": "team",
    "creator_user_id": "user_1",
    "rotation": ROTATION,
    "rotate_now": "token",
    "emergency": False,
    "adopt_hash": "abc",
    "adopt_key": "value",
}
OBJECT = Unknown()  # type: ignore[no-untyped-call]  # it has no types
NAN, INFINITE = float("nan"), float("inf")


def accepted(news: Props, olds: Props | None = None, days: float = 0) -> Props:
    """Return the inputs of a wish that has nothing wrong."""
    inputs, failures = check_inputs(olds or {}, news, NOW + timedelta(days=days))
    assert failures == {}
    return inputs


def test_a_complete_wish_passes() -> None:
    """Every property at once is fine, and comes back as it was."""
    assert GOOD.items() <= accepted(GOOD).items()


@pytest.mark.parametrize(
    "rotation", [UNKNOWN, {"every": UNKNOWN, "overlap": "7d"}, {"every": "90d", "stagger": UNKNOWN}]
)
def test_a_schedule_of_which_a_preview_knows_not_all_is_unknown(rotation: object) -> None:
    """It is checked once it is known; the key that it is for can be previewed."""
    inputs, failures = check_inputs({}, {**GOOD, "rotation": rotation}, NOW)
    assert failures == {}
    assert inputs["rotation"] == UNKNOWN


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name_prefix", ""),
        ("name_prefix", "  "),
        ("name_prefix", 5),
        ("name_prefix", "n" * 248),
        ("name_prefix", "line\nbreak"),
        ("name_prefix", "escape\x1b[31m"),
        ("name_prefix", "bidi\u202e"),
        ("name_prefix", "zero\u200bwidth"),
        ("name_prefix", "separator\u2028"),
        ("name_prefix", "half\ud800"),
        ("limit", -0.01),
        ("limit", NAN),
        ("limit", INFINITE),
        ("limit", -INFINITE),
        ("limit", True),
        ("limit", "50"),
        ("limit", [50]),
        pytest.param("limit", 10**400, id="limit-too-large-for-a-float"),
        ("limit_reset", "hourly"),
        ("limit_reset", "Monthly"),
        ("limit_reset", ""),
        ("limit_reset", 30),
        ("include_byok_in_limit", "true"),
        ("disabled", 1),
        ("emergency", "no"),
        ("expires_at", "2028-01-01"),
        ("expires_at", "2028-01-01T00:00Z"),
        ("expires_at", "2028-01-01T00:00:00"),
        ("expires_at", "2028-01-01T00:00:00+01:00"),
        ("expires_at", "2028-02-30T00:00:00Z"),
        ("expires_at", 1830297600),
        ("expires_at", "2027-01-01T00:00:00Z"),
        ("expires_at", "2020-01-01T00:00:00Z"),
        ("workspace_id", ""),
        ("creator_user_id", 7),
        ("rotation", "90d"),
        ("rotation", {}),
        ("rotation", {"every": "90"}),
        ("rotation", {"every": "7d", "overlap": "7d"}),
        ("rotation", {"every": "5d"}),
        ("rotate_now", ""),
        ("adopt_hash", "../keys"),
        ("adopt_hash", ""),
        ("adopt_key", ""),
    ],
)
def test_a_wrong_property_is_one_failure(name: str, value: object) -> None:
    """Each wrong property fails under its own name, once, and no other does."""
    _, failures = check_inputs({}, {**GOOD, name: value}, NOW)
    assert list(failures) == [name]


def test_everything_wrong_is_found_at_once() -> None:
    """One check names every wrong property."""
    wrong = {"name": "", "limit": -1, "limit_reset": "hourly", "expires_at": "soon", "disabled": "x", "adopt_key": "v"}
    _, failures = check_inputs({}, wrong, NOW)
    assert set(failures) == {"name", "limit", "limit_reset", "expires_at", "disabled", "adopt_hash"}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"limit": None}, "limit"),
        ({"limit": None, "unlimited": False}, "limit"),
        ({"unlimited": True}, "unlimited"),
        ({"name_prefix": None}, "name"),
        ({"adopt_hash": None}, "adopt_hash"),
        ({"adopt_key": None}, "adopt_key"),
    ],
)
def test_what_belongs_together_is_asked_for_together(change: Props, name: str) -> None:
    """A limit or unlimited, a name or a prefix, a hash with its value."""
    _, failures = check_inputs({}, {**GOOD, **change}, NOW)
    assert list(failures) == [name]


@given(st.floats(0, 1e9))
def test_every_limit_from_zero_on_passes(limit: float) -> None:
    """A finite number that is not negative is a limit, and keeps its value."""
    assert accepted({**GOOD, "limit": limit})["limit"] == limit


@pytest.mark.parametrize(("limit", "kept"), [(50.0, 50), (0, 0), (-0.0, 0), (0.5, 0.5)])
def test_whole_limits_stay_whole(limit: float, kept: float) -> None:
    """A limit that came over the wire as 50.0 is 50 again."""
    found = accepted({**GOOD, "limit": limit})["limit"]
    assert (found, type(found)) == (kept, type(kept))


@pytest.mark.parametrize("reset", ["daily", "weekly", "monthly", None])
def test_a_limit_resets_in_four_ways(reset: str | None) -> None:
    """Daily, weekly, monthly, or never."""
    assert accepted({**GOOD, "limit_reset": reset}).get("limit_reset") == reset


def test_an_expiry_that_has_passed_stays_accepted_while_it_is_unchanged() -> None:
    """Only a new or changed expiry has to lie ahead, so that a stack with an expired key can still be run."""
    first = accepted(GOOD)
    assert accepted(GOOD, first, days=500)["expires_at"] == GOOD["expires_at"]
    _, failures = check_inputs(first, {**GOOD, "expires_at": "2028-01-02T00:00:00Z"}, NOW + timedelta(days=500))
    assert failures == {"expires_at": "is not in the future (now is 2028-05-15T00:00:00Z)"}


def test_an_expiry_has_one_spelling() -> None:
    """Another way to write the same instant is no change."""
    assert accepted({**GOOD, "expires_at": "2028-01-01t00:00:00.5+00:00"})["expires_at"] == GOOD["expires_at"]


@pytest.mark.parametrize("unknown", [UNKNOWN, OBJECT], ids=["sentinel", "object"])
@pytest.mark.parametrize("name", [*GOOD, "unlimited", "name"])
@pytest.mark.parametrize("existing", [False, True], ids=["new", "existing"])
def test_an_unknown_value_passes(name: str, unknown: object, existing: bool) -> None:
    """A preview in which any one property is not known yet fails nothing, and stays unknown there."""
    wish = {key: value for key, value in GOOD.items() if name != "unlimited" or key != "limit"}
    olds = accepted(GOOD) if existing else {}
    inputs = accepted(on_the_wire({**wish, name: unknown}), olds, days=1)
    assert inputs[name] == UNKNOWN


def test_everything_unknown_passes() -> None:
    """A preview that knows nothing fails nothing."""
    assert accepted(dict.fromkeys(GOOD, UNKNOWN))["name"] == UNKNOWN


def test_a_name_is_drawn_from_the_prefix() -> None:
    """The physical name is the prefix and seven hexadecimal digits, different for each key."""
    names = {accepted(GOOD)["name"] for _ in range(20)}
    assert len(names) == 20
    for name in names:
        prefix, _, suffix = name.rpartition("-")
        assert prefix == "acme/dev/checkout"
        assert len(suffix) == 7
        int(suffix, 16)


def test_a_drawn_name_is_kept() -> None:
    """Later runs keep the name, also where only what the state calls the key has drifted."""
    first = accepted(GOOD)
    assert accepted(GOOD, first, days=1) == first
    assert accepted(GOOD, {**first, "name": "renamed by hand"}, days=1)["name"] == first["name"]


@pytest.mark.parametrize("naming", [{"name_prefix": "acme/dev/checkout"}, {"name": "mine", "name_prefix": None}])
def test_the_next_generation_has_a_name_of_its_own(naming: Props) -> None:
    """Two runs that plan the same rotation compute the same name, and it differs from every name before."""
    first = accepted({**GOOD, **naming})
    second = accepted({**GOOD, **naming}, first, days=100)
    assert second["generation"] == 2
    assert accepted({**GOOD, **naming}, first, days=101)["name"] == second["name"]
    third = accepted({**GOOD, **naming}, second, days=200)
    assert len({first["name"], second["name"], third["name"]}) == 3
    assert accepted({**GOOD, **naming}, second, days=101) == second


def test_a_given_name_is_the_name() -> None:
    """Without a prefix the first generation is called exactly what the program says."""
    assert accepted({**GOOD, "name": "mine", "name_prefix": None})["name"] == "mine"


def test_the_longest_name_fits_with_its_suffix() -> None:
    """A prefix of the greatest length still makes a name of at most 255 characters."""
    assert len(accepted({**GOOD, "name_prefix": "n" * 247})["name"]) == 255


@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "unlimited", "name"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(UNKNOWN),
    )
)
def test_any_wish_gets_an_answer(change: Props) -> None:
    """Whatever a program writes, check finds failures or returns inputs, and a second run changes nothing."""
    wish = {**GOOD, **change}
    inputs, failures = check_inputs({}, wish, NOW)
    if not failures:
        assert check_inputs(inputs, wish, NOW) == (inputs, {})


def test_failures_quote_no_value() -> None:
    """A secret put into the wrong property is in no failure."""
    canary = "sk-or-v1-" + "c" * 24
    for name in GOOD:
        _, failures = check_inputs({}, {**GOOD, name: [canary]}, NOW)
        assert canary not in str(failures)
