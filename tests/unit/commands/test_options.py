"""What all commands have in common: JSON by one name, and a help that a terminal of 80 columns shows whole."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, get_type_hints

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from openrouter_provider.cli import app
from openrouter_provider.commands.drift import DriftFormat
from openrouter_provider.commands.options import TableFormat, format_of
from tests.unit.test_cli import COMMANDS, run

ACTING = ("host", "move", "split")
"""They change files and states, ask before, and have nothing to print but that."""
COMMAND: Any = get_command(app)
CALLBACKS = {each.name or each.callback.__name__: each.callback for each in app.registered_commands if each.callback}


def options(command: str) -> Mapping[str, Any]:
    """Return a command's parameters by each name that they have on the command line."""
    return {name: each for each in COMMAND.commands[command].params for name in each.opts}


def test_every_command_is_looked_at() -> None:
    """A new command is in the list that the other tests walk."""
    assert set(COMMAND.commands) == set(COMMANDS)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ACTING])
def test_json_has_the_same_names_everywhere(command: str) -> None:
    """Each command that prints data takes `--format json`, and `--json` for short."""
    known = options(command)
    assert "json" in get_type_hints(CALLBACKS[command])["format_"]._value2member_map_
    assert (known["--format"].name, known["--json"].name, known["--json"].is_flag) == ("format_", "as_json", True)


@pytest.mark.parametrize("command", COMMANDS)
def test_one_name_is_one_thing(command: str) -> None:
    """An option that several commands have is spelled, explained and cut short alike."""
    known = options(command)
    shared = {"--stack": "-s", "--format": "-f", "--yes": "-y", "--wide": "-w"}
    assert [name for name, short in shared.items() if name in known and short not in known] == []


def cut(text: str) -> Iterator[str]:
    """Yield the lines that a terminal of 80 columns folds, and those in which something was cut off."""
    for line in text.splitlines():
        if len(line) > 80 or line.rstrip().endswith(("...>", "…")):
            yield line


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_whole_on_80_columns(command: str) -> None:
    """No line is longer, nothing is cut off, and the example stands on one line, to be copied."""
    shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"}).stdout
    assert list(cut(shown)) == []
    (line,) = (line for line in shown.splitlines() if "Example: " in line)
    assert shown.rstrip().endswith(line)


@pytest.mark.parametrize(
    ("chosen", "as_json", "found"),
    [
        (TableFormat.TABLE, True, "json"),
        (TableFormat.JSON, True, "json"),
        (TableFormat.TABLE, False, "table"),
        (DriftFormat.JUNIT, False, "junit"),
    ],
)
def test_the_short_form_is_the_long_one(chosen: TableFormat, as_json: bool, found: str) -> None:
    """--json is --format json, whatever the default is."""
    assert format_of(chosen, as_json) == found


def test_two_formats_are_refused() -> None:
    """--json beside another format is no guess."""
    with pytest.raises(typer.BadParameter, match="--json and --format junit contradict each other"):
        format_of(DriftFormat.JUNIT, as_json=True)


def test_explain_prints_json() -> None:
    """A section has its anchor, its title, its text and its address."""
    (found,) = json.loads(run("explain", "daily-limit", "--json").stdout)
    assert (found["anchor"], set(found)) == ("daily-limit", {"anchor", "title", "text", "url"})
    assert len(json.loads(run("explain", "--format", "json").stdout)) > 10
