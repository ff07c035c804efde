"""Several stacks checked side by side: what changed behind Pulumi's back, in the account, in the secrets and around."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..each_stack import STACKS_AT_ONCE, ask_each
from ..progress import Report
from ..stack.accounts import Accounts
from ..stack.opening import open_for_reading
from ..stack.siblings import project_stacks
from .findings import ACCOUNT, Finding, Severity
from .one_stack import StackDrift, check_stack

StackCheck = Callable[[Path, str, Callable[[str], None]], StackDrift]
"""Checks the project's stack of that name and says what it is doing."""


def check_stacks(
    project: Path,
    stacks: Sequence[str],
    report: Report,
    *,
    at_once: int = STACKS_AT_ONCE,
    check: StackCheck | None = None,
) -> list[StackDrift]:
    """Return what was found of each stack, in the order given; an error of one doesn't touch the others.

    Args:
        project: the folder with Pulumi.yaml.
        stacks: their names.
        report: told what is being done, from several threads.
        at_once: how many stacks are checked side by side.
        check: checks one stack; by default check_stack, which then reads the project's states once for all of them.
    """
    with Accounts.opened() as accounts:
        states = None if check else project_stacks(open_for_reading(project))
        ours = partial(check_stack, accounts=accounts, states=states, together=len(stacks) > 1)
        return _checked(project, stacks, report, at_once, check or ours)


def _checked(
    project: Path, stacks: Sequence[str], report: Report, at_once: int, checked: StackCheck
) -> list[StackDrift]:
    def ask(stack: str) -> StackDrift:
        return checked(project, stack, lambda doing: report(stack, doing))

    answers = ask_each(stacks, ask, report, at_once=at_once, begun="", ended=_ended)
    return told_once([each.found or StackDrift(each.stack, error=each.error) for each in answers])


def told_once(drifts: Sequence[StackDrift]) -> list[StackDrift]:
    """Return what was found with each finding of an account at the first stack alone that has it.

    Stacks that share a prefix claim the same keys: a key that nobody knows is one finding, not one a stack.
    """
    told: set[Finding] = set()
    found = []
    for drift in drifts:
        findings = [each for each in drift.findings if replace(each, stack="") not in told]
        told |= {replace(each, stack="") for each in findings if each.service == ACCOUNT}
        found.append(replace(drift, findings=tuple(findings)))
    return found


def _ended(found: StackDrift) -> str:
    return "failed" if found.error else f"done, {counted(found.findings)}"


def counted(findings: Iterable[Finding]) -> str:
    """Return how many findings there are of each severity, in words."""
    severities = [finding.severity for finding in findings]
    parts = [f"{severities.count(severity)} {severity}" for severity in Severity if severity in severities]
    return ", ".join(parts) or "clean"
