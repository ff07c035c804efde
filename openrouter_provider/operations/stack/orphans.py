"""Which keys are a stack's orphans: named as it names or ever named, and known to no stack of the project.

`drift` reports them and `recover` decides about them; both ask here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...api.models import KeyRecord
from ...keys.naming import SUFFIX_LENGTH
from ...keys.state import family
from .deployment import PREFIX_CONFIG
from .history import History, prefixes_in
from .pending import KEY_TYPE, Checkpoint, known_hashes, pending_operations
from .siblings import OtherStacks

_SUFFIX = rf"-[0-9a-f]{{{SUFFIX_LENGTH}}}"


@dataclass(frozen=True)
class Claim:
    """What a stack calls its own.

    Attributes:
        prefixes: each name prefix that it has or had, without a trailing slash.
        stems: what the names in its state are drawn from, where that is not prefix and service.
        names: exact names that its state gave, or was about to give.
        drawn: the names that a key in its state may have been given, now or in a rotation that it does not know.
        known: every key's hash in its state.
    """

    prefixes: frozenset[str]
    stems: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    drawn: frozenset[str] = frozenset()
    known: frozenset[str] = field(default=frozenset(), repr=False)

    def covers(self, name: str) -> bool:
        """Return whether the stack names its keys so, or named this one."""
        # A service's name holds no slash: behind one, it is the name of a stack with a deeper prefix.
        under = any("/" not in name.removeprefix(f"{each}/") for each in self.prefixes if name.startswith(f"{each}/"))
        return under or name in self.names | self.drawn or any(_drawn_from(name, stem) for stem in self.stems)

    def is_nested(self, name: str) -> bool:
        """Return whether a name is under a prefix of the stack's, and of a stack with a deeper one."""
        return not self.covers(name) and any(name.startswith(f"{each}/") for each in self.prefixes)

    def service_of(self, name: str) -> str:
        """Return the service that a name was drawn for; the whole name where it was not drawn."""
        services = (drawn_for(name, prefix) for prefix in sorted(self.prefixes))
        stems = (stem.rpartition("/")[2] for stem in sorted(self.stems) if _drawn_from(name, stem))
        return next(filter(None, (*services, *stems)), name)


def orphans(claim: Claim, listed: Iterable[KeyRecord], others: OtherStacks) -> list[KeyRecord]:
    """Return the stack's orphans, used or not.

    Args:
        claim: what the stack calls its own.
        listed: the account's keys.
        others: the other stacks of the project, as they were after the listing: what one of them made meanwhile is
            in its state, or noted there as being made.
    """
    unknown = (record for record in listed if record.hash not in claim.known and claim.covers(record.name))
    return [each for each in unknown if each.hash not in others.hashes and each.name not in others.names]


def claim_of(deployment: Checkpoint, prefix: str, default: str, history: History = ()) -> Claim:
    """Return what a stack calls its own.

    Args:
        deployment: its exported state.
        prefix: its name prefix of today, as its config says.
        default: the prefix that it has where the config names none.
        history: its runs; each has the config that it ran with.
    """
    keys = [*_keys(deployment), *((each.urn, each.inputs) for each in pending_operations(deployment) if each.is_key)]
    stems = {urn: stem for urn, inputs in keys if isinstance(stem := inputs.get("name_prefix"), str)}
    drawn = {_prefix_of(stem, urn.rpartition("::")[2]) for urn, stem in stems.items()}
    had = {prefix, *prefixes_in(history, default), *_configured(deployment), *drawn}
    prefixes = frozenset(each for each in had if each)
    return Claim(
        prefixes=prefixes,
        stems=frozenset(stems.values()),
        names=frozenset(name for _, inputs in keys if isinstance(name := inputs.get("name"), str)),
        drawn=drawn_names(deployment, prefixes),
        known=known_hashes(deployment),
    )


def drawn_names(deployment: Checkpoint, prefixes: Iterable[str] = ()) -> frozenset[str]:
    """Return every name that a key in the state may have been given, by the seed that the state recorded for it.

    Nobody else's name is one of them.

    Args:
        deployment: the exported state.
        prefixes: the stack's prefixes, under each of which a key of it may have been.
    """
    found: set[str] = set()
    for urn, inputs in _keys(deployment):
        if isinstance(inputs.get("name_prefix"), str):
            stems = ({"name_prefix": f"{prefix}/{urn.rpartition('::')[2]}"} for prefix in prefixes)
            found = found.union(*(family(inputs, {**inputs, **stem}) for stem in stems))
        found |= family(inputs, inputs)
    return frozenset(found)


def drawn_for(name: str, prefix: str) -> str | None:
    """Return the service in a name, or what else it was drawn for; None where it is not exactly of that form."""
    found = re.fullmatch(rf"{re.escape(prefix)}/(?P<service>[^/]+){_SUFFIX}", name)
    return found["service"] if found else None


def _drawn_from(name: str, stem: str) -> bool:
    return re.fullmatch(rf"{re.escape(stem)}{_SUFFIX}", name) is not None


def _prefix_of(stem: str, resource: str) -> str | None:
    """Return the stack's prefix in what a name is drawn from; None where a program drew it otherwise."""
    return stem.removesuffix(f"/{resource}") if stem.endswith(f"/{resource}") else None


def _keys(deployment: Checkpoint) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield URN and inputs of each key in the state."""
    for resource in deployment.get("resources") or []:
        if str(resource.get("type") or "").endswith(KEY_TYPE):
            yield str(resource.get("urn") or ""), resource.get("inputs") or {}


def _configured(deployment: Checkpoint) -> set[str]:
    """Return the prefix in the config that the state keeps as its dynamic resources' provider has it."""
    inputs = [each.get("inputs") or {} for each in deployment.get("resources") or []]
    return {prefix for each in inputs if isinstance(prefix := each.get(PREFIX_CONFIG), str)}
