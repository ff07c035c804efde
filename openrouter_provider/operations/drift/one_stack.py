"""One stack: what its state, the world and the program say, and everything that is found in it. Nothing is written."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from ...api.client import ManagementClient
from ...api.errors import AuthenticationError, ConfigurationError, OpenRouterError, PermissionDenied
from ...api.http.retry import QUICK
from ...api.models import KeyRecord
from ...resources.base import LARGEST_SKEW, server_ahead
from ...settings import clock, resolve_settings
from ...stores.reading import StoredValue
from ..outage import refuse_stores_away
from ..stack.accounts import Accounts
from ..stack.deployment import (
    KnownKey,
    config_values,
    default_prefix,
    known_keys,
    name_prefix,
)
from ..stack.exported import StackState
from ..stack.history import History
from ..stack.holders import places_in
from ..stack.locks import Lock
from ..stack.opening import open_for_reading
from ..stack.orphans import claim_of
from ..stack.pending import known_hashes, workspaces_of
from ..stack.siblings import OtherStacks, ProjectStacks, project_stacks
from ..stack.stacks import declared_config
from ..warm.previewing import warm_preview
from .absent import LookAt, absent_findings, absent_values, looking, undeployed_findings, unstored_findings
from .account import account_findings
from .compare import EXPIRY_NOTICE, plan_findings
from .findings import ACCOUNT, Change, Finding, Severity, Subject
from .killed_runs import run_findings
from .plan import PlannedResource, PreviewFailed
from .reaching import pieced_together, policy_reader, reaching, with_policies
from .secrets import AskLabel, ExpectedValue, Read, expected_values, secret_findings

_SET_THE_CLOCK = "a person must: set this machine's clock, and let NTP keep it; what it decided until then may be wrong"

Source = Callable[[], Iterable[Finding]]


@dataclass(frozen=True)
class StackDrift:
    """What was found of one stack, worst first.

    Attributes:
        stack: its name.
        findings: what was found.
        error: why not everything could be looked at; None where it could.
    """

    stack: str
    findings: tuple[Finding, ...] = ()
    error: str | None = None


@dataclass(frozen=True)
class Looked:
    """What was read of a stack before anything is judged.

    Attributes:
        stack: its name.
        prefix: its name prefix.
        resources: what the preview says; where it broke off, the state's.
        state: the exported state.
        notice: how long before its end an expiry is told.
        declared: the services in the config, where the preview did not come to saying so.
        error: why the preview broke off.
        default: the prefix that it has where the config names none.
        history: returns its runs, each with the prefix that it had.
        together: whether the project's other stacks are checked as well.
        lock: who holds it; None where nobody is seen to.
    """

    stack: str
    prefix: str
    resources: Sequence[PlannedResource]
    state: Mapping[str, Any] = field(default_factory=dict, repr=False)
    notice: timedelta = EXPIRY_NOTICE
    declared: Collection[str] = ()
    error: str | None = None
    default: str = ""
    history: Callable[[], History] = field(default=tuple, repr=False)
    together: bool = False
    lock: Lock | None = None


@dataclass(frozen=True)
class World:
    """How the account and the stores are asked.

    Attributes:
        records: returns every key of the account.
        ask: returns a key's label, None where it does not authenticate.
        read: returns a secret's current version.
        look: says what a store has in the place of a value that the state has not.
        ahead: returns how far the API's clock is ahead of this machine's.
        others: returns what the project's other stacks know.
    """

    records: Callable[[], Sequence[KeyRecord]]
    ask: AskLabel
    read: Read
    look: LookAt
    ahead: Callable[[], timedelta]
    others: Callable[[], OtherStacks] = OtherStacks


def check_stack(
    project: Path,
    stack: str,
    report: Callable[[str], None],
    accounts: Accounts,
    states: ProjectStacks | None = None,
    *,
    together: bool = False,
) -> StackDrift:
    """Return what was found of one stack; what could not be looked at is in its `error`, beside the findings.

    Args:
        project: the folder with Pulumi.yaml.
        stack: its name.
        report: told what is being done.
        accounts: lists the stack's account, for the preview too.
        states: the states of the project's stacks; by default they are read for this stack alone.
        together: whether the project's other stacks are checked as well.

    Raises:
        ConfigurationError: no such stack, or no management key.
        OpenRouterError: OpenRouter or a store is away, which is told before a preview waits for them.
    """
    workspace = open_for_reading(project)
    report("reading the config")
    values = config_values(workspace, stack)
    settings = resolve_settings(values.get)
    # The account first: what is made after that is in the state, and no orphan.
    workspace.env_vars = {**workspace.env_vars, **accounts.preview_environment(settings)}
    siblings = states or project_stacks(workspace)
    state = {"deployment": siblings.state(stack)}
    refuse_stores_away(stack, places_in(stack, state["deployment"], values.get))
    config = declared_config(values.get, project, stack, workspace.project_settings().name)
    notice = config.expiry_notice_period if config else EXPIRY_NOTICE
    exported = StackState(workspace, stack)
    looked = Looked(
        stack,
        name_prefix(values, workspace, stack),
        (),
        state,
        notice,
        default=default_prefix(workspace.project_settings().name, stack),
        history=exported.history,
        together=together,
        lock=exported.seen_lock(interrupted=bool(state["deployment"].get("pending_operations"))),
    )
    report("refresh preview")
    try:
        looked = replace(looked, resources=warm_preview(workspace, stack))
    except PreviewFailed as failed:
        why, declared = str(failed), tuple(config.services if config else ())
        asked = with_policies(pieced_together(failed.resources, state), why, policy_reader(reaching(state, values)))
        looked = replace(looked, resources=asked, declared=declared, error=why)
    report("reading the account and the secrets")
    with settings.quick_client() as client:
        records = partial(accounts.records, settings, client, workspaces_of(state["deployment"]))
        world = world_of(client, settings.base_url, state, values, records)
        return findings_of(looked, replace(world, others=lambda: siblings.besides(stack)))


def world_of(
    client: ManagementClient,
    base_url: str,
    state: Mapping[str, Any],
    config: Mapping[str, str],
    records: Callable[[], Sequence[KeyRecord]],
) -> World:
    """Return the real one.

    Args:
        client: of the stack's account.
        base_url: the API's.
        state: the exported state, which says how each provider reaches its store.
        config: the stack's, for the same.
        records: returns every key of the account.
    """
    ask, reach = asker(base_url), reaching(state, config)

    def read(value: ExpectedValue) -> StoredValue:
        return value.store.read(value.reference, reach(value.resource))

    return World(records, ask, read, looking(reach, ask), partial(server_ahead, client))


def asker(base_url: str) -> AskLabel:
    """Return what asks the API for a key's label with that key alone."""

    def ask(key: SecretStr) -> str | None:
        try:
            with ManagementClient(key.get_secret_value(), base_url=base_url, policy=QUICK) as client:
                return client.current_key().label
        except (AuthenticationError, ConfigurationError, PermissionDenied):
            return None

    return ask


