"""A move before it is made: what may move, and what both config files say afterwards."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pulumi.automation import LocalWorkspace

from ...config.sharing.moves import FileChange, Move
from ..stack.deployment import config_values
from ..stack.pending import Checkpoint
from .both_files import StackFile, changed_files, check_services, shared_settings, with_shared
from .checkpoint import (
    PROVIDERS,
    Address,
    Parcel,
    has_arrived,
    moving,
    names_taken,
    obstacles,
    parcel,
    providers_of,
    unready,
)
from .same_meaning import Side, differing_settings, settle
from .states import MoveFailed, config_in, encrypted_for, file_of, read_text, side_of


@dataclass(frozen=True)
class MovePlan:
    """What a move would do.

    Attributes:
        move: the move.
        written_out: by service, the settings that are written out with it.
        shared: the settings that the other stack gets, having no services yet.
        resumed: whether it was begun before.
    """

    move: Move
    written_out: Mapping[str, Sequence[str]]
    shared: Sequence[str] = ()
    resumed: bool = False


class Planner:
    """Plans moves from one stack to another; nothing is written.

    Args:
        workspace: the project's workspace.
        source: the stack that has the services.
        target: the stack that they go to.
    """

    def __init__(self, workspace: LocalWorkspace, source: str, target: str) -> None:
        self._workspace, self._project = workspace, Path(workspace.work_dir)
        self._source, self._target = source, target

    def check_states(self, here: Checkpoint, there: Checkpoint, names: Sequence[str]) -> None:
        """Refuse services whose resources can't leave the one state, or can't come into the other.

        Raises:
            MoveFailed: says why, a reason a line.
        """
        reasons = [unready(self._source, here), unready(self._target, there)]
        reasons += [f"{name}: {reason}" for name in names for reason in obstacles(here, name)]
        # What arrived before a journal was lost is no other service.
        if not has_arrived(there, self.parcel(here, names)):
            taken = names_taken(there, names)
            reasons += [f"stack {self._target} has a service {each} already: rename one of them" for each in taken]
        refuse(filter(None, reasons))

    def parcel(self, deployment: Checkpoint, names: Sequence[str]) -> Parcel:
        """Return what of a checkpoint moves."""
        project = self._workspace.project_settings().name
        short = [stack.rpartition("/")[2] for stack in (self._source, self._target)]
        return parcel(deployment, names, Address(short[0], project), Address(short[1], project))

    def settled(self, names: Sequence[str], packages: Collection[str], *, is_new: bool) -> MovePlan:
        """Return the move with what it makes of both config files.

        Args:
            names: the services.
            packages: those of the providers that their resources go through.
            is_new: whether the other stack has no services in its state.

        Raises:
            OpenRouterError: the settings can't stay the same; says why.
        """
        source, target = self._side(self._source), self._side(self._target)
        here, there = self._file(source), self._file(target)
        encrypt = self._encrypting(there)
        shared = shared_settings(here, there, source, encrypt) if is_new and not there.has_services else {}
        filled = with_shared(there, shared)
        if shared:
            target = side_of(self._workspace, target.stack, self._read(target, filled.text))
        differing = differing_settings(source, target, packages)
        refuse(f"{name} differs between the stacks, and the keys and secrets depend on it" for name in differing)
        settled, reasons = settle(source, target, names)
        refuse(reasons)
        assert settled is not None, "settled where nothing is refused"  # noqa: S101 - what settle() promises
        check_services(here, names)
        texts = changed_files(here, filled, source, settled.changes, encrypt)
        self._prove(settled.source, texts[0])
        self._prove(settled.target, texts[1])
        files = (FileChange(there.name, there.text, texts[1]), FileChange(here.name, here.text, texts[0]))
        move = Move(source.stack, target.stack, tuple(names), files)
        return MovePlan(move, {name: sorted(each) for name, each in settled.changes.items()}, sorted(shared))

    def _side(self, stack: str) -> Side:
        return side_of(self._workspace, stack, config_values(self._workspace, stack))

    def _file(self, side: Side) -> StackFile:
        name = file_of(side.stack)
        return StackFile(name, read_text(self._project / name))

    def _encrypting(self, file: StackFile) -> Callable[[str], dict[str, str]]:
        return lambda value: encrypted_for(self._workspace, self._target, file.text or "", value)

    def _read(self, side: Side, text: str | None) -> dict[str, str]:
        return config_in(self._workspace, side.stack, text or "")

    def _prove(self, wanted: Side, text: str) -> None:
        """Make sure that pulumi reads in the new text what was planned."""
        if side_of(self._workspace, wanted.stack, self._read(wanted, text)).config != wanted.config:
            raise MoveFailed(
                f"{file_of(wanted.stack)} is written in a way that can't be edited safely: write each service as a "
                "block of its own under openrouter-keys:services, one setting a line; nothing was moved"
            )


def packages_of(deployment: Checkpoint, names: Sequence[str]) -> set[str]:
    """Return the packages of the providers that services' resources go through, beside those of every stack."""
    providers = providers_of(deployment, moving(deployment, names))
    return {str(each["type"]).removeprefix(PROVIDERS) for each in providers} - {"pulumi", "pulumi-python"}


def refuse(reasons: Iterable[str]) -> None:
    """Refuse a move where there is any reason to.

    Raises:
        MoveFailed: has a reason a line.
    """
    found = list(reasons)
    if found:
        raise MoveFailed("nothing was moved:\n" + "\n".join(f"  {reason}" for reason in found))
