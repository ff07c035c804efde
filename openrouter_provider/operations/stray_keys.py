"""Keys under the stack's prefix that no state knows and no pending operation names: which of them a run lost.

Pulumi forgets an operation that failed. Where the provider itself died, a failed creation may have made a key all
the same; and a killed rotation is forgotten by the next run, which may no longer want it.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..api.models import KeyRecord
from ..api.retry import RetryPolicy
from ..resources.naming import SUFFIX_LENGTH, derived_suffix
from .pending import FORGOTTEN, KEY_TYPE, SERVICE_TYPE, Deployment, PendingOperation, known_hashes, pending_operations
from .recovery_plan import Action, Step

CLOCK_SKEW = timedelta(seconds=RetryPolicy().clock_skew_seconds)


@dataclass(frozen=True)
class UnfinishedRun:
    """A run of the stack that did not succeed.

    Attributes:
        began: when, in UTC.
        ended: when it failed; None where it was killed.
    """

    began: datetime
    ended: datetime | None = None

    def may_have_made(self, created_at: datetime | None) -> bool:
        """Whether something of that age was made in the course of it, as far as two clocks can agree."""
        if created_at is None:
            return False
        late = self.ended is not None and created_at > self.ended + CLOCK_SKEW
        return created_at >= self.began - CLOCK_SKEW and not late


def stray_keys(deployment: Deployment, prefix: str, listed: Iterable[KeyRecord]) -> list[KeyRecord]:
    """Return the keys named as this stack names its own that were never used and that nothing of it knows.

    Args:
        deployment: the exported state.
        prefix: the stack's name prefix without a trailing slash.
        listed: the account's keys.
    """
    known = known_hashes(deployment)
    noted = {operation.physical_name for operation in pending_operations(deployment)}
    return [
        record
        for record in listed
        if record.never_used
        and record.hash not in known
        and record.name not in noted
        and drawn_for(record.name, prefix)
    ]


def drawn_for(name: str, prefix: str) -> str | None:
    """Return the service in a name, or what else it was drawn for; None where it is not exactly of that form."""
    pattern = rf"{re.escape(prefix)}/(?P<service>[^/]+)-[0-9a-f]{{{SUFFIX_LENGTH}}}"
    found = re.fullmatch(pattern, name)
    return found["service"] if found else None


def stray_steps(
    deployment: Deployment, prefix: str, strays: Sequence[KeyRecord], runs: Collection[UnfinishedRun]
) -> list[Step]:
    """Return what is to be done about each stray key.

    One is deleted if it was made while a run went on that did not succeed, for a service in the state or under the
    very name that a rotation of a key in the state would give it. Any other is left: a state that was restored from
    a backup does not know the keys of later rotations, which secrets hold.

    Args:
        deployment: the exported state.
        prefix: the stack's name prefix.
        strays: what stray_keys returned.
        runs: the runs of the stack that did not succeed.
    """
    successors, services = successor_names(deployment), _services(deployment)
    return [_step(record, str(drawn_for(record.name, prefix)), successors, services, runs) for record in strays]


def _step(
    record: KeyRecord,
    service: str,
    successors: Collection[str],
    services: Collection[str],
    runs: Collection[UnfinishedRun],
) -> Step:
    operation = PendingOperation(FORGOTTEN, f"::{service}", KEY_TYPE, {"name": record.name})
    ours = record.name in successors or service in services
    if ours and any(run.may_have_made(record.created_at) for run in runs):
        reason = "made by a run that did not succeed; its value was lost and it was never used"
        return Step(operation, Action.DELETE_KEY, reason, record.hash)
    if record.name in successors:
        reason = (
            "a rotation made it, and no unsuccessful run is known in which: if this state is older than that rotation, "
            "the service's secret holds it; otherwise delete it"
        )
        return Step(operation, Action.LEAVE, reason, record.hash)
    reason = (
        "no state knows it, and no unsuccessful run of this stack is known that made it: delete it if it is nobody's"
    )
    return Step(operation, Action.LEAVE, reason, record.hash)


def successor_names(deployment: Deployment) -> set[str]:
    """Return every name that a rotation of a key in the state has had or would have next."""
    keys = [resource.get("inputs") or {} for resource in _resources(deployment, KEY_TYPE)]
    return {
        f"{inputs['name_prefix']}-{derived_suffix(inputs['name_seed'], generation)}"
        for inputs in keys
        if inputs.get("name_seed") and inputs.get("name_prefix")
        for generation in range(2, int(inputs.get("generation") or 1) + 2)
    }


def _services(deployment: Deployment) -> set[str]:
    return {str(resource.get("urn")).rpartition("::")[2] for resource in _resources(deployment, SERVICE_TYPE)}


def _resources(deployment: Deployment, kind: str) -> list[Mapping[str, Any]]:
    resources = deployment.get("resources") or []
    return [resource for resource in resources if str(resource.get("type") or "").endswith(kind)]
