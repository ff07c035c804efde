"""Whether a key may have a completion: what its guardrails, its budgets and the account's credits say.

The order, and the 403 of a budget with its metadata, are as OpenRouter documents them. How it refuses a model that a
guardrail doesn't allow isn't documented: 404 with this message has been seen, and so has 403 (the setting
`refused_model_status`). The words for a guardrail's budget are chosen here.
"""

from typing import Any

from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.layers import Layer, guardrails_of, layers_of
from sandbox.openrouter.models import canonical, provider_of
from sandbox.openrouter.records import Key
from sandbox.openrouter.store import Account

_ROUNDING = 1e-9
LIMIT_EXCEEDED = "Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys"
_REFUSED = (
    "No endpoints available matching your guardrail restrictions and data policy. "
    "Configure: https://openrouter.ai/settings/privacy"
)


def check_model(account: Account, key: Key, model: str) -> None:
    """Raise ApiError unless every guardrail that the key is under allows the model."""
    for guardrail in guardrails_of(account, key).values():
        if not allows(guardrail.fields, model):
            raise ApiError(account.settings.refused_model_status, _REFUSED)


def allows(restrictions: dict[str, Any], model: str) -> bool:
    """Say whether a guardrail's fields let a model pass; a list that isn't set restricts nothing."""
    return _passes(canonical(model), restrictions["allowed_models"], restrictions["ignored_models"]) and _passes(
        provider_of(model), restrictions["allowed_providers"], restrictions["ignored_providers"]
    )


def check_funds(account: Account, key: Key, price: float) -> None:
    """Raise ApiError when the account or a budget may not spend the price.

    Something free passes even at a limit of 0, but not on an account that owes money.
    """
    if account.total_usage + price > account.settings.total_credits + _ROUNDING:
        raise ApiError(402, "Insufficient credits")
    for layer in layers_of(account, key) if price else []:
        if price > layer.remaining_usd + _ROUNDING:
            raise _exceeded(account, layer)


def _passes(value: str, allowed: list[str] | None, ignored: list[str] | None) -> bool:
    return (allowed is None or value in allowed) and value not in (ignored or [])


def _exceeded(account: Account, layer: Layer) -> ApiError:
    if layer.scope == "key_limit":
        return ApiError(account.settings.over_limit_status, LIMIT_EXCEEDED)
    where = "workspace" if layer.scope == "workspace" else "guardrail"
    budget = f"{where.capitalize()} {layer.reset_interval or 'lifetime'} budget of ${layer.limit_usd:.2f}"
    facts = layer.record(account)
    metadata = {name: facts[name] for name in ("scope", "limit_usd", "spend_usd", "resets_at")}
    source = {"limit_source": f"openrouter_{where}_budget"}
    return ApiError(403, f"{budget} exceeded. Contact your workspace admin.", source | metadata)