def findings_of(looked: Looked, world: World, now: datetime | None = None) -> StackDrift:
    """Return the findings of a stack; a source that can't say anything hides nothing of the others.

    Args:
        looked: what was read of it.
        world: asks the account and the stores.
        now: decides what is due; default: the clock.
    """
    found: list[Finding] = []
    errors = [looked.error] if looked.error else []
    for source in _sources(looked, world, now or clock()):
        try:
            found += source()
        except OpenRouterError as error:
            errors.append(str(error))
    order = list(Severity)
    found.sort(key=lambda finding: (order.index(finding.severity), finding.service, finding.property))
    return StackDrift(looked.stack, tuple(found), "; ".join(dict.fromkeys(errors)) or None)


def _sources(looked: Looked, world: World, now: datetime) -> list[Source]:
    stack, resources, declared = looked.stack, looked.resources, looked.declared
    return [
        lambda: run_findings(stack, looked.state.get("deployment") or {}, looked.lock),
        lambda: plan_findings(stack, resources, now, looked.notice),
        lambda: undeployed_findings(stack, resources, declared),
        lambda: unstored_findings(stack, resources, declared),
        lambda: absent_findings(stack, absent_values(resources), world.look),
        lambda: _of_the_account(looked, world, now),
        lambda: _of_the_clock(stack, world.ahead()),
    ]


def _of_the_account(looked: Looked, world: World, now: datetime) -> Iterator[Finding]:
    """Yield what the secrets hold and which keys nobody knows; whose key is an old one, the account alone tells."""
    replaced = replaced_keys(looked.state)
    keys = known_in(looked.resources)
    known = set(known_hashes(looked.state.get("deployment") or {}))
    retired = {key.hash for key in keys if key.superseded} | replaced
    expected = expected_values(looked.resources, now)
    try:
        records = world.records()
    except OpenRouterError:
        yield from secret_findings(looked.stack, expected, (), world.ask, world.read)
        raise
    labels = {record.label for record in records if record.hash in retired}
    yield from secret_findings(looked.stack, expected, labels, world.ask, world.read)
    known |= {key.hash for key in keys} | replaced
    if looked.together:
        known |= world.others().hashes  # They are read anyway, which spares the history.
    if any(record.hash not in known for record in records):
        claim = claim_of(looked.state.get("deployment") or {}, looked.prefix, looked.default, looked.history())
        yield from account_findings(looked.stack, replace(claim, known=claim.known | known), records, world.others)


def _of_the_clock(stack: str, ahead: timedelta) -> Iterator[Finding]:
    if abs(ahead) > LARGEST_SKEW:
        side = "behind" if ahead > timedelta(0) else "ahead of"
        actual = f"{abs(ahead).total_seconds():.0f} s {side} the API's"
        yield Subject(stack, ACCOUNT).finding(Change.CLOCK_WRONG, "clock", "the API's", actual, _SET_THE_CLOCK)


def replaced_keys(state: Mapping[str, Any]) -> set[str]:
    """Return the keys that an exported state marks for deletion: their replacements exist, they still live."""
    resources = state.get("deployment", {}).get("resources") or []
    return {key.hash for key in known_keys({"deployment": {"resources": [r for r in resources if r.get("delete")]}})}


def known_in(resources: Iterable[PlannedResource]) -> list[KnownKey]:
    """Return the keys that the state names, superseded ones too."""
    state = [{"type": each.kind, "urn": each.urn, "outputs": each.state} for each in resources]
    return known_keys({"deployment": {"resources": state}})
