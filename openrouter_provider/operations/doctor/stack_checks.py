"""Can the stack be deployed as it stands: is its config right, its state readable, nobody at it, no run unfinished?"""

from ...api.scrub import printable
from ...config.problems import StackConfigError
from ...settings import PROJECT
from ..stack.exported import parse_lock
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
    return [*_unfinished(exported.get("deployment") or {}), *_held(examination)] or [
        ok("state", "can be decrypted; no run holds the stack or left anything unfinished")
    ]


def _unfinished(deployment: dict[str, list[object]]) -> list[Checked]:
    pending = deployment.get("pending_operations") or []
    if not pending:
        return []
    text = f"a killed run left {len(pending)} operation{'s' if len(pending) > 1 else ''} unfinished"
    return [finding("state", text, "run: openrouter-keys recover")]


def _held(examination: Examination) -> list[Checked]:
    """Return a finding where the stack is locked; the backend refuses to rename a stack to its own name otherwise."""
    name = examination.stack or examination.pulumi("stack", "--show-name").out.strip()
    if not name:
        return []
    lock = parse_lock(examination.pulumi("stack", "rename", name, *examination.on_stack).err)
    if lock is None:
        return []
    fix = "wait for that run; where its process is gone, run: openrouter-keys recover"
    return [finding("state", f"is locked by {printable(lock.holder)}", fix)]
