"""The results as a chart: seconds over the number of keys, both in powers, as SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from .peers import BEST_PEER
from .results import Results
from .tables import PEER_CALLS_AT_ONCE

CHART = Path(__file__).resolve().parent.parent / "docs" / "performance.svg"
WIDTH, HEIGHT = 860, 400
LEFT, RIGHT, TOP, BOTTOM = 60, 610, 30, 340
COUNTS = (10, 50, 200, 1000)
SECONDS = (0.1, 1, 10, 100)
OURS = {"up": "#0550ae", "preview --refresh": "#116329", "preview": "#8250df"}
PEERS = {"up": ("peer: apply", "#0550ae"), "preview --refresh": ("peer: plan", "#116329")}
BOUND = ("lower bound: the bare POSTs", "#57606a")
LINE_HEIGHT = 16
HEAD = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" '
    'aria-labelledby="title description" font-family="system-ui, sans-serif" font-size="13">\n'
    '  <title id="title">Seconds over the number of keys</title>\n'
    '  <desc id="description">{description}</desc>\n'
    f'  <rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#ffffff"/>\n'
)


@dataclass(frozen=True)
class Line:
    """One line of the chart: its name, its colour, its points, and whether it is somebody else's."""

    name: str
    colour: str
    points: Sequence[tuple[int, float]]
    dashed: bool = False


def lines(results: Results) -> list[Line]:
    """Return the lines that the results and the peers' table give, those with fewer than two points left out."""
    found = [Line(name, colour, _ours(results, name)) for name, colour in OURS.items()]
    found += [Line(name, colour, list(BEST_PEER[of].items()), dashed=True) for of, (name, colour) in PEERS.items()]
    found.append(Line(*BOUND, _bounds(results), dashed=True))
    return [line for line in found if len(line.points) > 1]


def _ours(results: Results, operation: str) -> list[tuple[int, float]]:
    cells = ((count, results.cell("keys", count, operation, PEER_CALLS_AT_ONCE)) for count in COUNTS)
    return [(count, cell.seconds) for count, cell in cells if cell]


def _bounds(results: Results) -> list[tuple[int, float]]:
    found = ((count, results.bound(count, "create", PEER_CALLS_AT_ONCE)) for count in COUNTS)
    return [(count, seconds) for count, seconds in found if seconds]


def x_of(count: float) -> float:
    """Return where so many keys stand."""
    return LEFT + (RIGHT - LEFT) * _share(count, COUNTS)


def y_of(seconds: float) -> float:
    """Return where so many seconds stand; what is beyond the scale stands at its edge."""
    inside = min(max(seconds, SECONDS[0]), SECONDS[-1])
    return BOTTOM - (BOTTOM - TOP) * _share(inside, SECONDS)


def _share(value: float, scale: Sequence[float]) -> float:
    return math.log(value / scale[0]) / math.log(scale[-1] / scale[0])


def chart(results: Results) -> str:
    """Return the chart as SVG; its background is its own, so that it reads on any page."""
    drawn = lines(results)
    description = "; ".join(f"{line.name}: {line.points[-1][1]:.1f} s for {line.points[-1][0]} keys" for line in drawn)
    parts = [HEAD.replace("{description}", escape(description)), _grid(), *(_drawn(line) for line in drawn)]
    return "".join([*parts, _names(drawn), "</svg>\n"])


def _grid() -> str:
    across = [
        f'  <path d="M{LEFT} {y_of(value):.1f}H{RIGHT}" stroke="#d0d7de"/>\n'
        f'  <text x="{LEFT - 8}" y="{y_of(value) + 4:.1f}" text-anchor="end" fill="#1f2328">{value:g} s</text>\n'
        for value in SECONDS
    ]
    up = [
        f'  <path d="M{x_of(count):.1f} {TOP}V{BOTTOM}" stroke="#d0d7de"/>\n'
        f'  <text x="{x_of(count):.1f}" y="{BOTTOM + 20}" text-anchor="middle" fill="#1f2328">{count:,}</text>\n'
        for count in COUNTS
    ]
    unit = f'  <text x="{(LEFT + RIGHT) / 2:.0f}" y="{BOTTOM + 42}" text-anchor="middle" fill="#1f2328">keys</text>\n'
    return "".join([*across, *up, unit])


def _drawn(line: Line) -> str:
    path = "L".join(f"{x_of(count):.1f} {y_of(seconds):.1f}" for count, seconds in line.points)
    dashes = ' stroke-dasharray="6 5"' if line.dashed else ""
    return f'  <path d="M{path}" fill="none" stroke="{line.colour}" stroke-width="2"{dashes}/>\n'


def _names(drawn: Sequence[Line]) -> str:
    """Return the lines' names at their ends, moved apart where they would overlap."""
    texts, below = [], 0.0
    for line in sorted(drawn, key=lambda line: y_of(line.points[-1][1])):
        below = max(y_of(line.points[-1][1]) + 4, below + LINE_HEIGHT)
        seconds = line.points[-1][1]
        words = escape(f"{line.name} ({seconds:.1f} s)")
        texts.append(f'  <text x="{RIGHT + 10}" y="{below:.1f}" fill="{line.colour}">{words}</text>\n')
    return "".join(texts)
