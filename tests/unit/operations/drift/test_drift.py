"""Findings of a whole stack, and of several side by side."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.api.models import KeyRecord
from openrouter_provider.operations.drift.absent import Seen
from openrouter_provider.operations.drift.check import check_stacks, told_once
from openrouter_provider.operations.drift.findings import ACCOUNT, Change, Finding, Subject
from openrouter_provider.operations.drift.one_stack import Looked, StackDrift, World, findings_of, replaced_keys
from openrouter_provider.operations.drift.plan import API_KEY, SECRET, SECRET_VERSION, SUPERSEDED_KEYS
from openrouter_provider.operations.progress import progress
from openrouter_provider.operations.stack.deployment import default_prefix
from openrouter_provider.operations.stack.opening import stack_names
from openrouter_provider.stores.reading import StoredValue
from tests.unit.operations.drift.test_drift_account import record
from tests.unit.operations.drift.test_drift_fixtures import NOW, STATES, resource


def world(records: list[KeyRecord], ahead: timedelta = timedelta(0)) -> World:
    """Return a world with these keys, none of which authenticates, in whose secrets there is no key."""
    return World(
        lambda: records, lambda _key: None, lambda _value: StoredValue("v2", None), lambda _one: Seen(), lambda: ahead
    )


def test_findings_of_all_sources_are_sorted_worst_first() -> None:
    """The plan's, the secret's and the account's findings come as one list; superseded keys are managed."""
    retired = {"keys": [{"hash": "b" * 64, "state": "bound", "retires_at": "2027-01-05T00:00:00Z"}]}
    resources = [
        resource(API_KEY, actual={"limit": 1}, operation="update"),
        resource(SECRET),
        resource(SECRET_VERSION),
        resource(SUPERSEDED_KEYS, state=retired, actual=retired),
    ]
    records = [
        record("acme/dev/checkout-1234567", hash_=STATES[API_KEY]["hash"]),
        record("acme/dev/checkout-7654321", hash_="b" * 64),
        record("acme/dev/orphan"),
        record("elsewhere", limit=None, hash_="e" * 64),
    ]
    found = findings_of(Looked("dev", "acme/dev", resources), world(records), NOW)
    assert [(one.severity, one.service, one.property) for one in found.findings] == [
        ("critical", ACCOUNT, "key acme/dev/orphan"),
        ("critical", "checkout", "secret.value"),
        ("warning", "checkout", "limit"),
        ("notice", ACCOUNT, "key elsewhere"),
    ]


def test_a_replaced_key_that_is_yet_to_be_deleted_is_managed() -> None:
    """After a half-done replacement the key that the secret may still hold is known, and never called unmanaged."""
    old = "d" * 64
    state = {
        "deployment": {
            "resources": [
                {"type": API_KEY, "urn": "urn::checkout", "outputs": {"hash": old}, "delete": True},
                {"type": API_KEY, "urn": "urn::checkout", "outputs": {"hash": "a" * 64}},
            ]
        }
    }
    assert replaced_keys(state) == {old}
    records = [record("acme/dev/checkout-1234567", hash_=old)]

    def judged(replaced: set[str]) -> list[str]:
        looked = Looked("dev", "acme/dev", [], state if replaced else {})
        return [one.service for one in findings_of(looked, world(records), NOW).findings]

    assert judged({old}) == []
    assert judged(set()) == [ACCOUNT]


def test_error_of_one_stack_hides_no_finding_of_another() -> None:
    """Every stack is reported in the order given; expected and unexpected errors are its own."""

    def check(_project: Path, stack: str, _report: object) -> StackDrift:
        if stack == "missing":
            raise ConfigurationError("no such stack")
        if stack == "broken":
            raise KeyError("sk-or-v1-" + "c0ffee" * 10)
        return StackDrift(stack)

    lines: list[str] = []
    stacks = ["missing", "broken", "fine"]
    found = check_stacks(Path(), stacks, lambda stack, doing: lines.append(f"{stack} {doing}"), check=check)
    assert [(one.stack, bool(one.error)) for one in found] == [("missing", True), ("broken", True), ("fine", False)]
    assert "c0ffee" not in repr(found)
    assert sorted(lines) == ["broken failed", "fine done, clean", "missing failed"]


def test_key_that_stacks_of_one_prefix_claim_is_told_once() -> None:
    """What is found in the account is said of the first stack that finds it; a service's findings stay each its own."""

    def finding(stack: str, service: str) -> Finding:
        return Subject(stack, service).finding(Change.UNMANAGED_KEY, "key acme/x-0a1b2c3", None, "enabled", "delete it")

    drifts = [StackDrift(stack, (finding(stack, ACCOUNT), finding(stack, "checkout"))) for stack in ("a", "b")]
    assert [[(each.stack, each.service) for each in one.findings] for one in told_once(drifts)] == [
        [("a", ACCOUNT), ("a", "checkout")],
        [("b", "checkout")],
    ]


def test_stacks_named_twice_are_checked_once() -> None:
    """The order of the names is kept."""
    assert stack_names(Path(), ["b", "a", "b"], every=False) == ["b", "a"]


def test_naming_stacks_and_asking_for_all_contradict_each_other() -> None:
    """Both together are an error that says which to drop."""
    with pytest.raises(ConfigurationError, match="not both"):
        stack_names(Path(), ["a"], every=True)


def test_prefix_is_project_and_stack_without_organisation() -> None:
    """A fully qualified stack name has the prefix that the program chose for it."""
    assert default_prefix("openrouter-keys", "acme/openrouter-keys/dev") == "openrouter-keys/dev"


def test_progress_in_a_pipeline_is_one_plain_line_a_step() -> None:
    """Without a terminal nothing is redrawn, and a stack's name can do no harm."""
    out = StringIO()
    with progress(["d\x1b[31mev"], Console(file=out)) as shown:
        shown.step("d\x1b[31mev", "refresh preview")
    assert out.getvalue() == "drift dev: refresh preview (0 s)\n"


def test_progress_on_a_terminal_shows_each_stack() -> None:
    """The display names every stack and what is being done for it."""
    out = StringIO()
    with progress(["dev", "prod"], Console(file=out, force_terminal=True, width=100)) as shown:
        shown.step("dev", "refresh preview")
        shown.tick("prod", "done, clean")
    assert "dev: refresh preview" in out.getvalue()
    assert "prod: done, clean" in out.getvalue()
