"""State of the simulator: accounts that know nothing of each other, and what each owns. Thread-safe."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from threading import RLock
from typing import Any

from sandbox.openrouter.faults import FaultPlan
from sandbox.openrouter.holdings import Holdings
from sandbox.openrouter.records import Key, Meter, digest, new_credential
from sandbox.openrouter.settings import initial
from sandbox.openrouter.spending import Spending
from sandbox.openrouter.traffic import CallLog, DailyCount, TokenBucket

PAGE_SIZE = 100


class Account(Holdings):
    """Everything that belongs to one management key; `tick` measures the age of writes and the rate of calls."""

    def __init__(self, management_key: str, tick: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.management_key = management_key
        self._tick = tick
        self.settings = initial(os.environ)
        self.calls = CallLog()
        self.bucket = TokenBucket(tick)
        self.changes = DailyCount()
        self.faults = FaultPlan()
        self.total_usage = 0.0
        self.spendings: list[Spending] = []
        self.free_requests = Meter(self.created_at)
        self.keys: dict[str, Key] = {}
        self.deleted_keys: list[Key] = []
        self.issued: dict[str, str] = {}
        self._history: dict[str, list[tuple[float, Key | None]]] = {}

    def now(self) -> datetime:
        """Return the account's clock."""
        return self.settings.now or datetime.now(UTC)

    def record(self, key: Key) -> dict[str, Any]:
        """Return a key's record as of now."""
        return key.record(self.now(), self.settings.timestamp_style)

    def create_key(self, *, name: str, workspace_id: str | None = None, **fields: Any) -> Key:
        """Issue a key and return it."""
        with self.lock:
            now = self.now()
            key = Key(
                plaintext=new_credential(),
                name=name,
                workspace_id=workspace_id or self.default_workspace.id,
                created_at=now,
                sequence=len(self.issued),
                spent=Meter(now),
                byok=Meter(now),
                **fields | {"creator_user_id": fields.get("creator_user_id") or self.id},
            )
            self.keys[key.hash] = key
            self.issued[key.hash] = key.plaintext
            self._note(key.hash, key)
            return key

    def update_key(self, key: Key, fields: dict[str, Any]) -> None:
        """Set fields of a key and note when that was."""
        with self.lock:
            for name, value in fields.items():
                setattr(key, name, value)
            key.updated_at = self.now()
            self._note(key.hash, key)

    def set_usage(self, key: Key, spent: dict[str, float], byok: dict[str, float]) -> None:
        """Overwrite a key's counters; that isn't an update of the key."""
        with self.lock:
            key.spent.set(self.now(), **spent)
            key.byok.set(self.now(), **byok)
            self._note(key.hash, key)

    def charge(self, key: Key, model: str, amount: float) -> None:
        """Book what a completion costs on a key and on the account."""
        with self.lock:
            now = self.now()
            key.spent.charge(now, amount)
            key.last_used_at = now
            if not amount:
                self.free_requests.charge(now, 1)
            self.total_usage = round(self.total_usage + amount, 9)
            spending = Spending(now.date(), model, amount, key.hash, key.creator_user_id, key.workspace_id)
            self.spendings.append(spending)

    def delete_key(self, key: Key) -> None:
        """Remove a key; its plaintext stays in `issued` so that leaks of it can still be searched for."""
        with self.lock:
            if self.keys.pop(key.hash, None):
                self.deleted_keys.append(key)
            self._note(key.hash, None)

    def all_keys(self) -> list[Key]:
        """Return every key there ever was: budgets don't forget what a deleted key has spent."""
        with self.lock:
            return [*self.keys.values(), *self.deleted_keys]

    def listing(self, workspace_id: str, *, include_disabled: bool, include_expired: bool = True) -> list[Key]:
        """Return a workspace's keys as a listing shows them, newest first, as stale as the settings want."""
        with self.lock:
            stale = self.settings.stale_listing_seconds
            keys = self._keys_before(self._tick() - stale) if stale else list(self.keys.values())
        here, now = [k for k in keys if k.workspace_id == workspace_id], self.now()
        shown = [k for k in here if (include_disabled or not k.disabled) and (include_expired or not k.expired(now))]
        return sorted(shown, key=lambda k: (k.created_at, k.sequence), reverse=True)

    def _note(self, key_hash: str, key: Key | None) -> None:
        copy = key and replace(key, spent=replace(key.spent), byok=replace(key.byok))
        self._history.setdefault(key_hash, []).append((self._tick(), copy))

    def _keys_before(self, instant: float) -> list[Key]:
        """Return every key as it was at an instant of the monotonic clock."""
        pasts = [[key for at, key in versions if at <= instant] for versions in self._history.values()]
        return [past[-1] for past in pasts if past and past[-1] is not None]


class Store:
    """All accounts of one simulator."""

    def __init__(self, management_key: str | None = None) -> None:
        self._lock = RLock()
        self._accounts: dict[str, Account] = {}
        self.first = self.open_account(management_key)

    def open_account(self, management_key: str | None = None) -> Account:
        """Open an account of its own, with a made-up management key unless one is given."""
        account = Account(management_key or new_credential())
        with self._lock:
            self._accounts[account.management_key] = account
        return account

    def managed_by(self, credential: str) -> Account | None:
        """Return the account whose management key this is."""
        with self._lock:
            return self._accounts.get(credential)

    def holder_of(self, credential: str) -> tuple[Account, Key | None] | None:
        """Return the account of a live credential, and its key; for a management key the key is None."""
        with self._lock:
            if account := self._accounts.get(credential):
                return account, None
        account = self.account_of(credential)
        key = account and account.keys.get(digest(credential))
        return (account, key) if account and key else None

    def account_of(self, credential: str) -> Account | None:
        """Return the account a credential belongs or ever belonged to."""
        key_hash = digest(credential)
        with self._lock:
            issuers = (a for a in self._accounts.values() if key_hash in a.issued)
            return self._accounts.get(credential) or next(issuers, None)
