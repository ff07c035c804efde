"""The first table of docs/operations.md: a symptom leads to a section and to few commands, each of which there is."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_group

from openrouter_provider.cli import app

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split(" | ") for line in PAGE.partition("\n## Incidents")[0].splitlines() if "`" in line]
TABLE = [cells for cells in ROWS if len(cells) == 3]
MOST = 3


def commands_in(cell: str) -> list[list[str]]:
    """Return the words of each command of a cell."""
    return [shlex.split(text) for text in re.findall(r"`([^`]+)`", cell) if " " in text and ":" not in text.split()[0]]


@pytest.mark.parametrize(("what", "run", "_seen"), TABLE, ids=[cells[0] for cells in TABLE])
def test_a_row_leads_on_and_is_short(what: str, run: str, _seen: str) -> None:
    """It links to more, where there is more, and has three commands at most: nobody reads more at night."""
    assert "](" in what or what == "Something else"
    assert 0 < len(commands_in(run)) <= MOST


def test_every_command_of_the_table_is_one() -> None:
    """Ours are commands of the command line with options that they have; the others are pulumi's and aws's."""
    root = get_group(app)
    named = [words for _, run, _ in TABLE for words in commands_in(run)]
    assert len(named) > 2 * 10
    assert {words[0] for words in named} == {"pulumi", "openrouter-keys", "aws"}
    for tool, *words in named:
        if tool == "openrouter-keys":
            known = {option for parameter in root.commands[words[0]].params for option in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= known, words
