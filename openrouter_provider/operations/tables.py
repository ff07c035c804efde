"""Tables for people and pipes: a terminal gets what fits its lines, anything else gets everything, between tabs.

On a terminal columns give way by rank: their words are cut, and then they are left out. No word is ever folded: a
sentence that has no room in its row stands beneath it. A pipe or a file gets one line of headings and a line a row.
"""

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

from ..api.scrub import printable
from .fitting import GAP, Column, fitted, short_hash, shortened, wrapped

__all__ = [
    "BAD",
    "OK",
    "PLAIN",
    "TEXT_LENGTH",
    "WARNING",
    "Column",
    "Listing",
    "Row",
    "after_lines",
    "print_listings",
    "tab_separated",
    "terminal_lines",
]

INDENT = 4
SHORT_SENTENCE = 8
CELL_LENGTH = 300
TEXT_LENGTH = 2000

# Numbers of the 256 fixed colours, since the sixteen named ones are the terminal's: yellow on white can't be read.
OK = Style.parse("color(28)")
BAD = Style.parse("bold color(160)")
WARNING = Style.parse("color(130)")
PLAIN = Style.null()
_HEAD, _TITLE = Style(bold=True), Style(italic=True)


@dataclass(frozen=True)
class Row:
    """A line of a table.

    Attributes:
        cells: a text for each column; a sentence a line where it is one of sentences.
        styles: the colours of some, by the column's name.
        usual: the columns whose sentence is as usual here, and worth no line of its own beneath.
    """

    cells: Sequence[str]
    styles: Mapping[str, Style] = field(default_factory=dict)
    usual: Collection[str] = ()


