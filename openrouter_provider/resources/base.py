"""What every dynamic resource shares: one client a process, one-line errors, as many calls at once as asked."""

import os
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pulumi.dynamic import CheckFailure, CheckResult, ConfigureRequest, ResourceProvider

from ..api.errors import ConfigurationError, NotFound, OpenRouterError
from ..api.scrub import printable
from ..api.snapshot import read_snapshot
from ..host.diagnostics import LOG, warnings_to_engine
from ..host.process import is_host, serve_one_engine
from ..keys.credential_checks import places_of_keys
from ..keys.fields import Failures, Props, is_unknown
from ..keys.state import STORED_IN
from ..settings import NOW_VARIABLE, Settings, clock, is_rehearsed, resolve_settings
from ..stores.custody import AsksStore, Held, StoredIn, ask_store, in_this_run, is_noted, place_of, refusal, settled
from .reads import KeyReader, Listings

if TYPE_CHECKING:
    from ..api.client import ManagementClient
    from ..api.models import KeyRecord

LARGEST_SKEW = timedelta(minutes=5)
"""How far the two clocks may differ: as much as AWS allows a signature."""


class ClockDiffers(OpenRouterError):
    """This machine's clock and the API's disagree, and something was to be done because of the time; it was not."""


def server_ahead(client: "ManagementClient") -> timedelta:
    """Return how far the API's clock is ahead of this machine's; asks the API where no answer of it has come yet."""
    if client.server_ahead is None:
        client.current_key()
    return client.server_ahead or timedelta(0)


def refuse_wrong_clock(ahead: timedelta) -> None:
    """Refuse to act by this machine's clock where the API's says another time.

    Raises:
        ClockDiffers: by more than LARGEST_SKEW.
    """
    if abs(ahead) <= LARGEST_SKEW:
        return
    side = "behind" if ahead > timedelta(0) else "ahead of"
    raise ClockDiffers(
        f"this machine's clock is {abs(ahead)} {side} OpenRouter's: no key is rotated or retired by it; set the clock, "
        f"or set {NOW_VARIABLE} to rehearse another time (docs/errors.md#clock-differs)"
    )


@dataclass(frozen=True)
class Session:
    """One process's way to the API: the client, the readers over it and the run's clock.

    Attributes:
        ask: reads what a key's secret holds now.
        warn: tells a warning to whoever runs Pulumi.
        rehearsed: whether OPENROUTER_KEYS_NOW is the clock.
        place_now: adds to a place the store that this run's default provider goes to.
        found: by its reference, a place that this run has seen to hold the current key, where no state noted the store.
        budget_flags: by workspace, which interval's budget wished include_byok_in_budgets first, and how.
    """

    client: "ManagementClient"
    reader: KeyReader
    now: datetime
    ask: AsksStore = ask_store
    place_now: Callable[[StoredIn | None], StoredIn | None] = in_this_run
    warn: Callable[[str], None] = LOG.warning
    rehearsed: bool = False
    listings: Listings = field(default_factory=Listings)
    found: dict[str, StoredIn] = field(default_factory=dict)
    budget_flags: dict[str, tuple[str, bool]] = field(default_factory=dict)

    def check_clock(self) -> None:
        """Refuse to go on by a clock that isn't the API's; a rehearsed one is meant to differ.

        Raises:
            ClockDiffers: they disagree by more than five minutes.
        """
        if not self.rehearsed:
            refuse_wrong_clock(server_ahead(self.client))

    def tell_wrong_clock(self) -> None:
        """Warn where a schedule was begun by a clock that isn't the API's; nothing is refused for it."""
        try:
            self.check_clock()
        except ClockDiffers as error:
            self.warn(str(error))

    def keys_in(self, workspace_id: str | None) -> "Sequence[KeyRecord]":
        """Return the keys of a workspace as they were when this run first asked; None is the default one."""
        return self.listings.read(("keys", workspace_id), lambda: self.client.list_keys(workspace_id=workspace_id))


