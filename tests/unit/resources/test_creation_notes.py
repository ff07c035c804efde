"""The notes of creations that are under way."""

import os
from pathlib import Path

import pytest

from openrouter_provider.api.errors import ConnectionFailed, OpenRouterError, OutcomeUnknown
from openrouter_provider.resources.creation_notes import FOLDER, creation_notes, noted

DRAWN = "acme/dev/checkout-0a1b2c3"


def names(project: Path) -> list[str]:
    """Return what is noted."""
    return [note.name for note in creation_notes(project)]


def test_name_is_noted_while_it_is_made_and_not_after(tmp_path: Path) -> None:
    """The note is there before the call, with the process that makes it, and gone with its answer."""
    with noted(DRAWN, tmp_path, noting=True):
        (note,) = creation_notes(tmp_path)
        assert (note.name, note.pid, note.is_going_on) == (DRAWN, os.getpid(), True)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("error", "kept"),
    [(ConnectionFailed("x"), False), (OutcomeUnknown("x", name="n"), True), (KeyboardInterrupt(), True)],
)
def test_note_stays_where_nobody_knows_how_it_ended(tmp_path: Path, error: BaseException, kept: bool) -> None:
    """An error of the API's edge says that nothing is left; an unknown outcome and a torn call do not."""
    with pytest.raises(type(error)), noted(DRAWN, tmp_path, noting=True):
        raise error
    assert bool(names(tmp_path)) is kept


def test_name_that_was_not_drawn_is_not_noted(tmp_path: Path) -> None:
    """A given name is no proof of whose an object is."""
    with noted(None, tmp_path, noting=True):
        assert not (tmp_path / FOLDER).exists()


def test_only_the_engines_provider_notes(tmp_path: Path) -> None:
    """This process is none."""
    with noted(DRAWN, tmp_path):
        assert not (tmp_path / FOLDER).exists()


def test_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    """Then there is no note, and recover leaves to a person what it finds."""
    (tmp_path / FOLDER.parts[0]).write_text("no folder")
    with noted(DRAWN, tmp_path, noting=True):
        pass
    assert names(tmp_path) == []


def test_notes_are_in_no_repository_and_broken_ones_are_none(tmp_path: Path) -> None:
    """The folder ignores itself, and a note that was cut off says nothing."""
    with pytest.raises(OpenRouterError), noted(DRAWN, tmp_path, noting=True):
        raise OutcomeUnknown("x", name="n")
    assert (tmp_path / FOLDER.parts[0] / ".gitignore").read_text() == "*\n"
    (tmp_path / FOLDER / "cut.json").write_text('{"name": "a')
    (note,) = creation_notes(tmp_path)
    note.forget()
    assert names(tmp_path) == []
