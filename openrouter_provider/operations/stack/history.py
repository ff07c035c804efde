"""What a backend keeps of a stack beside its state: the history of its runs, and the files of a file backend.

A kill can break one of the latter. The backend writes each file under another name and renames it, but the `.attrs`
file beside it directly. Killed between, it leaves an empty one, and from then on every command of this stack ends with
nothing but `EOF`. An empty one says nothing and is missed by nobody: Pulumi makes it anew with the next write.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ...api.http.retry import RetryPolicy
from .deployment import PREFIX_CONFIG

SCHEME = "file://"
ATTRIBUTES = ".attrs"


def backend_folder(url: str | None) -> Path | None:
    """Return the folder of a file backend, None for any other."""
    if not url or not url.startswith(SCHEME):
        return None
    return Path(url.removeprefix(SCHEME).partition("?")[0]).expanduser() / ".pulumi"


def stack_names(folder: Path, project: str) -> list[str]:
    """Return the names of a project's stacks, damaged ones too.

    Args:
        folder: the backend's `.pulumi` folder.
        project: the project's name.
    """
    states = [path.name for path in (folder / "stacks" / project).glob("*.json*")]
    return sorted({name.partition(".json")[0] for name in states if name.endswith((".json", ".json.gz"))})


def unwritten_attributes(folder: Path, stack: str) -> list[Path]:
    """Return the empty attribute files of one stack: beside its state, its locks, its history and its backups.

    Args:
        folder: the backend's `.pulumi` folder.
        stack: the stack's name; an organisation before it does not count.
    """
    short = stack.rpartition("/")[2]
    found = folder.rglob(f"*{ATTRIBUTES}")
    return sorted(path for path in found if _is_of(path.relative_to(folder), short) and path.stat().st_size == 0)


def _is_of(path: Path, stack: str) -> bool:
    return stack in path.parts[:-1] or path.name.startswith(f"{stack}.")


CLOCK_SKEW = timedelta(seconds=RetryPolicy().clock_skew_seconds)
SETTLE_SECONDS = 10.0
"""How long a call whose caller was killed may still take to be carried out and to show in a listing."""

History = Sequence[Mapping[str, Any]]
"""The entries of `pulumi stack history --json`, the newest first."""


@dataclass(frozen=True)
class UnfinishedRun:
    """A run of the stack that did not succeed.

    Attributes:
        began: when, in UTC.
        ended: when it failed; None where it was killed.
    """

    began: datetime
    ended: datetime | None = None

    def may_have_made(self, created_at: datetime | None) -> bool:
        """Whether something of that age was made in the course of it, as far as two clocks can agree."""
        if created_at is None:
            return False
        late = self.ended is not None and created_at > self.ended + CLOCK_SKEW
        return created_at >= self.began - CLOCK_SKEW and not late


def instant_of(text: object) -> datetime | None:
    """Return the instant that Pulumi wrote, None where it is none."""
    try:
        instant = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return instant if instant.tzinfo else None


def unfinished_runs(history: History) -> list[UnfinishedRun]:
    """Return the runs that did not succeed; without a readable beginning, none."""
    failed = [entry for entry in history if entry.get("result") != "succeeded"]
    began = [(entry, instant_of(entry.get("startTime"))) for entry in failed]
    return [UnfinishedRun(start, instant_of(entry.get("endTime"))) for entry, start in began if start]


def prefixes_in(history: History, default: str) -> set[str]:
    """Return every name prefix that a run of the history had.

    Args:
        history: the runs.
        default: the prefix of a run whose config names none.
    """
    named = [(entry.get("config") or {}).get(PREFIX_CONFIG) or {} for entry in history]
    found = {setting.get("value") or default for setting in named}
    return {prefix for prefix in found if isinstance(prefix, str)}


def seconds_to_settle(killed: bool, runs: Sequence[UnfinishedRun], now: datetime) -> float:
    """Return how long to wait until what a run cut off must have been carried out, or never will be.

    A killed run leaves no word of when it died: its lock has the beginning, its state the last checkpoint, and a call
    may have been begun long after either. So the wait counts from now, the first moment of which it is known that no
    process of the run goes on. A failed run wrote down when it ended.

    Args:
        killed: whether a lock or an unfinished operation is there.
        runs: the runs that did not succeed.
        now: the time in UTC.
    """
    if killed:
        return SETTLE_SECONDS
    ages = [(now.astimezone(UTC) - run.ended).total_seconds() for run in runs if run.ended]
    return max((SETTLE_SECONDS - age for age in ages if 0 <= age < SETTLE_SECONDS), default=0.0)
