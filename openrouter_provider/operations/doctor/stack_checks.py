"""Can the stack be deployed as it stands: is its config right, its state readable, nobody at it, no run unfinished?"""

import shlex

from ...api.scrub import printable
from ...config.problems import StackConfigError
from ...settings import PROJECT
from ..stack.locks import Lock, parse_lock
from ..stack.pending import Checkpoint
from .examination import Checked, Examination, finding, ok, parse_json, why

MOST_PROBLEMS = 20


def check_config(examination: Examination) -> list[Checked]:
    """Would the stack's config be refused? Each problem is a line, as `pulumi preview` would have it."""
    if examination.config_answer.code:
        return []  # That it can't be read is told of the stack.
    if not any(name.startswith(f"{PROJECT}:") for name in examination.config):
        return []  # A program of the user's own declares its services itself.
    wrong = examination.declared
    if isinstance(wrong, StackConfigError):
        lines = [finding("config", str(problem), fix="") for problem in wrong.problems[:MOST_PROBLEMS]]
        more = len(wrong.problems) - len(lines)
        return [*lines, *([finding("config", f"{more} more problems", "see `pulumi preview`")] if more else [])]
    return [ok("config", "has no problems")]


def check_state(examination: Examination) -> list[Checked]:
    """Can the state's secrets be decrypted, does a run hold the stack, and did a killed one leave operations open?"""
    if examination.config_answer.code or not (examination.project / "Pulumi.yaml").is_file():
        return []
    ran = examination.pulumi("stack", "export", "--show-secrets", *examination.on_stack)
    exported = parse_json(ran.out)
    if ran.code or not isinstance(exported, dict):
        fix = "set PULUMI_CONFIG_PASSPHRASE, or get access to the stack's secrets provider"
        return [finding("state", f"can't be decrypted: {why(ran)}", fix)]
    name = examination.stack or examination.pulumi("stack", "--show-name").out.strip()
    # The backend refuses to rename a stack to its own name: because of the lock, or because the name is taken.
    renamed = examination.pulumi("stack", "rename", name, *examination.on_stack) if name else None
    left = interruption(exported.get("deployment") or {}, parse_lock(renamed.err) if renamed else None, name)
    return left or [ok("state", "can be decrypted; no run holds the stack or left anything unfinished")]


def interruption(deployment: Checkpoint, lock: Lock | None, stack: str) -> list[Checked]:
    """Return what a killed run left in a stack, and who holds it, each with the command that heals it.

    Args:
        deployment: the exported state.
        lock: who holds the stack; None where nobody does.
        stack: the stack's name; empty for the selected one.
    """
    return [*_unfinished(deployment, stack), *_held(lock, stack)]


def _unfinished(deployment: Checkpoint, stack: str) -> list[Checked]:
    pending = deployment.get("pending_operations") or []
    if not pending:
        return []
    text = f"a killed run left {len(pending)} operation{'s' if len(pending) > 1 else ''} unfinished"
    return [finding("state", text, f"run: {_recover(stack)}")]


def _held(lock: Lock | None, stack: str) -> list[Checked]:
    if lock is None:
        return []
    text, clear = f"is locked by {printable(lock.holder)}", f"{_recover(stack)} --clear-lock"
    if lock.is_left():
        return [finding("state", f"{text}, which is gone", f"run: {clear}")]
    return [finding("state", text, f"wait for that run; where its process is gone, run: {clear}")]


def _recover(stack: str) -> str:
    return f"openrouter-keys recover{f' --stack {shlex.quote(stack)}' if stack else ''}"