class OpenRouterProvider(ResourceProvider):
    """Base of the dynamic providers: pickled without state, configured once a process.

    The class is pickled by reference, so that the provider a state carries is its module path and name alone; it
    holds no secret, and marking it as one would cost the engine an encryption a resource.
    """

    serialize_as_secret_always = False
    newest_inputs: tuple[str, ...] = (STORED_IN,)
    """Inputs whose change alone is no update: the outputs may have an older one, and a deletion goes by these."""
    session: Session

    def configure(self, req: ConfigureRequest) -> None:
        """Open the session from the stack's config and the environment.

        Raises:
            ConfigurationError: no management key, an insecure endpoint or a malformed OPENROUTER_KEYS_NOW.
        """
        if is_host():
            serve_one_engine()
        self.session = _open_session(resolve_settings(req.config.get), req.config.get)

    def label_of(self, entry: Mapping[str, Any]) -> str | None:
        """Return the masked form of a key that a state notes by its hash, None where the key is gone."""
        if entry.get("label"):
            return str(entry["label"])
        record = self.session.reader.read(str(entry["hash"]))
        return record.label if record else None

    def settle_place(self, olds: Mapping[str, Any], inputs: Props, is_current: Callable[[Held], bool]) -> Failures:
        """Let the inputs say in which store the key is known to be, whatever store this run would go to.

        Returns what is wrong where the run must not go there at all.

        Args:
            olds: the inputs of the state.
            inputs: those of this run.
            is_current: returns whether a secret holds the key that is current.
        """
        if not isinstance(inputs.get(STORED_IN), Mapping):
            return {}  # There is none, or a preview doesn't know it yet.
        wanted = self.session.place_now(inputs[STORED_IN])
        inputs[STORED_IN] = settled(olds, wanted, lambda there: is_current(self.session.ask(there)))
        why = refusal(inputs[STORED_IN], wanted)
        return {STORED_IN: why} if why else {}

    def proved_place(self, props: Mapping[str, Any]) -> StoredIn | None:
        """Return where a key is kept; in the store that this run has seen to hold it, where the state noted none."""
        place = place_of(props)
        return place if place is None or is_noted(place) else self.session.found.get(str(place["reference"]), place)

    def delete_key(self, hash_: str) -> None:
        """Delete a key; one that is gone already counts as deleted."""
        self.session.reader.forget(hash_)
        try:
            self.session.client.delete_key(hash_)
        except NotFound:
            return  # Which is what was wanted.


def check_result(inputs: Props, failures: Failures, news: Mapping[str, Any]) -> CheckResult:
    """Return the answer to a check: each failure is a property and one sentence about it.

    The engine prints the value of a property that is named to it. One that holds a key is named in the sentence alone.

    Args:
        inputs: the checked inputs.
        failures: what is wrong, by property.
        news: the inputs as they came.
    """
    said = {name: "" if [*places_of_keys(news.get(name))] else name for name in failures}
    return CheckResult(inputs, [CheckFailure(said[name], f"{name} {reason}") for name, reason in failures.items()])


class NotImportable(ConfigurationError):
    """There is nothing of this id to be imported."""


def not_importable(what: str, id_: str) -> NotImportable:
    """Return the error for an import of what isn't there."""
    return NotImportable(
        f"importing {what} {printable(id_)[:80]}: the account has none of this id; a key's is its hash "
        "(`openrouter-keys list --all-keys`), a budget's <workspace id>/<interval> (docs/errors.md#adoption)"
    )


def adopts_another(wanted: object, known_as: Collection[object]) -> bool:
    """Return whether the program names an object to adopt that isn't the one it has."""
    return wanted is not None and not is_unknown(wanted) and wanted not in known_as


_sessions: dict[Settings, Session] = {}
_sessions_lock = threading.Lock()


def _open_session(settings: Settings, config: Callable[[str], Any]) -> Session:
    with _sessions_lock:
        if settings not in _sessions:
            client = settings.client()
            _sessions[settings] = Session(
                client,
                KeyReader(client, read_snapshot(os.environ, settings.base_url, settings.management_key, time.time())),
                clock(),
                ask=lambda stored_in: ask_store(stored_in, config),
                place_now=lambda stored_in: in_this_run(stored_in, config),
                warn=warnings_to_engine(),
                rehearsed=is_rehearsed(),
            )
        return _sessions[settings]
