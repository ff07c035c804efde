"""The report's page in a real browser: it fits a phone, its style is allowed, and its levels look different."""

import html
import json
import os
import re
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from openrouter_provider.operations.report.figures import UsageReport
from openrouter_provider.operations.report.page import as_html
from tests.unit.report_fixtures import every_kind_of_report, large_report

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no browser: install Debian's chromium, or name one in CHROMIUM"
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]
SIZES = ((360, 800), (1280, 800))
# The report has no script and its policy allows none: the page around it measures it, through a frame of each size.
MEASURE = """
function measure(frame) {
  const view = frame.contentDocument, root = view.documentElement, width = frame.clientWidth;
  const box = e => e.getBoundingClientRect();
  const all = [...view.querySelectorAll("body *:not(svg *)")].filter(e => !e.closest("svg.hidden"));
  const fill = name => frame.contentWindow.getComputedStyle(view.querySelector(".fill." + name)).fill;
  const bars = [...view.querySelectorAll(".bar")].map(bar =>
    [bar.getAttribute("aria-label"), box(bar.children[1]).width / box(bar.children[0]).width, box(bar).width]);
  return {width: width, scrolled: root.scrollWidth, bars: bars,
    outside: all.filter(e => box(e).right > width + 0.5 || box(e).left < -0.5).map(e => e.outerHTML.slice(0, 80)),
    small: all.filter(e => parseFloat(frame.contentWindow.getComputedStyle(e).fontSize) < 12).length,
    columns: new Set([...view.querySelectorAll("article")].map(e => box(e).left)).size,
    rows: [...view.querySelectorAll("tbody tr")].map(row => row.querySelector("th a").textContent),
    tall: Math.max(...[...view.querySelectorAll("tbody tr")].map(row => box(row).height)),
    table: box(view.querySelector("table")), cards: box(view.querySelector(".cards")).top,
    shown: [...view.querySelectorAll("thead th")].filter(e => box(e).width > 0).map(e => e.textContent),
    foot: [...view.querySelectorAll("tfoot tr > *")].filter(e => box(e).width > 0).map(e => e.textContent),
    numbers: new Set([...view.querySelectorAll("tbody tr td:nth-of-type(2)")].map(e => Math.round(box(e).right))).size,
    dead: [...view.querySelectorAll("a")].filter(e => !view.getElementById(e.hash.slice(1))).length,
    headings: [...view.querySelectorAll("h1, h2, h3")].map(e => e.tagName),
    scripts: view.querySelectorAll("script").length,
    fills: ["ok", "high", "full"].map(fill), page: frame.contentWindow.getComputedStyle(view.body).backgroundColor};
}
addEventListener("load", () => {
  const found = [...document.querySelectorAll("iframe")].map(measure);
  document.body.innerHTML = "<pre id=found></pre>";
  document.getElementById("found").textContent = JSON.stringify(found);
});
"""


def browse(folder: Path, page: Path, *arguments: str) -> str:
    """Open a page in a browser of its own and return what it prints."""
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={folder / 'profile'}", *arguments, page.as_uri()]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=True).stdout


