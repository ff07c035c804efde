"""Superseded keys: bounded through their overlap, disabled in an emergency, deleted by the first run after it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.dynamic import ResourceProvider
from pulumi.runtime.rpc import UNKNOWN

from openrouter_provider.api.errors import OpenRouterError
from openrouter_provider.keys.overlap import Entry, MayHold, plan_keys
from openrouter_provider.keys.schedule import parse_instant
from openrouter_provider.resources.superseded_keys import SupersededKeysProvider
from openrouter_provider.stores.custody import Held
from sandbox.openrouter import Control

pytest_plugins = ("tests.unit.account_fixtures",)

Props = dict[str, Any]
Sent = list[tuple[str, str, Props]]
SupersededAt = Callable[[datetime], SupersededKeysProvider]
Up = Callable[[ResourceProvider, Props, Props], Props]
NOW = datetime(2027, 1, 1, tzinfo=UTC)
WEEK_LATER = "2027-01-08T00:00:00Z"


def after(days: float) -> datetime:
    """Return the instant so many days after the first run."""
    return NOW + timedelta(days=days)


def wish(*entries: str | Props, **change: Any) -> Props:
    """Return what the component asks for these superseded keys."""
    listed = [{"hash": entry} if isinstance(entry, str) else entry for entry in entries]
    return {"service": "acme/dev/checkout", "superseded": listed, "version": "v1", "overlap": "7d", **change}


def plan(olds: Sequence[Props], news: Props, days: float = 0) -> list[Props]:
    """Return the plan that follows on a plan."""
    return plan_keys({"keys": list(olds)}, news, after(days))


def entry(hash_: str, state: str, retires_at: str = WEEK_LATER, **more: Any) -> Props:
    """Return one key of a plan."""
    return {"hash": hash_, "state": state, "retires_at": retires_at, "overlap": "7d", **more}


def test_an_overlap_begins_when_the_key_is_first_seen() -> None:
    """The end is the first run that sees the key plus the overlap, decided once."""
    first = plan([], wish("old"))
    assert first == [entry("old", "bound")]
    assert plan(first, wish("old", overlap="30d"), days=3) == first


@pytest.mark.parametrize(
    ("days", "state"), [(0, "bound"), (6.99, "bound"), (7, "deleted"), (8, "deleted"), (400, "deleted")]
)
def test_a_key_is_deleted_by_the_first_run_after_its_overlap(days: float, state: str) -> None:
    """Never earlier, and not later than the next run."""
    assert plan(plan([], wish("old")), wish("old"), days) == [entry("old", state)]


def test_a_first_look_a_year_late_still_gives_the_whole_overlap() -> None:
    """A key that no run could retire yet is not deleted by the run that first sees it."""
    assert plan([], wish("old"), days=365)[0]["state"] == "bound"


@pytest.mark.parametrize(
    ("token", "emergency", "state"),
    [("leak", "leak", "disabled"), ("other", "leak", "bound"), (None, "leak", "bound"), ("leak", None, "bound")],
)
def test_an_emergency_disables_the_keys_of_its_token(token: str | None, emergency: str | None, state: str) -> None:
    """Exactly the keys superseded by the rotation with the emergency's token are disabled."""
    listed = {"hash": "old"} if token is None else {"hash": "old", "token": token}
    assert plan([], wish(listed, emergency_token=emergency))[0]["state"] == state


def test_a_leaked_key_stays_disabled() -> None:
    """Taking the emergency out of the config again, or rotating once more, does not bring a leaked key back."""
    leaked = plan([], wish({"hash": "old", "token": "leak"}, emergency_token="leak"))
    assert plan(leaked, wish({"hash": "old", "token": "leak"}), days=1)[0]["state"] == "disabled"
    assert plan(leaked, wish({"hash": "old", "token": "later"}), days=1)[0]["state"] == "disabled"
    assert plan(leaked, wish({"hash": "old", "token": "leak"}), days=7)[0]["state"] == "deleted"


def test_a_disabled_service_disables_its_superseded_keys() -> None:
    """They follow the service, off and on again, until their overlap is over."""
    disabled = plan([], wish("old", disabled=True))
    assert disabled[0]["state"] == "disabled"
    assert plan(disabled, wish("old", disabled=False), days=1)[0]["state"] == "bound"
    assert plan(disabled, wish("old", disabled=True), days=7)[0]["state"] == "deleted"


def test_a_forgotten_key_is_dropped_once_it_is_deleted() -> None:
    """What ApiKey no longer lists leaves the plan when it is deleted, and stays in it while it is alive."""
    alive = plan([], wish("old"))
    assert plan(alive, wish(), days=1) == alive
    deleted = plan(alive, wish("old"), days=7)
    assert plan(deleted, wish("old"), days=8) == deleted
    assert plan(deleted, wish(), days=8) == []
    assert plan(alive, wish(), days=7) == deleted


