"""What a live recording says to OpenRouter: one life of each object, and the refusals whose form nobody documents.

It costs nothing: each key has a limit of 0. Everything is named under one prefix and deleted at the end.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import SecretStr

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import OpenRouterError
from openrouter_provider.api.http.retry import RetryPolicy
from openrouter_provider.api.models import CreateKeyRequest, wire_time

PREFIX = "openrouter-keys-acceptance/recording"
MODEL = "openai/gpt-4o-mini"
UNKNOWN = "0" * 64
ONE_TRY = RetryPolicy(max_attempts=1, max_odd_attempts=1, deadline_seconds=0, settle_seconds=0, catch_up_seconds=0)
"""What is refused is recorded once, not eight times."""
Result = TypeVar("Result")


def tried(call: Callable[[], Result]) -> Result | None:
    """Return the result of a call that may be refused: then the refusal is what is recorded."""
    with suppress(OpenRouterError):
        return call()
    return None


def converse(client: ManagementClient, now: datetime) -> None:
    """Go through everything; what it makes it deletes, whatever fails between.

    Args:
        client: what speaks; with a policy of one try.
        now: when the recording began: the key expires a day later, at a second that shows whether it is rounded.
    """
    client.current_key()
    tried(client.get_credits)
    created = client.create_key(
        CreateKeyRequest(name=f"{PREFIX}/key", limit=0, limit_reset="monthly", expires_at=now + timedelta(days=1))
    )
    try:
        _key(client, created.record.hash, created.key)
        _guardrail(client, created.record.hash, created.record.workspace_id)
        tried(lambda: client.put_budget("default", "lifetime", {"limit_usd": 1_000_000}))
        tried(lambda: client.list_budgets("default"))
        tried(lambda: client.delete_budget("default", "lifetime"))
    finally:
        tried(lambda: client.delete_key(created.record.hash))
    tried(lambda: client.get_key(created.record.hash))
    tried(lambda: client.current_key(created.key))


def _key(client: ManagementClient, hash_: str, value: SecretStr) -> None:
    client.get_key(hash_)
    client.current_key(value)
    tried(lambda: client.chat(value, MODEL, "Answer with the word ok."))
    tried(lambda: client.update_key(hash_, {"no_such_field": 1}))
    client.update_key(hash_, {"name": f"  {PREFIX}/renamed  ", "no_such_field": 1})
    client.update_key(hash_, {"limit": 0.1 + 0.2, "limit_reset": None})
    client.update_key(hash_, {"limit": 0, "disabled": True})
    tried(lambda: client.current_key(value))
    client.update_key(hash_, {"disabled": False})
    tried(lambda: client.update_key(hash_, {"limit": -1}))
    client.list_keys_page(0)


def _guardrail(client: ManagementClient, hash_: str, workspace_id: str | None) -> None:
    fields: dict[str, Any] = {"name": f"{PREFIX}/guardrail", "description": " for a recording ", "limit_usd": 1}
    tried(lambda: client.create_guardrail(fields))
    more = {"reset_interval": "daily", "allowed_models": [MODEL], "ignored_providers": ["openai", "azure"]}
    made = tried(lambda: client.create_guardrail({**fields, **more, "workspace_id": workspace_id}))
    if made is None:
        return
    try:
        tried(lambda: client.assign_keys(made.id, [hash_]))
        tried(lambda: client.assign_keys(made.id, [hash_, UNKNOWN]))
        tried(lambda: client.list_key_assignments(made.id))
        tried(lambda: _dead_row(client, made.id))
    finally:
        tried(lambda: client.delete_guardrail(made.id))


def _dead_row(client: ManagementClient, guardrail_id: str) -> None:
    """Assign a key and delete it: its row is what makes pages short."""
    doomed = client.create_key(CreateKeyRequest(name=f"{PREFIX}/doomed", limit=0)).record.hash
    tried(lambda: client.assign_keys(guardrail_id, [doomed]))
    client.delete_key(doomed)
    client.list_key_assignments(guardrail_id)


def own_texts(now: datetime) -> set[str]:
    """Return the texts that the conversation itself brings: they need no redaction."""
    names = {f"{PREFIX}/{name}" for name in ("key", "renamed", "guardrail", "doomed")}
    said = {"Answer with the word ok.", MODEL, UNKNOWN, "openai", "azure", " for a recording ", "for a recording"}
    return names | {f"  {PREFIX}/renamed  "} | said | {wire_time(now + timedelta(days=1))}