def measured(folder: Path, *arguments: str, of: UsageReport | None = None) -> list[dict[str, Any]]:
    """Return what a page around the report measures of it at each size."""
    report = html.escape(as_html(of or every_kind_of_report()))
    frames = [f'<iframe width="{w}" height="{h}" frameborder="0" srcdoc="{report}"></iframe>' for w, h in SIZES]
    page = folder / "around.html"
    page.write_text(f"<!doctype html><meta charset=utf-8><body>{''.join(frames)}<script>{MEASURE}</script>")
    shown = browse(folder, page, "--dump-dom", *arguments)
    found = re.search(r'<pre id="found">(.*?)</pre>', shown, re.DOTALL)
    assert found, shown[-2000:]
    sizes: list[dict[str, Any]] = json.loads(html.unescape(found[1]))
    return sizes


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What was measured at each size, in light colours."""
    return measured(tmp_path_factory.mktemp("light"), "--blink-settings=preferredColorScheme=1")


def test_nothing_reaches_beyond_the_screen(sizes: list[dict[str, Any]]) -> None:
    """At 360 and at 1280 pixels nothing has to be scrolled sideways, the longest name included."""
    assert [(size["width"], size["scrolled"], size["outside"]) for size in sizes] == [(360, 360, []), (1280, 1280, [])]


def test_a_phone_has_one_column_and_a_desk_has_two(sizes: list[dict[str, Any]]) -> None:
    """Cards stand below one another on a phone, and no text is smaller than 12 pixels anywhere."""
    assert [(size["columns"], size["small"]) for size in sizes] == [(1, 0), (2, 0)]


def test_bars_are_as_long_as_what_was_spent(sizes: list[dict[str, Any]]) -> None:
    """A bar's share of its track is the spent share of the limit, and never more than the whole."""
    for size in sizes:
        shares = {label.partition(":")[0][:8]: share for label, share, _ in size["bars"]}
        expected = {"checkout": 0.4, "mailer": 0, "search": 0.86, "summarie": 1}
        assert {name: shares[name] for name in expected} == pytest.approx(expected, abs=0.01)
        assert all(width > 200 for _, _, width in size["bars"])


def test_the_style_applies_and_levels_have_colours_of_their_own(sizes: list[dict[str, Any]]) -> None:
    """The policy lets the page's own style through: three levels, three colours."""
    assert all(len(set(size["fills"])) == 3 for size in sizes)


def test_dark_is_dark(sizes: list[dict[str, Any]], tmp_path: Path) -> None:
    """Where the reader prefers dark colours, the page and the bars have others."""
    dark = measured(tmp_path, "--blink-settings=preferredColorScheme=0")
    assert dark[0]["page"] != sizes[0]["page"]
    assert len(set(dark[0]["fills"])) == 3
    assert max(map(int, re.findall(r"\d+", dark[0]["page"]))) < 64


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What was measured of a report of sixty services."""
    return measured(tmp_path_factory.mktemp("large"), "--blink-settings=preferredColorScheme=1", of=large_report())


def test_sixty_services_are_a_table_before_they_are_cards(large: list[dict[str, Any]]) -> None:
    """The table has a line a service, top spenders first, fits the screen, and stands above the cards."""
    expected = [usage.service for usage in large_report().services]
    for size in large:
        assert size["rows"] == expected
        assert (size["scrolled"], size["outside"], size["small"]) == (size["width"], [], 0)
        assert size["table"]["bottom"] <= size["cards"]
    assert large[1]["tall"] < 64
    assert large[1]["table"]["height"] < 60 * 64


def test_the_table_keeps_on_a_phone_what_matters(large: list[dict[str, Any]]) -> None:
    """Service, month, total and the spent part of the limit; a desk has all columns; each has its sum below."""
    phone, desk = large
    assert phone["shown"] == ["Service", "This month", "Total", "Spent of limit"]
    assert len(desk["shown"]) == 9
    month = f"${large_report().totals.month_usd:,.2f}"
    assert phone["foot"][:2] == ["Total", month]
    assert desk["foot"][2] == month
    assert (phone["numbers"], desk["numbers"]) == (1, 1)


def test_every_link_leads_somewhere_and_headings_nest(large: list[dict[str, Any]]) -> None:
    """Each name in the table and in the list links to its card; no script is needed."""
    for size in large:
        assert (size["dead"], size["scripts"]) == (0, 0)
        assert size["headings"] == ["H1", "H2", "H2", "H2", *["H3"] * 60]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_renders_as_a_picture(tmp_path: Path, width: int, height: int) -> None:
    """The browser draws the page by itself, at the size of the screen."""
    page, picture = tmp_path / "report.html", tmp_path / "report.png"
    page.write_text(as_html(every_kind_of_report()))
    browse(tmp_path, page, f"--window-size={width},{height}", f"--screenshot={picture}")
    drawn = picture.read_bytes()
    assert struct.unpack(">II", drawn[16:24]) == (width, height)
    assert len(drawn) > 10_000