@pytest.mark.parametrize("superseded", [UNKNOWN, None])
def test_a_preview_that_does_not_know_the_list_plans_what_is_known(superseded: object) -> None:
    """While a rotation is only planned, the keys of earlier ones are still shown retiring."""
    known = plan([], wish("old"))
    assert plan(known, wish(superseded=superseded), days=7) == [entry("old", "deleted")]


def test_a_key_of_another_rotation_has_an_overlap_of_its_own() -> None:
    """Two superseded keys retire at two instants."""
    first = plan([], wish("one"))
    assert plan(first, wish("one", "two"), days=3) == [
        entry("one", "bound"),
        entry("two", "bound", "2027-01-11T00:00:00Z"),
    ]


@given(st.lists(st.tuples(st.integers(0, 20), st.sets(st.sampled_from("abcd")), st.booleans()), max_size=8))
def test_no_timeline_deletes_early_or_forgets(steps: list[tuple[int, set[str], bool]]) -> None:
    """Through any runs: a key seen stays planned until it is deleted, not before its instant and by the next run."""
    olds: list[Props] = []
    days = 0
    for passed, listed, disabled in steps:
        days += passed
        news = wish(*sorted(listed), disabled=disabled)
        plans = plan(olds, news, days)
        planned = {each["hash"]: each for each in plans}
        assert {each["hash"] for each in olds if each["state"] != "deleted"} | listed <= planned.keys()
        for each in plans:
            over = parse_instant(each["retires_at"]) <= after(days)
            assert (each["state"] == "deleted") is over
        again = {"keys": plan(plans, news, days)}
        assert SupersededKeysProvider().diff("id", {"keys": plans}, again).changes is False
        olds = plans


@pytest.fixture
def old(control: Control) -> str:
    """Make a key with half of its limit spent; return its hash."""
    record, _ = control.create_key(name="old", limit=90, limit_reset="monthly", usage=45, usage_monthly=45)
    return str(record["hash"])


def records(control: Control) -> list[Props]:
    """Return the live keys."""
    return control.keys()


def state_of(control: Control, hash_: str) -> Props:
    """Return a key's record; empty where it is gone."""
    return next((key for key in records(control) if key["hash"] == hash_), {})


def test_a_new_service_costs_no_call(superseded_at: SupersededAt, up: Up, sent: Sent) -> None:
    """With nothing superseded there is nothing to do, in the first run and later."""
    state = up(superseded_at(NOW), {}, wish())
    assert up(superseded_at(after(1)), state, wish(version="v2"))["did"] == "same"
    assert sent == []


def test_a_superseded_key_is_bounded_once(
    superseded_at: SupersededAt, up: Up, control: Control, sent: Sent, old: str
) -> None:
    """Its limit becomes what it used and its share, without a reset, after a look at the API's clock; once."""
    first = up(superseded_at(NOW), {}, wish())
    second = up(superseded_at(NOW), first, wish(old))
    bounded = state_of(control, old)
    assert (bounded["limit"], bounded["limit_reset"], bounded["disabled"]) == (66, None, False)
    assert [(method, path.partition(old)[0]) for method, path, _ in sent] == [
        ("GET", "/key"),
        ("GET", "/keys/"),
        ("PATCH", "/keys/"),
    ]
    assert up(superseded_at(after(6)), second, wish(old))["did"] == "same"
    assert len(sent) == 3


def test_a_superseded_key_is_deleted_after_its_overlap(
    superseded_at: SupersededAt, up: Up, control: Control, sent: Sent, old: str
) -> None:
    """What it spent is read, and one DELETE sent, by the first run after the overlap; later runs make no call."""
    bounded = up(superseded_at(NOW), {}, wish(old))
    sent.clear()
    deleted = up(superseded_at(after(7)), bounded, wish(old))
    assert sent == [("GET", f"/keys/{old}", {}), ("DELETE", f"/keys/{old}", {})]
    assert state_of(control, old) == {}
    assert up(superseded_at(after(8)), deleted, wish(old))["did"] == "same"
    assert len(sent) == 2


def test_a_leaked_key_is_disabled_at_once(superseded_at: SupersededAt, up: Up, control: Control, old: str) -> None:
    """The first run that sees it disables it instead of bounding it."""
    up(superseded_at(NOW), {}, wish({"hash": old, "token": "leak"}, emergency_token="leak"))
    assert state_of(control, old)["disabled"] is True


