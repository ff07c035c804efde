"""What a killed run left in a stack, and who holds it: as doctor sees it."""

from collections.abc import Iterator

from ..doctor.stack_checks import interruption
from ..stack.locks import Lock
from ..stack.pending import Checkpoint
from .findings import STACK, Change, Finding, Subject


def run_findings(stack: str, deployment: Checkpoint, lock: Lock | None) -> Iterator[Finding]:
    """Yield a finding for the operations that a run did not end, and one for a lock.

    Args:
        stack: the stack's name.
        deployment: its exported state.
        lock: who holds it; None where nobody is seen to.
    """
    subject = Subject(stack, STACK)
    for found in interruption(deployment, None, stack):
        yield subject.finding(Change.RUN_KILLED, "state", "finished", found.text, _heal(found.fix))
    for found in interruption({}, lock, stack):
        change = Change.RUN_KILLED if lock and lock.is_left() else Change.STACK_HELD
        yield subject.finding(change, "lock", "none", found.text, _heal(found.fix))


def _heal(fix: str) -> str:
    """Return doctor's fix as a finding's: the command in backticks, after what a person must do before it."""
    before, _, command = fix.rpartition("run: ")
    return f"a person must: {before}run `{command}`"
