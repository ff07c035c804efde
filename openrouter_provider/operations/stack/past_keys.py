"""Which keys a service had before its current one, and what the state has kept of those that are deleted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...keys.spent import Spent, carried
from .deployment import SUPERSEDED_TYPE
from .pending import KEY_TYPE


@dataclass(frozen=True)
class PastKeys:
    """The keys of a service before its current one.

    Attributes:
        superseded: the hashes of those that are not deleted as far as the state knows.
        spent: what the deleted ones spent.
    """

    superseded: tuple[str, ...] = ()
    spent: Spent = field(default_factory=Spent)

    def untold(self, generation: int) -> int:
        """Return of how many deleted keys nobody knows what they spent.

        Those are the ones deleted by hand, and those that an earlier release deleted: then the service has had more
        generations than keys are known of.
        """
        known = len(self.superseded) + self.spent.keys + self.spent.unknown
        return self.spent.unknown + max(0, generation - 1 - known)


def past_keys(state: Mapping[str, Any]) -> dict[str, PastKeys]:
    """Return what an exported state knows of each service's past keys, by the service's name."""
    resources = state.get("deployment", {}).get("resources") or []
    keys, retired = _by_service(resources, KEY_TYPE), _by_service(resources, SUPERSEDED_TYPE)
    return {service: _past(keys.get(service, {}), retired.get(service, {})) for service in {*keys, *retired}}


def _by_service(resources: list[Mapping[str, Any]], kind: str) -> dict[str, Mapping[str, Any]]:
    found = (each for each in resources if str(each.get("type", "")).endswith(kind))
    return {str(each.get("urn", "")).rpartition("::")[2]: each.get("outputs") or {} for each in found}


def _past(key: Mapping[str, Any], retired: Mapping[str, Any]) -> PastKeys:
    plans = {str(entry["hash"]): entry.get("state") for entry in retired.get("keys") or []}
    named = [*(str(entry["hash"]) for entry in key.get("superseded") or []), *plans]
    alive = dict.fromkeys(hash_ for hash_ in named if plans.get(hash_) != "deleted" and hash_ != key.get("hash"))
    # What the next update would find missing is missing already.
    news = {"current": key.get("hash") or retired.get("current"), "keys": [{"hash": hash_} for hash_ in named]}
    return PastKeys(tuple(alive), carried(retired, news))