def test_an_enabled_service_enables_its_bounded_keys(
    superseded_at: SupersededAt, up: Up, control: Control, old: str
) -> None:
    """A service that is switched off and on again has its superseded key back, bounded."""
    disabled = up(superseded_at(NOW), {}, wish(old, disabled=True))
    assert state_of(control, old)["disabled"] is True
    up(superseded_at(after(1)), disabled, wish(old))
    assert (state_of(control, old)["disabled"], state_of(control, old)["limit"]) == (False, 66)


def test_a_key_deleted_by_hand_is_no_error(superseded_at: SupersededAt, up: Up, control: Control, old: str) -> None:
    """A superseded key that is gone needs no bounding and no deletion."""
    control.delete_key(old)
    state = up(superseded_at(NOW), {}, wish(old))
    assert up(superseded_at(after(7)), state, wish(old))["outs"]["keys"][0]["state"] == "deleted"


def test_a_deleted_key_that_leaves_the_plan_is_no_change(
    superseded_at: SupersededAt, up: Up, control: Control, old: str
) -> None:
    """A key deleted by hand, and therefore forgotten by ApiKey, ends without an update that does nothing."""
    state = up(superseded_at(NOW), {}, wish(old))
    control.delete_key(old)
    state = up(superseded_at(after(7)), state, wish())
    assert up(superseded_at(after(7)), state, wish())["did"] == "same"


def test_a_failed_deletion_is_tried_again(superseded_at: SupersededAt, up: Up, control: Control, old: str) -> None:
    """Where the API fails the state stays as it was, and the next run deletes."""
    bounded = up(superseded_at(NOW), {}, wish(old))
    control.fault("delete_key", "status_before", status=400)
    with pytest.raises(OpenRouterError):
        up(superseded_at(after(7)), bounded, wish(old))
    up(superseded_at(after(8)), bounded, wish(old))
    assert state_of(control, old) == {}


def test_a_refresh_without_drift_is_silent(superseded_at: SupersededAt, up: Up, old: str) -> None:
    """A refresh returns the state and inputs as they are."""
    state = up(superseded_at(NOW), {}, wish({"hash": old, "token": "leak"}, emergency_token="leak"))
    read = superseded_at(after(1)).read(state["id"], state["outs"])
    assert (read.id, read.outs, read.inputs) == (state["id"], state["outs"], state["inputs"])


def test_a_leaked_key_that_somebody_enabled_is_drift(
    superseded_at: SupersededAt, up: Up, control: Control, old: str
) -> None:
    """A refresh shows it as no longer disabled, and the next run disables it again."""
    news = wish({"hash": old, "token": "leak"}, emergency_token="leak")
    state = up(superseded_at(NOW), {}, news)
    control.edit_key(old, disabled=False)
    read = superseded_at(after(1)).read(state["id"], state["outs"])
    assert read.outs is not None
    assert read.outs != state["outs"]
    healed = up(superseded_at(after(1)), {"id": read.id, "outs": read.outs, "inputs": read.inputs}, news)
    assert healed["outs"] == state["outs"]
    assert state_of(control, old)["disabled"] is True


def test_a_removed_service_leaves_listed_keys_to_its_api_key(
    superseded_at: SupersededAt, up: Up, control: Control, old: str
) -> None:
    """What ApiKey still lists is deleted with it, after the secret; what it forgot is deleted here."""
    forgotten, _ = control.create_key(name="forgotten")
    state = up(superseded_at(NOW), {}, wish(old, forgotten["hash"]))
    superseded_at(after(1)).delete(state["id"], {**state["outs"], "superseded": [{"hash": old}]})
    assert [key["hash"] for key in records(control)] == [old]


def test_a_key_that_its_api_key_lost_is_deleted_with_the_service(
    superseded_at: SupersededAt, up: Up, control: Control, old: str
) -> None:
    """A current key that was deleted by hand takes the list along; the plan's own keys still go with the service."""
    state = up(superseded_at(NOW), {}, wish(old))
    healed = up(superseded_at(after(1)), state, wish())
    assert healed["did"] == "update", "the state would still say that it is listed"
    assert up(superseded_at(after(1)), healed, wish())["did"] == "same"
    superseded_at(after(1)).delete(healed["id"], healed["outs"])
    assert records(control) == []


def test_a_check_copes_with_unknown_values(superseded_at: SupersededAt, up: Up, old: str) -> None:
    """A preview of a rotation knows neither the version nor the list, so that it can plan no keys."""
    state = up(superseded_at(NOW), {}, wish(old))
    checked = superseded_at(after(1)).check(state["inputs"], wish(superseded=UNKNOWN, version=UNKNOWN))
    assert (checked.inputs["keys"], checked.inputs["superseded"]) == (UNKNOWN, UNKNOWN)
    assert superseded_at(after(1)).diff("checkout", state["outs"], checked.inputs).changes


