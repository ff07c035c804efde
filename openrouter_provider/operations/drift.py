"""What changed behind Pulumi's back: in the account, in the secrets, and around them; nothing here writes."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from pulumi.automation import CommandError
from pydantic import SecretStr

from ..api.client import ManagementClient
from ..api.errors import AuthenticationError, ConfigurationError, OpenRouterError, PermissionDenied
from ..api.models import KeyRecord
from ..api.scrub import scrub
from ..schedule import parse_instant
from ..settings import clock, resolve_settings
from .deployment import KnownKey, all_records, config_values, exported_state, known_keys
from .drift_account import account_findings, read_claim
from .drift_compare import plan_findings
from .drift_plan import API_KEY, PlannedResource, open_for_reading, preview
from .drift_secrets import Ask, Read, expected_values, secret_findings
from .drift_severity import Finding, Severity
from .drift_stores import store_findings
from .pending import workspaces_of
from .project_stacks import ProjectStacks, project_stacks
from .secret_values import read_stored
from .stacks import last_line, selected_stack

STACKS_AT_ONCE = 4

Report = Callable[[str, str], None]
"""Told a stack's name and what is being done for it."""


@dataclass(frozen=True)
class StackDrift:
    """What was found of one stack, worst first; `error` says why it could not be checked."""

    stack: str
    findings: tuple[Finding, ...] = ()
    error: str | None = None


Check = Callable[[Path, str, Callable[[str], None]], StackDrift]
"""Checks the project's stack of that name and says what it is doing."""


def stack_names(project: Path, named: Sequence[str], every: bool) -> list[str]:
    """Return the stacks to check: those named, every one of the project, or the selected one.

    Raises:
        ConfigurationError: no project, no stack, both ways of naming, or an unreadable backend.
    """
    if named and every:
        raise ConfigurationError("give --stack or --all, not both")
    if named:
        return list(dict.fromkeys(named))
    workspace = open_for_reading(project)
    if not every:
        return [selected_stack(workspace)]
    try:
        names = [summary.name for summary in workspace.list_stacks()]
    except CommandError as error:
        raise ConfigurationError(f"the stacks cannot be listed: {last_line(error)}") from None
    if not names:
        raise ConfigurationError("the project has no stacks: make one with `pulumi stack init NAME`")
    return names


def check_stacks(
    project: Path,
    stacks: Sequence[str],
    report: Report,
    *,
    at_once: int = STACKS_AT_ONCE,
    check: Check | None = None,
) -> list[StackDrift]:
    """Return what was found of each stack, in the order given; an error of one doesn't touch the others.

    Args:
        project: the folder with Pulumi.yaml.
        stacks: their names.
        report: told what is being done, from several threads.
        at_once: how many stacks are checked side by side.
        check: checks one stack; default: check_stack.
    """
    checked = check or partial(check_stack, states=project_stacks(open_for_reading(project)))

    def guarded(stack: str) -> StackDrift:
        try:
            found = checked(project, stack, lambda doing: report(stack, doing))
        except OpenRouterError as error:
            found = StackDrift(stack, error=str(error))
        except Exception as error:  # noqa: BLE001 - the other stacks' findings must not be lost
            found = StackDrift(stack, error=f"{type(error).__name__}: {scrub(str(error))}")
        report(stack, "failed" if found.error else f"done, {counted(found.findings)}")
        return found

    with ThreadPoolExecutor(max(1, at_once)) as pool:
        return list(pool.map(guarded, stacks))


def check_stack(
    project: Path, stack: str, report: Callable[[str], None], states: ProjectStacks | None = None
) -> StackDrift:
    """Return what was found of one stack.

    Args:
        project: the folder with Pulumi.yaml.
        stack: its name.
        report: told what is being done.
        states: the states of the project's stacks, read once for all that are checked.

    Raises:
        ConfigurationError: no such stack, no management key, or the preview failed.
        OpenRouterError: the account could not be read.
    """
    workspace = open_for_reading(project)
    report("reading the config")
    config = config_values(workspace, stack)
    settings = resolve_settings(config.get)
    report("refresh preview")
    resources = preview(workspace, stack)
    report("reading the account and the secrets")
    with settings.client() as client:
        exported = exported_state(workspace, stack)
        deployment = exported.get("deployment") or {}
        claim = read_claim(workspace, stack, config, deployment)
        records = all_records(client, workspaces_of(deployment))
        unmanaged = list(
            account_findings(stack, claim, records, lambda: (states or project_stacks(workspace)).besides(stack))
        )
        replaced, ask = replaced_keys(exported), asker(settings.base_url)
        findings = findings_of(stack, resources, records, ask, replaced=replaced, unmanaged=unmanaged)
    return StackDrift(stack, tuple(findings))


def findings_of(
    stack: str,
    resources: Sequence[PlannedResource],
    records: Sequence[KeyRecord],
    ask: Ask,
    read: Read = read_stored,
    now: datetime | None = None,
    replaced: Collection[str] = (),
    unmanaged: Iterable[Finding] = (),
) -> list[Finding]:
    """Return the findings of a stack, worst first.

    Args:
        stack: its name.
        resources: what the preview says.
        records: every key of the account.
        ask: returns a key's label, None where it does not authenticate.
        read: returns a secret's current version.
        now: decides what is due; default: the clock.
        replaced: keys that a replacement superseded and that a half-done run has yet to delete; the secret may
            hold one of them still.
        unmanaged: what account_findings says of keys that no state knows.
    """
    now = now or clock()
    known = known_in(resources)
    retired = {key.hash for key in known if key.superseded} | set(replaced)
    labels = {record.label for record in records if record.hash in retired}
    expected = expected_values(resources, expired_services(resources, now))
    found = [
        *plan_findings(stack, resources, now),
        *store_findings(stack, resources),
        *secret_findings(stack, expected, labels, ask, read),
        *unmanaged,
    ]
    order = list(Severity)
    return sorted(found, key=lambda finding: (order.index(finding.severity), finding.service, finding.property))


def replaced_keys(state: Mapping[str, Any]) -> set[str]:
    """Return the keys that an exported state marks for deletion: their replacements exist, they still live."""
    resources = state.get("deployment", {}).get("resources") or []
    return {key.hash for key in known_keys({"deployment": {"resources": [r for r in resources if r.get("delete")]}})}


def known_in(resources: Iterable[PlannedResource]) -> list[KnownKey]:
    """Return the keys that the state names, superseded ones too."""
    state = [{"type": each.kind, "urn": each.urn, "outputs": each.state} for each in resources]
    return known_keys({"deployment": {"resources": state}})


def expired_services(resources: Iterable[PlannedResource], now: datetime) -> Collection[str]:
    """Return the services whose key's expiry has passed."""
    keys = [(each.service, each.actual or {}) for each in resources if each.kind == API_KEY]
    return {service for service, key in keys if key.get("expires_at") and parse_instant(key["expires_at"]) <= now}


def asker(base_url: str) -> Ask:
    """Return what asks the API for a key's label with that key alone."""

    def ask(key: SecretStr) -> str | None:
        try:
            with ManagementClient(key.get_secret_value(), base_url=base_url) as client:
                return client.current_key().label
        except (AuthenticationError, ConfigurationError, PermissionDenied):
            return None

    return ask


def counted(findings: Iterable[Finding]) -> str:
    """Return how many findings there are of each severity, in words."""
    severities = [finding.severity for finding in findings]
    parts = [f"{severities.count(severity)} {severity}" for severity in Severity if severity in severities]
    return ", ".join(parts) or "clean"
