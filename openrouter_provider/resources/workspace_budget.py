"""What a workspace may spend in one interval, as a resource.

API: https://openrouter.ai/docs/guides/features/workspaces/workspace-budgets
"""

from collections.abc import Mapping
from typing import Any

from pulumi import Input, Output, ResourceOptions

from ..api.errors import ConfigurationError, NotFound, ResponseError
from ..api.money import usd
from ..api.scrub import printable
from ..api.workspaces import LIFETIME, BudgetRecord
from ..keys.checks import LIMIT_RESETS, check_flag, check_id, check_positive_limit, one_of
from ..keys.fields import Failures, Field, Props, changed, has_unknown, is_unknown, present, shown
from .declared import RecordResource
from .record import RecordProvider
from .widening import of_budget

INTERVALS = (*LIMIT_RESETS, LIFETIME)
"""From the narrowest to the widest."""
BYOK = "include_byok_in_budgets"
_REFUSED = 400


def check_narrower(value: object) -> Any:
    """Return the limits of narrower intervals by interval; with unknown ones among them as they are.

    Raises:
        ValueError: no such object, another interval, or no limit.
    """
    if has_unknown(value):
        return value
    if not isinstance(value, Mapping) or not set(value) <= set(LIMIT_RESETS):
        raise ValueError(f"must be an object of limits in USD by {', '.join(LIMIT_RESETS)}")
    return {interval: check_positive_limit(limit) for interval, limit in value.items()}


def to_lower(limits: Mapping[str, float], wishes: Mapping[str, float]) -> list[str]:
    """Return the intervals whose limit is above its wish, in the order in which each may be lowered to it.

    Args:
        limits: the limits that a workspace has now.
        wishes: the limits that its narrower budgets shall have.
    """
    there = [interval for interval in INTERVALS if interval in limits and interval in wishes]
    return [interval for interval in there if limits[interval] > wishes[interval]]


class WorkspaceBudgetProvider(RecordProvider):
    """The life cycle of one budget."""

    what = "budget"
    fields = (
        Field("workspace_id", check_id, required=True, replaces=True, shown=False),
        Field("interval", one_of(*INTERVALS), required=True, replaces=True, shown=False),
        Field("limit_usd", check_positive_limit, required=True),
        Field(BYOK, check_flag, if_declared=True),
    )
    settings = (Field("adopt", check_flag), Field("narrower", check_narrower))

    def problems(self, inputs: Mapping[str, Any]) -> Failures:
        """The budgets of a workspace share one flag: two wishes would undo each other with every run."""
        workspace_id, interval, flag = (inputs.get(name) for name in ("workspace_id", "interval", BYOK))
        if flag is None or any(value is None or is_unknown(value) for value in (workspace_id, interval, flag)):
            return {}
        first, its_flag = self.session.budget_flags.setdefault(str(workspace_id), (str(interval), flag))
        if first == interval or flag is its_flag:
            return {}
        return {BYOK: f"differs from that of this workspace's {first} budget: give both the same, they share one"}

    def identity(self, record: BudgetRecord, props: Mapping[str, Any]) -> str:
        """Return the workspace's id as it was given, and the interval."""
        del record
        return f"{props['workspace_id']}/{props['interval']}"

    def make(self, props: Props) -> BudgetRecord:
        """Set the budget; one that is there already is overwritten only by leave of `adopt`.

        Raises:
            ConfigurationError: the workspace has another budget for this interval.
        """
        workspace_id, interval = str(props["workspace_id"]), str(props["interval"])
        try:
            existing = self.session.client.get_budget(workspace_id, interval)
        except NotFound:
            return self._put(workspace_id, interval, _wished(props), props)
        if not changed(self.fields, {**props, **shown(self.fields, existing)}, props):
            return existing
        if not props.get("adopt"):
            raise ConfigurationError(
                f"workspace '{printable(workspace_id)}' has another {interval} budget already "
                f"({usd(existing.limit_usd)}): set adopt to take it over (docs/errors.md#adoption)"
            )
        return self._put(workspace_id, interval, _wished(props), props)

    def fetch(self, id_: str, props: Mapping[str, Any]) -> BudgetRecord:
        """Read the budget that the id names."""
        del props
        return self.session.client.get_budget(*_parts(id_))

    def now(self, id_: str, props: Mapping[str, Any], record: BudgetRecord) -> Props:
        """Return the properties as they are; workspace and interval are what the id names."""
        workspace_id, interval = _parts(id_)
        named = {"workspace_id": workspace_id, "interval": interval}
        return {**named, **super().now(id_, props, record)}

    def change(self, id_: str, changes: Props, olds: Mapping[str, Any], news: Mapping[str, Any]) -> BudgetRecord:
        """PUT the limit, and the workspace's setting where it changed."""
        del olds
        return self._put(*_parts(id_), {"limit_usd": news["limit_usd"], **changes}, news)

    def remove(self, id_: str, props: Mapping[str, Any]) -> None:
        """Remove the budget; the workspace then has none for this interval."""
        del props
        self.session.client.delete_budget(*_parts(id_))

    def _put(self, workspace_id: str, interval: str, fields: Props, props: Mapping[str, Any]) -> BudgetRecord:
        """PUT the budget; where it is refused, after the narrower ones that may stand in its way were lowered."""
        client = self.session.client
        try:
            return client.put_budget(workspace_id, interval, fields)
        except ResponseError as error:
            if error.status != _REFUSED or not self._make_way(workspace_id, props.get("narrower") or {}):
                raise
        return client.put_budget(workspace_id, interval, fields)

    def _make_way(self, workspace_id: str, wishes: Mapping[str, float]) -> bool:
        """Lower the narrower budgets that are above their wishes; return whether there was one."""
        client = self.session.client
        limits = {budget.interval: budget.limit_usd for budget in client.list_budgets(workspace_id)} if wishes else {}
        lowered = to_lower(limits, wishes)
        for interval in lowered:
            client.put_budget(workspace_id, interval, {"limit_usd": wishes[interval]})
        return bool(lowered)


