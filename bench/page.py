"""docs/performance.md: the part of it that is generated from the results."""

from pathlib import Path

from .results import Results
from .tables import Table, tables

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- results -->", "<!-- /results -->"


def generated(results: Results) -> str:
    """Return the generated part, markers included."""
    machine = ", ".join(f"{name} {value}" for name, value in results.machine.items())
    parts = [BEGIN, f"Measured on {results.date} ({machine}).", *(markdown(table) for table in tables(results)), END]
    return "\n\n".join(parts)


def markdown(table: Table) -> str:
    """Return a table in Markdown under its title."""
    lines = [table.header, ["---"] * len(table.header), *table.rows]
    return "\n".join([f"**{table.title}**", "", *(f"| {' | '.join(line)} |" for line in lines)])


def part_of(page: str) -> str:
    """Return the generated part of a page, markers included."""
    return page[page.index(BEGIN) : page.index(END) + len(END)]


def rewrite(results: Results, page: Path = PAGE) -> None:
    """Put the results into the page."""
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace(part_of(text), generated(results)), encoding="utf-8")
