"""The figures in docs/performance.md and its chart are those of bench/results.json."""

from xml.etree import ElementTree

import pytest

from bench.chart import CHART, chart, lines, y_of
from bench.goals import fleet_goals
from bench.page import PAGE, generated, part_of
from bench.peers import BEST_PEER
from bench.results import Bound, Cell, Results, merged, read, write
from bench.tables import tables


def test_the_page_shows_the_results() -> None:
    """`python -m bench --render` would change nothing in the page."""
    assert part_of(PAGE.read_text(encoding="utf-8")) == generated(read())


def test_the_chart_shows_the_results() -> None:
    """`python -m bench --render` would change nothing in the chart."""
    assert CHART.read_text(encoding="utf-8") == chart(read())


def sample() -> Results:
    """Return two cells with their bounds."""
    cells = [
        Cell("keys", count, 10, "up", seconds, 2.5, 150.0, {"create_key": count}, 10, 1_000 * count)
        for count, seconds in ((50, 2.6), (200, 4.5))
    ]
    bounds = [Bound(count, 10, "create", seconds) for count, seconds in ((50, 0.8), (200, 3.0))]
    return Results("2027-01-01", {"cores": "2"}, cells, bounds)


def test_results_survive_the_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What was written is what is read."""
    path = tmp_path_factory.mktemp("results") / "results.json"
    write(sample(), path)
    assert read(path) == sample()


def test_a_partial_run_is_kept_beside_the_others() -> None:
    """What it measured takes the place of what was measured before, with its date; the rest stays as it was."""
    later = Results("2027-02-01", {"cores": "4"}, [Cell("keys", 200, 10, "up", 5, 1, 1, {}, 10)])
    found = merged(sample(), later)
    assert [(cell.count, cell.seconds, cell.date) for cell in found.cells] == [(50, 2.6, ""), (200, 5, "2027-02-01")]
    assert (found.date, found.machine) == ("2027-01-01", {"cores": "2"})
    operations = next(table for table in tables(found) if table.title == "Operations")
    assert [(row[0], row[6]) for row in operations.rows] == [("keys only", "3.25"), ("keys only, 2027-02-01", "")]


def test_ratios_are_of_the_same_cell() -> None:
    """A row is compared with the peer at its size and with the bound of as many calls at once."""
    operations = next(table for table in tables(sample()) if table.title == "Operations")
    shown = [dict(zip(operations.header, row, strict=True)) for row in operations.rows]
    assert [(row["of the peer"], row["of the bound"], row["API calls"]) for row in shown] == [
        ("2.00", "3.25", "50 POST"),
        ("1.00", "1.50", "200 POST"),
    ]


@pytest.mark.parametrize(("seconds", "met"), [(4.5, "yes"), (4.6, "no")])
def test_a_goal_is_met_up_to_its_limit(seconds: float, met: str) -> None:
    """As fast as the peer is fast enough."""
    cell = Cell("keys", 200, 10, "up", seconds, 1, 1, {}, 10)
    goals = next(table for table in tables(Results("", cells=[cell])) if table.title == "Goals")
    assert [row[2] for row in goals.rows][:4] == ["-", "-", met, "-"]


def fleet_cell(count: int, operation: str, cpu_seconds: float, pages: int = 0, date: str = "") -> Cell:
    """Return a measurement of a fleet."""
    return Cell("fleet", count, 2, operation, 1, cpu_seconds, 1, {"list_keys": pages}, 1, date=date)


@pytest.mark.parametrize(
    ("of_one_stack", "date", "met"),
    [(101.0, "", ["no", "yes"]), (100.0, "", ["no", "yes"]), (99.0, "", ["no", "no"]), (101.0, "later", ["no", "-"])],
)
def test_a_fleet_is_compared_with_one_stack_of_the_same_run(of_one_stack: float, date: str, met: list[str]) -> None:
    """The absolute goal is shown as it is; the one that knows the machine's speed needs both from one run."""
    one = Cell("whole", 200, 10, "up", 1, of_one_stack, 1, {}, 1, date=date)
    rows = fleet_goals(Results("", cells=[fleet_cell(25, "up --all", 250.0), one]))
    assert [row[2] for row in rows][:2] == met


def test_a_fleet_grows_in_a_line_and_lists_once() -> None:
    """Growth is of CPU seconds a stack; one page more than one listing is a second listing."""
    cells = [fleet_cell(5, "up --all", 50.0), fleet_cell(25, "up --all", 290.0), fleet_cell(25, "drift --all", 1.0, 13)]
    rows = fleet_goals(Results("", cells=cells))
    assert [row[1:] for row in rows[2:]] == [
        ("1.16", "no"),
        ("not measured", "-"),
        ("not measured", "-"),
        ("13 pages", "no"),
    ]


def test_the_chart_draws_a_line_for_each_series() -> None:
    """Ours, the peers' and the bound are lines of a well-formed drawing, the faster one lower."""
    ElementTree.fromstring(chart(sample()))  # noqa: S314 - made just here
    assert [line.name for line in lines(sample())] == [
        "up",
        "peer: apply",
        "peer: plan",
        "lower bound: the bare POSTs",
    ]
    assert y_of(BEST_PEER["up"][1000]) < y_of(BEST_PEER["up"][50])