def _wished(props: Mapping[str, Any]) -> Props:
    return present({name: props.get(name) for name in ("limit_usd", BYOK)})


def _parts(id_: str) -> tuple[str, str]:
    workspace_id, _, interval = id_.rpartition("/")
    return workspace_id, interval


class WorkspaceBudget(RecordResource, module="openrouter", name="WorkspaceBudget"):
    """What a workspace may spend in one interval; its id is `<workspace_id>/<interval>`.

    OpenRouter wants a wider interval to have a higher limit than a narrower one, at every instant. Where several
    budgets of one workspace may change at once, let each depend on the wider ones, which raises the widest first, and
    tell it the limits that the `narrower` ones will have: it lowers those first where they stand in its way.
    """

    provider_class = WorkspaceBudgetProvider
    widenings = staticmethod(of_budget)

    workspace_id: Output[str]
    interval: Output[str]
    limit_usd: Output[float]
    include_byok_in_budgets: Output[bool | None]

    def __init__(
        self,
        resource_name: str,
        *,
        workspace_id: Input[str],
        interval: Input[str],
        limit_usd: Input[float],
        include_byok_in_budgets: Input[bool] | None = None,
        adopt: Input[bool] | None = None,
        narrower: Input[Mapping[str, Input[float]]] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None:
        """Declare a budget.

        Args:
            resource_name: the resource's logical name.
            workspace_id: the workspace's id; a change replaces the budget.
            interval: `daily`, `weekly`, `monthly` or `lifetime`; a change replaces the budget.
            limit_usd: the limit in USD, above 0.
            include_byok_in_budgets: whether usage through your own provider keys counts: one setting of the whole
                workspace, which every budget shares; left out, it stays as it is.
            adopt: whether another limit that the workspace has already for this interval may be overwritten.
            narrower: the `limit_usd` of the same workspace's budgets for narrower intervals, by interval; it says in
                which order to write, and a change of it alone changes nothing.
            opts: Pulumi's resource options.
        """
        props = {
            "workspace_id": workspace_id,
            "interval": interval,
            "limit_usd": limit_usd,
            "include_byok_in_budgets": include_byok_in_budgets,
            "adopt": adopt,
            "narrower": narrower,
        }
        self._declare(resource_name, props, opts)
