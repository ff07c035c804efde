"""What may happen in a timeline: time, changes of the program, what people do, and how a run goes."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from tests.provider.timelines.processes import Death
from tests.provider.timelines.states import KEY, SUPERSEDED, VERSION, Way

Record = dict[str, Any]
HANDS = (
    "use",
    "roll back",
    "write something else",
    "store another key",
    "store this stack's key again",
    "disable",
    "enable",
    "delete",
    "restore an older state",
    "make a namesake",
    "let the sibling run",
)
SUBSETS = [{KEY}, {VERSION}, {SUPERSEDED}, {KEY, VERSION}, {KEY, SUPERSEDED}, {VERSION, SUPERSEDED}]


@dataclass(frozen=True)
class Hand:
    """What a person does between runs; `pick` chooses where there are several to do it to."""

    does: str
    pick: int = 0


@dataclass(frozen=True)
class Trouble:
    """What a run meets: a death, a fault of the API, a secret that can't be written or read."""

    death: Death | None = None
    fault: Record | None = None
    refuses_put: bool = False
    put_works: bool = False
    unreadable: bool = False

    def __str__(self) -> str:
        told = [f"{name} {value}" for name, value in vars(self).items() if value]
        return ", ".join(told) or "no trouble"


@dataclass(frozen=True)
class Act:
    """People act, time passes, the program changes, and `up` runs."""

    hands: tuple[Hand, ...] = ()
    hours: int = 0
    change: Record = field(default_factory=dict)
    trouble: Trouble = field(default_factory=Trouble)
    way: Way = field(default_factory=Way)


def changes() -> st.SearchStrategy[Record]:
    """Return changes of the program; most acts change nothing."""
    fields: dict[str, st.SearchStrategy[Any]] = {
        "limit": st.sampled_from([1, 2.5, 50]),
        "every": st.sampled_from(["30d", "90d", None]),
        "overlap": st.sampled_from(["1d", "7d"]),
        "stagger": st.booleans(),
        "rotate_now": st.sampled_from(["leak-1", "leak-2", "leak-3", None]),
        "emergency": st.sampled_from([True, None]),
        "disabled": st.sampled_from([True, None]),
        "expires_at": st.sampled_from([600, 900, None]),
    }
    rotation = st.fixed_dictionaries({"rotate_now": fields["rotate_now"], "emergency": fields["emergency"]})
    one = st.sampled_from(sorted(fields)).flatmap(lambda name: st.fixed_dictionaries({name: fields[name]}))
    return st.just({}) | st.just({}) | one | rotation


def troubles() -> st.SearchStrategy[Trouble]:
    """Return what may happen to a run; most runs are spared."""
    fault = st.fixed_dictionaries(
        {
            "operation": st.sampled_from(["any", "create_key", "update_key", "delete_key", "current_key", "list_keys"]),
            "kind": st.sampled_from(["status_before", "status_after", "drop_before", "drop_after"]),
            "count": st.sampled_from([1, 2, 9, 500]),
            "skip": st.integers(0, 3),
        }
    )
    return st.one_of(
        st.just(Trouble()),
        st.just(Trouble()),
        st.builds(Trouble, fault=fault),
        st.builds(Trouble, refuses_put=st.just(True), put_works=st.booleans()),
        st.builds(Trouble, unreadable=st.just(True)),
        st.builds(Trouble, death=st.builds(Death, st.integers(1, 9), st.booleans())),
    )


def ways() -> st.SearchStrategy[Way]:
    """Return ways to run up; half of the runs are plain."""
    subsets = st.sampled_from([frozenset(subset) for subset in SUBSETS])
    ahead = st.sampled_from([-400, -30, -1, 1, 30, 100, 400, 26000]).map(lambda days: timedelta(days=days))
    return st.one_of(
        st.just(Way()),
        st.just(Way()),
        st.builds(Way, targets=subsets, keep_going=st.booleans(), refresh=st.booleans()),
        st.builds(Way, keep_going=st.booleans(), refresh=st.booleans()),
        st.builds(Way, clock_ahead=ahead, rehearsed=st.booleans()),
    )


def hands() -> st.SearchStrategy[tuple[Hand, ...]]:
    """Return what people do between two runs; as a rule nothing."""
    one = st.builds(Hand, st.sampled_from(HANDS), st.integers(0, 5))
    return st.one_of(st.just(()), st.just(()), st.lists(one, min_size=1, max_size=2).map(tuple))


# The second is about the overlaps' ends, 24 and 168 hours after the run that stored the successor.
HOURS = (
    st.just(0) | st.sampled_from([14, 23, 24, 100, 167, 168]) | st.integers(1, 24 * 40) | st.integers(24 * 30, 24 * 400)
)


def acts() -> st.SearchStrategy[list[Act]]:
    """Return a timeline."""
    return st.lists(st.builds(Act, hands(), HOURS, changes(), troubles(), ways()), min_size=1, max_size=12)