def test_the_current_key_is_never_planned() -> None:
    """A superseded key that became current again, by a healed adoption, leaves the plan, also past its overlap."""
    known = {"keys": [entry("old", "bound")]}
    assert plan_keys(known, {"superseded": [], "overlap": "7d", "current": "old"}, after(100)) == []


def holding(*hashes: str) -> MayHold:
    """Return the answer of a secret that may hold these keys."""
    return lambda entry: entry["hash"] in hashes


def plan_while(held: Sequence[str], olds: Sequence[Props], news: Props, days: float = 0) -> list[Props]:
    """Return the plan that follows on a plan while the secret may hold some keys."""
    return plan_keys({"keys": list(olds), "overlap": "7d"}, news, after(days), holding(*held))


HELD = {"hash": "old", "state": "held"}


@pytest.mark.parametrize(
    ("olds", "news", "days"),
    [
        ([], wish("old"), 0),
        ([entry("old", "bound")], wish("old"), 7),
        ([entry("old", "bound", token="leak")], wish({"hash": "old", "token": "leak"}, emergency_token="leak"), 1),
        ([entry("old", "disabled")], wish("old", disabled=True), 7),
        ([HELD], wish("old"), 400),
    ],
    ids=["first seen", "over", "leaked", "disabled and over", "still held"],
)
def test_a_key_that_the_secret_holds_is_left(olds: list[Props], news: Props, days: float) -> None:
    """Whatever the clock or an emergency asks: it has no end as long as the secret holds it."""
    (planned,) = plan_while(["old"], olds, news, days)
    assert (planned["state"], planned.get("retires_at")) == ("held", None)


def test_the_overlap_begins_when_the_secret_lets_go() -> None:
    """A key that was held, however long, has its whole overlap from the first run that finds another one stored."""
    (released,) = plan_while([], [HELD], wish("old"), days=400)
    assert (released["state"], released["retires_at"]) == ("bound", "2028-02-12T00:00:00Z")


def test_a_leak_is_remembered_while_the_secret_holds_the_key() -> None:
    """An emergency reaches the key as soon as the secret lets it go, also with the setting taken out meanwhile."""
    leaked = wish({"hash": "old", "token": "leak"}, emergency_token="leak")
    held = plan_while(["old"], [], leaked)
    assert plan_while([], held, wish({"hash": "old", "token": "leak"}), days=1)[0]["state"] == "disabled"


def test_a_key_that_changes_nothing_is_not_asked_for() -> None:
    """Within its overlap a bounded key costs no read of the store, nor does disabling a whole service."""

    def refuse(_entry: Entry) -> bool:
        raise AssertionError("asked")

    bound = [entry("old", "bound")]
    assert plan_keys({"keys": bound}, wish("old"), after(3), refuse)[0]["state"] == "bound"
    assert plan_keys({"keys": bound}, wish("old", disabled=True), after(3), refuse)[0]["state"] == "disabled"


def test_an_end_that_only_a_wrong_clock_decided_is_brought_back() -> None:
    """A run by a clock that was years ahead does not keep a key alive for years."""
    far = [entry("old", "bound", "2099-01-08T00:00:00Z")]
    (planned,) = plan(far, wish("old"))
    assert (planned["retires_at"], planned["state"]) == (WEEK_LATER, "bound")


def test_a_run_by_a_clock_that_is_behind_shortens_no_overlap() -> None:
    """What it takes for impossible is remembered, and a run by the right clock keeps the overlap as it was."""
    decided = [entry("old", "bound")]
    behind = plan(decided, wish("old"), days=-3000)
    assert plan(behind, wish("old"), days=1) == decided


def test_a_person_s_disabling_is_not_undone(superseded_at: SupersededAt, up: Up, control: Control, old: str) -> None:
    """Only what this resource disabled is enabled again: not what a person, or a lost record, did."""
    control.edit_key(old, disabled=True)
    up(superseded_at(NOW), {}, wish(old))
    assert (state_of(control, old)["disabled"], state_of(control, old)["limit"]) == (True, 66)


def test_a_held_key_comes_back_with_its_service_and_keeps_its_limit(
    superseded_at: SupersededAt, up: Up, control: Control, old: str
) -> None:
    """A service that is enabled again works with the key that its secret holds, superseded or not."""
    disabled = up(superseded_at(NOW), {}, wish(old, disabled=True))
    provider = superseded_at(after(1))
    held = Held(problem="the store is away")
    provider.session = replace(provider.session, ask=lambda _place: held)
    up(provider, disabled, wish(old, label="x", stored_in={"store": "aws", "reference": "s"}))
    assert (state_of(control, old)["disabled"], state_of(control, old)["limit"]) == (False, 90)
