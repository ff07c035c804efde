"""What people do between runs, with the dashboard, the AWS console and `pulumi stack import`."""

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from openrouter_provider.stores.payload import secret_value
from tests.provider.timelines.states import GIVEN_NAME, KEY_PREFIX

if TYPE_CHECKING:
    from tests.provider.timelines.acts import Hand
    from tests.provider.timelines.wild import WildTimeline

Thing = TypeVar("Thing")


class People:
    """Acts on a timeline's account, secret and state, and remembers what no run is to blame for.

    What is picked goes by age, not by hash or id, so that a timeline can be lived again.

    Attributes:
        broke: keys that a person disabled or deleted, or stored when they were refused already.
        disabled: keys that a person disabled, and nobody has enabled since.
    """

    def __init__(self, timeline: "WildTimeline") -> None:
        self._timeline = timeline
        self._ground = timeline.ground
        self.broke: set[str] = set()
        self.disabled: set[str] = set()
        self._doings: dict[str, Callable[[int], object]] = {
            "use": self._use,
            "roll back": self._roll_back,
            "write something else": self._write_something_else,
            "store another key": self._store_another_key,
            "store this stack's key again": self._store_own,
            "disable": self._disable,
            "enable": self._enable,
            "delete": self._delete,
            "restore an older state": self._restore,
            "make a namesake": self._make_namesake,
            "let the sibling run": self._let_sibling_run,
        }

    def act(self, hand: "Hand") -> None:
        """Do it, where there is anything to do it to."""
        self._doings[hand.does](hand.pick)
        held = self._timeline.stored()
        if held and not self._ground.authenticates(held):
            self.broke.add(held)

    def _own(self) -> list[str]:
        live = self._ground.live()
        return [hash_ for hash_ in self._timeline.own if hash_ in live]

    def _use(self, _pick: int) -> None:
        """The service makes a request with the key that it reads."""
        key = self._ground.account.keys.get(self._timeline.stored() or "")
        if key:
            self._ground.account.charge(key, "sandbox/echo", 0.01)

    def _roll_back(self, pick: int) -> None:
        secret = self._timeline.engine.secret
        version = _picked([*secret.versions()], pick)
        if version:
            secret.make_current(version)

    def _write_something_else(self, _pick: int) -> None:
        self._timeline.engine.secret.put(json.dumps({"note": "edited by hand"}))

    def _store_another_key(self, pick: int) -> None:
        """A live key of the account, the sibling's among them, is stored by hand."""
        hash_ = _picked([*self._ground.live()], pick)
        if hash_:
            value = self._ground.account.issued[hash_]
            self._timeline.engine.secret.put(secret_value(value, "json", self._ground.control.url))

    def _store_own(self, _pick: int) -> None:
        version = self._timeline.engine.state.version
        if version:
            self._timeline.engine.secret.make_current(version)

    def _disable(self, pick: int) -> None:
        hash_ = _picked(self._own(), pick)
        if hash_:
            self._ground.control.edit_key(hash_, disabled=True)
            self.broke.add(hash_)
            self.disabled.add(hash_)

    def _enable(self, pick: int) -> None:
        hash_ = _picked([hash_ for hash_ in self._own() if hash_ in self.disabled], pick)
        if hash_:
            self._ground.control.edit_key(hash_, disabled=False)
            self.broke.discard(hash_)
            self.disabled.discard(hash_)

    def _delete(self, pick: int) -> None:
        hash_ = _picked(self._own(), pick)
        if hash_:
            self._ground.control.delete_key(hash_)
            self.broke.add(hash_)

    def _restore(self, pick: int) -> None:
        state = _picked(self._timeline.history, pick)
        if state:
            self._timeline.engine.state = state

    def _make_namesake(self, pick: int) -> None:
        """Somebody makes a key of the name that the program gives, or of one that looks drawn and is not."""
        name = _picked([GIVEN_NAME, f"{GIVEN_NAME}-0123abc", f"{KEY_PREFIX}-0123abc"], pick)
        self._ground.control.create_key(name=name, limit=1)

    def _let_sibling_run(self, _pick: int) -> None:
        self._timeline.run_sibling()


def _picked(things: Sequence[Thing], pick: int) -> Thing | None:
    return things[pick % len(things)] if things else None
