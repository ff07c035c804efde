"""The journal of a move: both stacks are refused until it ends, and a kill never leaves half of it."""

from pathlib import Path

import pytest

from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.config.sharing.moves import (
    FOLDER,
    FileChange,
    Move,
    begin,
    end,
    moves_under_way,
    refuse_while_moving,
    write_whole,
)

MOVE = Move("prod", "org/prod-2", ("checkout",), (FileChange("Pulumi.prod.yaml", None, "config: {}\n"),))


def test_a_move_is_under_way_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    """It is read as it was written; beginning it twice is one move."""
    begin(tmp_path, MOVE)
    begin(tmp_path, MOVE)
    assert moves_under_way(tmp_path) == [MOVE]
    assert (tmp_path / ".pulumi-recover" / ".gitignore").read_text() == "*\n"
    end(tmp_path, MOVE)
    end(tmp_path, MOVE)
    assert moves_under_way(tmp_path) == []


@pytest.mark.parametrize(("stack", "refused"), [("prod", True), ("prod-2", True), ("dev", False), ("prod-3", False)])
def test_neither_stack_is_deployed_meanwhile(tmp_path: Path, stack: str, refused: bool) -> None:
    """The reason names the services, both stacks, and the command that ends it; other stacks are free."""
    begin(tmp_path, MOVE)
    if not refused:
        refuse_while_moving(tmp_path, stack)
        return
    with pytest.raises(ConfigurationError, match=r"checkout from prod to org/prod-2 is unfinished: run .* --to org"):
        refuse_while_moving(tmp_path, stack)


def test_a_damaged_journal_refuses_every_stack(tmp_path: Path) -> None:
    """Nobody knows which stacks it is about."""
    begin(tmp_path, MOVE)
    (path,) = (tmp_path / FOLDER).glob("*.json")
    path.write_text("{")
    with pytest.raises(ConfigurationError, match="journal of an unfinished move can't be read"):
        refuse_while_moving(tmp_path, "dev")


def test_a_file_is_written_whole_with_its_rights(tmp_path: Path) -> None:
    """The old file is replaced in one step, and whoever could read it still can, and nobody else."""
    path = tmp_path / "Pulumi.prod.yaml"
    path.write_text("old")
    path.chmod(0o640)
    write_whole(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o640)
    assert list(tmp_path.iterdir()) == [path]