@dataclass(frozen=True)
class Listing:
    """A table.

    Attributes:
        title: what stands above it on a terminal.
        columns: those of a terminal and of a pipe.
        rows: its lines.
        key: what says in a pipe of which stack or service the rows are: a heading and the cell; none where empty.
        total: a last line, on a terminal alone.
        after: what is said after it; where the table goes into a pipe, on stderr.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    key: tuple[str, str] | None = None
    total: Sequence[str] = ()
    after: Sequence[str] = ()


def print_listings(listings: Sequence[Listing], *, wide: bool = False, out: Console | None = None) -> None:
    """Print tables on stdout, as a terminal or as a pipe wants them.

    Args:
        listings: the tables, all of the same columns.
        wide: whether a terminal gets every column and every word whole.
        out: where to print; default: stdout.
    """
    console = out or Console(highlight=False)
    if console.is_terminal:
        for listing in listings:
            for shown in terminal_lines(listing, console.width, wide=wide):
                console.print(shown, soft_wrap=True)
        return
    console.file.write(tab_separated(listings))
    for said in after_lines(listings):
        sys.stderr.write(f"{said}\n")


def after_lines(listings: Iterable[Listing]) -> list[str]:
    """Return what is said after the tables."""
    return [printable(line, length=TEXT_LENGTH) for listing in listings for line in listing.after]


def tab_separated(listings: Sequence[Listing]) -> str:
    """Return one line of headings and a line for each row of all tables, uncut."""
    if not listings:
        return ""
    key = listings[0].key
    lines = [[*([key[0]] if key else []), *(column.name for column in listings[0].columns)]]
    for listing in listings:
        first = [listing.key[1]] if listing.key else []
        lines += [[*first, *row.cells] for row in listing.rows]
    return "".join("\t".join(map(_piped_cell, line)) + "\n" for line in lines)


def _piped_cell(text: str) -> str:
    return printable("; ".join(text.splitlines()), length=TEXT_LENGTH)


def terminal_lines(listing: Listing, width: int, *, wide: bool = False) -> Iterator[Text]:
    """Yield a table's lines for a terminal of that width.

    Args:
        listing: the table.
        width: how many characters a line has.
        wide: whether every column and every word is whole, however long the lines are.
    """
    if listing.rows or not listing.after:
        yield from _table_lines(listing, width, wide=wide)
    for line in after_lines([listing]):
        yield from wrapped(Text(line), width)


def _table_lines(listing: Listing, width: int, *, wide: bool) -> Iterator[Text]:
    if listing.title:
        yield from wrapped(Text(printable(listing.title, length=CELL_LENGTH), _TITLE), width)
    texts = [column for column in listing.columns if column.is_text]
    plain = [column for column in listing.columns if not column.is_text]
    rows = [(_clean(listing.columns, row.cells, short=not wide), row) for row in listing.rows]
    total = [_clean(listing.columns, listing.total, short=False)] if listing.total else []
    natural = {column.name: _width(column, [*(cells for cells, _ in rows), *total]) for column in plain}
    widths = natural if wide else fitted(plain, natural, width - _room(texts[:1], [cells for cells, _ in rows]))
    columns = [column for column in plain if column.name in widths]
    yield from _head(columns, texts[:1], widths, width)
    for cells, row in rows:
        yield from _row_lines(_line(columns, cells, widths, row.styles), texts, cells, row, width)
    for cells in total:
        yield _stripped(_line(columns, cells, widths, {}))
    left_out = [column.name for column in plain if column.name not in widths]
    if left_out:
        yield from wrapped(Text(f"not shown: {', '.join(left_out)} (--wide shows them)"), width)


def _clean(columns: Sequence[Column], given: Sequence[str], *, short: bool) -> dict[str, str]:
    cells = {}
    for column, text in zip(columns, given, strict=True):
        if column.is_text:
            cells[column.name] = "\n".join(printable(line, length=TEXT_LENGTH) for line in text.splitlines())
        else:
            whole = printable(text, length=CELL_LENGTH)
            cells[column.name] = short_hash(whole) if short else whole
    return cells


def _width(column: Column, rows: Iterable[Mapping[str, str]]) -> int:
    return max([cell_len(column.name), *(cell_len(cells[column.name]) for cells in rows)])


def _room(first: Sequence[Column], rows: Iterable[Mapping[str, str]]) -> int:
    """Return what the words of a row leave for a short sentence beside them, such as ok; 0 where there is none."""
    texts = [text for column in first for cells in rows for text in cells[column.name].splitlines()[:1]]
    short = [cell_len(text) for text in texts if 1 < cell_len(text) <= SHORT_SENTENCE]
    return GAP + max([*short, *(cell_len(column.name) for column in first)]) if short else 0


def _head(columns: Sequence[Column], first: Sequence[Column], widths: Mapping[str, int], width: int) -> Iterator[Text]:
    """Yield the line of headings; that of sentences only where it has room."""
    line = _line(columns, {column.name: column.name for column in columns}, widths, {})
    for column in first:
        if cell_len(line.plain) + GAP + cell_len(column.name) <= width:
            line = _joined(line, Text(column.name))
    line.stylize(_HEAD)
    yield _stripped(line)


def _line(
    columns: Sequence[Column], cells: Mapping[str, str], widths: Mapping[str, int], styles: Mapping[str, Style]
) -> Text:
    """Return the columns of a row, each as wide as it is."""
    line = Text()
    for number, column in enumerate(columns):
        text = shortened(cells[column.name], widths[column.name])
        space = " " * (widths[column.name] - cell_len(text))
        line.append(" " * GAP if number else "")
        line.append(space if column.is_right else "")
        line.append(text, styles.get(column.name, PLAIN))
        line.append("" if column.is_right else space)
    return line


def _row_lines(line: Text, texts: Sequence[Column], cells: Mapping[str, str], row: Row, width: int) -> Iterator[Text]:
    """Yield a row, with its first sentence beside it where it has room there, and what else there is beneath."""
    sentences = _sentences(texts, cells)
    if sentences:
        column, first = sentences[0]
        if cell_len(line.plain) + GAP + cell_len(first) <= width:
            line, sentences = _joined(line, Text(first, row.styles.get(column.name, PLAIN))), sentences[1:]
    yield _stripped(line)
    for column, sentence in sentences:
        text = Text(f"{column.label}{sentence}", row.styles.get(column.name, PLAIN))
        for part in wrapped(text, width - INDENT) if column.name not in row.usual else ():
            yield Text(" " * INDENT) + part


def _sentences(texts: Iterable[Column], cells: Mapping[str, str]) -> list[tuple[Column, str]]:
    return [(column, sentence) for column in texts for sentence in cells[column.name].splitlines() if sentence]


def _joined(line: Text, text: Text) -> Text:
    return line + Text(" " * GAP) + text if line.plain else text


def _stripped(line: Text) -> Text:
    line.rstrip()
    return line
