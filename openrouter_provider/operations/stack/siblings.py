"""The other stacks of the project: their keys are nobody's orphans, whatever they are named."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from pulumi.automation import CommandError, LocalWorkspace

from ...api.errors import ConfigurationError
from .deployment import exported_state
from .history import backend_folder, stack_names
from .pending import Checkpoint, known_hashes, pending_operations
from .stacks import last_line

STATES_AT_ONCE = 4
ALL_OF_THEM = "the project's other stacks"


@dataclass(frozen=True)
class OtherStacks:
    """What the states of the project's other stacks say.

    Attributes:
        states: their deployments, by stack.
        unread: why a stack's state could not be read, by stack; what it knows is not known then.
    """

    states: Mapping[str, Checkpoint] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def hashes(self) -> frozenset[str]:
        """Every key's hash that any of them names."""
        return frozenset(hash_ for state in self.states.values() for hash_ in known_hashes(state))

    @property
    def ids(self) -> frozenset[str]:
        """The id of every resource of theirs."""
        resources = [each for state in self.states.values() for each in state.get("resources") or []]
        return frozenset(str(each.get("id")) for each in resources if each.get("id"))

    @property
    def names(self) -> frozenset[str]:
        """The name of everything that they are making, or were when they were killed."""
        operations = [each for state in self.states.values() for each in pending_operations(state)]
        return frozenset(each.physical_name for each in operations if each.physical_name)

    @property
    def doubt(self) -> str:
        """Which of them could not be read, and why, in one line; empty where all could."""
        return "; ".join(f"stack {name} could not be read ({why})" for name, why in self.unread.items())


class ProjectStacks:
    """The states of a project's stacks, each exported once.

    Args:
        names: lists the project's stacks.
        export: returns a stack's deployment.
    """

    def __init__(self, names: Callable[[], Sequence[str]], export: Callable[[str], Checkpoint]) -> None:
        self._names, self._export = names, export
        self._found: dict[str, Checkpoint | ConfigurationError] = {}
        self._lock = Lock()

    def state(self, stack: str) -> Checkpoint:
        """Return one stack's deployment.

        Raises:
            ConfigurationError: it can't be read.
        """
        with self._lock:
            # Other threads add to what is found.
            found = next((state for name, state in self._found.items() if is_same_stack(name, stack)), None)
        if found is None:
            found = self._read(stack)
            with self._lock:
                self._found[stack] = found
        if isinstance(found, ConfigurationError):
            raise found
        return found

    def besides(self, stack: str) -> OtherStacks:
        """Return all but one of them; what can't be read is told, not raised."""
        try:
            names = [name for name in self._names() if not is_same_stack(name, stack)]
        except ConfigurationError as error:
            return OtherStacks(unread={ALL_OF_THEM: str(error)})
        with self._lock:
            missing = [name for name in names if name not in self._found]
            with ThreadPoolExecutor(STATES_AT_ONCE) as pool:
                self._found.update(zip(missing, pool.map(self._read, missing), strict=True))
        found = {name: self._found[name] for name in names}
        return OtherStacks(
            {name: state for name, state in found.items() if not isinstance(state, ConfigurationError)},
            {name: str(error) for name, error in found.items() if isinstance(error, ConfigurationError)},
        )

    def _read(self, name: str) -> Checkpoint | ConfigurationError:
        try:
            return self._export(name)
        except ConfigurationError as error:
            return error


def is_same_stack(one: str, other: str) -> bool:
    """Return whether two names are of one stack; a name may go without its organisation."""
    full = "/" in one and "/" in other
    return one == other if full else one.rpartition("/")[2] == other.rpartition("/")[2]


def project_stacks(workspace: LocalWorkspace) -> ProjectStacks:
    """Return the stacks of a workspace's project."""

    def export(stack: str) -> Checkpoint:
        deployment: Checkpoint = exported_state(workspace, stack).get("deployment") or {}
        return deployment

    return ProjectStacks(lambda: _listed(workspace), export)


def _listed(workspace: LocalWorkspace) -> list[str]:
    """Return the names of the project's stacks; a file backend's own list fails where one of them is damaged."""
    try:
        return [summary.name for summary in workspace.list_stacks()]
    except CommandError as error:
        folder = _file_backend(workspace)
        if folder is None:
            raise ConfigurationError(f"the stacks cannot be listed: {last_line(error)}") from None
        return stack_names(folder, workspace.project_settings().name)


def _file_backend(workspace: LocalWorkspace) -> Path | None:
    try:
        return backend_folder(workspace.who_am_i().url)
    except CommandError:
        return None
