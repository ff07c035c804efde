"""The accounts that several stacks live on, each listed once for all of them."""

import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Self

from ...api.client import ManagementClient
from ...api.errors import OpenRouterError, is_away
from ...api.models import KeyRecord
from ...api.snapshot import VARIABLE, write_snapshot
from ...settings import Settings
from .deployment import all_records, keys_if_there


class Accounts:
    """Lists each account once; safe to share between threads.

    Args:
        folder: where the listings are kept for previews, while they run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._listed: dict[Settings, list[KeyRecord]] = {}
        self._locks: dict[Settings, Lock] = defaultdict(Lock)
        self._lock = Lock()
        self._away: dict[Settings, OpenRouterError] = {}

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Self]:
        """Yield the accounts; what was kept of them is gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="openrouter-keys-") as folder:
            yield cls(Path(folder))

    def records(self, settings: Settings, client: ManagementClient, also: Collection[str] = ()) -> list[KeyRecord]:
        """Return every key of an account, as it was when it was first asked for.

        Args:
            settings: the account's.
            client: opens it.
            also: workspaces to look into though the API may not list them.

        Raises:
            OpenRouterError: it can't be listed; the next who asks tries again.
        """
        with self._lock:
            lock = self._locks[settings]
        with lock:
            if settings not in self._listed:
                self._listed[settings] = all_records(client)
            found = {record.hash: record for record in self._listed[settings]}
        seen = {record.workspace_id for record in found.values()}
        hidden = [record for each in sorted(set(also) - seen) for record in keys_if_there(client, each)]
        return list({**found, **{record.hash: record for record in hidden}}.values())

    def _records_for_preview(self, settings: Settings, client: ManagementClient) -> list[KeyRecord]:
        with self._lock:
            away = self._away.get(settings)
        if away:
            raise away
        try:
            return self.records(settings, client)
        except OpenRouterError as error:
            with self._lock:
                self._away |= {settings: error} if is_away(error) else {}
            raise

    def preview_environment(self, settings: Settings) -> dict[str, str]:
        """Return the variable that tells a preview the listing; none where the account can't be listed.

        Raises:
            OpenRouterError: the API answers nobody; whoever asks after that is told without another call.
        """
        try:
            with settings.quick_client() as client:
                records = self._records_for_preview(settings, client)
        except OpenRouterError as error:
            if is_away(error):
                raise
            return {}  # The preview will say so in its own words.
        with self._lock:
            file = self._folder / f"{list(self._locks).index(settings)}.json"
            if not file.exists():
                write_snapshot(file, settings.base_url, settings.management_key, records)
        return {VARIABLE: str(file)}
