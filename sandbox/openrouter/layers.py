"""The budgets that apply to a key, in the order in which OpenRouter checks them.

A guardrail's budget is each key's, or each member's, own; a workspace's budget is for all of its keys together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.openrouter.guardrails.records import Guardrail
from sandbox.openrouter.records import Key, Window, stamp, window_end
from sandbox.openrouter.store import Account
from sandbox.openrouter.workspaces.records import Budget
from sandbox.openrouter.workspaces.requests import WIDEST_FIRST

Scope = Literal["workspace_default_member", "workspace_default_key", "member", "api_key", "workspace", "key_limit"]
Place = Literal["default", "member", "api_key"]


@dataclass(frozen=True)
class Layer:
    """One budget, and what has been spent of it in the current window."""

    scope: Scope
    limit_usd: float
    spend_usd: float
    reset_interval: Window | None
    include_byok: bool
    budget_id: str | None = None
    guardrail_id: str | None = None

    @property
    def remaining_usd(self) -> float:
        """Return what may still be spent."""
        return round(self.limit_usd - self.spend_usd, 9)

    def record(self, account: Account) -> dict[str, Any]:
        """Return the budget as GET /key shows it."""
        ends = window_end(self.reset_interval, account.now()) if self.reset_interval else None
        resets_at = stamp(ends, account.settings.timestamp_style)
        return vars(self) | {"remaining_usd": self.remaining_usd, "resets_at": resets_at}


def layers_of(account: Account, key: Key) -> list[Layer]:
    """Return every budget that applies to a key."""
    with account.lock:
        return [*_of_guardrails(account, key), *_of_workspace(account, key), *_of_key(account, key)]


def guardrails_of(account: Account, key: Key) -> dict[Place, Guardrail]:
    """Return the guardrails that a key is under: its workspace's default one, its creator's and its own."""
    ids: dict[Place, str | None] = {
        "default": account.workspaces[key.workspace_id].default_guardrail_id,
        "member": account.member_assignments.guardrail_of(key.creator_user_id or ""),
        "api_key": account.key_assignments.guardrail_of(key.hash),
    }
    return {place: account.guardrails[found] for place, found in ids.items() if found and found in account.guardrails}


def _of_guardrails(account: Account, key: Key) -> list[Layer]:
    mine, peers = [key], _same_creator(account, key)
    guardrails = guardrails_of(account, key)
    placed: list[tuple[Scope, Guardrail | None, list[Key]]] = [
        ("workspace_default_member", guardrails.get("default"), peers),
        ("workspace_default_key", guardrails.get("default"), mine),
        ("member", guardrails.get("member"), peers),
        ("api_key", guardrails.get("api_key"), mine),
    ]
    return [
        _of_guardrail(account, scope, guardrail, keys)
        for scope, guardrail, keys in placed
        if guardrail and guardrail.fields["limit_usd"] is not None
    ]


def _of_guardrail(account: Account, scope: Scope, guardrail: Guardrail, keys: list[Key]) -> Layer:
    window, byok = guardrail.fields["reset_interval"], guardrail.fields["include_byok_in_budgets"]
    spent = _spent(account, keys, window, byok=byok)
    return Layer(scope, guardrail.fields["limit_usd"], spent, window, byok, guardrail_id=guardrail.id)


def _of_workspace(account: Account, key: Key) -> list[Layer]:
    workspace = account.workspaces[key.workspace_id]
    keys = [k for k in account.all_keys() if k.workspace_id == workspace.id]
    byok = workspace.include_byok_in_budgets

    def layer(budget: Budget) -> Layer:
        spent = _spent(account, keys, budget.window, byok=byok)
        return Layer("workspace", budget.limit_usd, spent, budget.window, byok, budget_id=budget.id)

    # Of several that are exceeded, the refusal names the widest.
    return [layer(workspace.budgets[interval]) for interval in WIDEST_FIRST if interval in workspace.budgets]


def _of_key(account: Account, key: Key) -> list[Layer]:
    if key.limit is None:
        return []
    byok = key.include_byok_in_limit
    return [Layer("key_limit", key.limit, _spent(account, [key], key.limit_reset, byok=byok), key.limit_reset, byok)]


def _same_creator(account: Account, key: Key) -> list[Key]:
    """Return the keys that share a member's budget: those of one creator in one workspace."""
    whose = (key.workspace_id, key.creator_user_id)
    return [k for k in account.all_keys() if (k.workspace_id, k.creator_user_id) == whose]


def _spent(account: Account, keys: Iterable[Key], window: Window | None, *, byok: bool) -> float:
    now = account.now()
    return round(sum(key.spent_within(window, now, byok=byok) for key in keys), 9)
