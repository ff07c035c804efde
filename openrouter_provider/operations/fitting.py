"""How a table fits a line: which columns give way, how a word is cut, and where a sentence may be broken."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

GAP = 2
SHORT_HASH = 12
NARROWEST = 6
ELLIPSIS = "…"
_HASH = re.compile(r"[0-9a-fA-F]{32,}")


@dataclass(frozen=True)
class Column:
    """A column, and what it gives up where lines are short.

    Attributes:
        name: its heading.
        rank: 0 stays; of the others the highest gives way first.
        least: how short its words may be cut; 0 is not at all. Of what stays, all beyond it is cut before the rest.
        is_right: whether it stands at the right, as numbers do.
        is_text: whether it has sentences, which stand beneath the row where they have no room in it.
        label: what stands before the sentences beneath a row.
    """

    name: str
    rank: int = 0
    least: int = 0
    is_right: bool = False
    is_text: bool = False
    label: str = ""


def fitted(columns: Sequence[Column], natural: Mapping[str, int], width: int) -> dict[str, int]:
    """Return the widths of the columns that a line has room for.

    Args:
        columns: all of them.
        natural: the width of each at its longest cell.
        width: how many characters a line has.
    """
    kept = dict(natural)
    by_rank = sorted(columns, key=lambda column: -column.rank)
    staying = [column for column in by_rank if not column.rank]
    for column in (*staying, *by_rank):
        over, least = total_width(kept.values()) - width, _least(column, natural[column.name])
        if over > 0 and column.rank and kept[column.name] - over < least:
            del kept[column.name]
        elif over > 0:
            kept[column.name] = max(least, kept[column.name] - over)
    for column in staying:  # A terminal that is narrower than what names the rows.
        over, least = total_width(kept.values()) - width, min(kept[column.name], NARROWEST)
        kept[column.name] = max(least, kept[column.name] - max(over, 0)) if column.least else kept[column.name]
    for column in reversed(by_rank):
        if column.name in kept:  # What a column that was left out made free.
            spare = max(width - total_width(kept.values()), 0)
            kept[column.name] = min(natural[column.name], kept[column.name] + spare)
    return kept


def _least(column: Column, natural: int) -> int:
    return min(natural, max(column.least, cell_len(column.name))) if column.least else natural


def total_width(widths: Iterable[int]) -> int:
    """Return how long a line of columns of these widths is."""
    every = list(widths)
    return sum(every) + GAP * (len(every) - 1)


def shortened(text: str, width: int) -> str:
    """Return a text in so many characters, cut in its middle.

    >>> shortened("acme/dev/checkout/openrouter", 15)
    'acme/de…nrouter'
    """
    if cell_len(text) <= width:
        return text
    begin, end = text[: width - width // 2 - 1], text[len(text) - width // 2 :]
    return f"{begin}{ELLIPSIS}{end}" if width > 1 else ELLIPSIS


def short_hash(text: str) -> str:
    """Return the beginning of a hash, which is enough to know it again; what is none stays whole."""
    return text[:SHORT_HASH] + ELLIPSIS if _HASH.fullmatch(text) else text


def wrapped(text: Text, width: int) -> Iterator[Text]:
    """Yield a text's lines, broken at blanks alone: a word that is longer than a line stays whole, to be copied."""
    begin = end = 0
    for word in _words(text.plain):
        if end > begin and cell_len(text.plain[begin : word[1]]) > max(width, 1):
            yield text[begin:end]
            begin = word[0]
        end = word[1]
    if end > begin:
        yield text[begin:end]


def _words(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for word in text.split(" "):
        if word:
            yield at, at + len(word)
        at += len(word) + 1
