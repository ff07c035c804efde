"""What recover decides of each interrupted operation, and the order in which it acts."""

import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import ConfigurationError, OpenRouterError
from openrouter_provider.api.models import KeyRecord
from openrouter_provider.operations.pending import (
    known_hashes,
    last_written,
    pending_operations,
    provider_setting,
    without_pending_operations,
)
from openrouter_provider.operations.recover import SETTLE_SECONDS, Recoverer, settling_seconds
from openrouter_provider.operations.recovery_plan import Action, FoundObject, FoundSecret, Survey, plan_recovery
from openrouter_provider.operations.stack_state import Lock, StateNotRepaired, parse_lock
from openrouter_provider.operations.stray_keys import UnfinishedRun
from sandbox.openrouter import Control
from tests.unit.account_fixtures import control, simulator  # noqa: F401 - fixtures

NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)
KEY, SECRET = "pulumi-python:dynamic/openrouter:ApiKey", "aws:secretsmanager/secret:Secret"
SUPERSEDED = "pulumi-python:dynamic/openrouter:SupersededKeys"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
NAME, ARN = "acme/dev/checkout-0a1b2c3", "arn:aws:secretsmanager:us-east-1:1:secret:acme/dev/checkout/openrouter-x"
DRAWN = {"name": NAME, "name_seed": "0a1b2c3", "limit": 5}
TAGS = {"ManagedBy": "openrouter-keys", "Service": "checkout", "Environment": "dev"}
Exported = dict[str, Any]


def urn(kind: str) -> str:
    """Return the URN of the service checkout's resource of a type."""
    return f"urn:pulumi:dev::openrouter-keys::openrouter-keys:index:ServiceKey${kind}::checkout"


def entry(kind: str, type_: str, **inputs: Any) -> Exported:
    """Return one entry of the pending operations as an export shows it."""
    return {"type": kind, "resource": {"urn": urn(type_), "type": type_, "inputs": inputs, "custom": True}}


def state(*entries: Exported, resources: list[Exported] | None = None) -> Exported:
    """Return a deployment."""
    return {"manifest": {"time": NOW.isoformat()}, "resources": resources or [], "pending_operations": list(entries)}


def record(hash_: str = "lost", name: str = NAME, **fields: Any) -> KeyRecord:
    """Return a key as a listing shows it."""
    return KeyRecord(hash=hash_, name=name, label="sk-or-…", disabled=False, limit=5, created_at=NOW, **fields)


def decided(deployment: Exported, survey: Survey) -> list[tuple[Action, str]]:
    """Return action and target of each step."""
    return [(step.action, step.target) for step in plan_recovery(deployment, survey)]


IN_STATE: list[Exported] = [
    {"urn": urn(KEY), "type": KEY, "id": "first", "outputs": {"hash": "current", "superseded": [{"hash": "before"}]}},
    {"urn": urn(KEY), "type": KEY, "id": "replaced", "delete": True, "outputs": {"hash": "replaced-now"}},
    {"urn": urn(SUPERSEDED), "type": SUPERSEDED, "id": "checkout", "outputs": {"keys": [{"hash": "retiring"}]}},
]
CREATE, ROTATE = entry("creating", KEY, **DRAWN), entry("updating", KEY, **DRAWN, generation=2)
KEY_CASES: list[tuple[str, Exported, list[KeyRecord], list[tuple[Action, str]]]] = [
    ("create, made", CREATE, [record()], [(Action.DELETE_KEY, "lost")]),
    ("create, made disabled", CREATE, [record(workspace_id="w")], [(Action.DELETE_KEY, "lost")]),
    ("create, not made", CREATE, [], [(Action.DROP, "")]),
    ("create, another name", CREATE, [record(name=NAME + "x")], [(Action.DROP, "")]),
    ("create, used", CREATE, [record(usage=0.01)], [(Action.LEAVE, "lost")]),
    ("create, used by own provider keys", CREATE, [record(byok_usage_daily=1)], [(Action.LEAVE, "lost")]),
    ("create, known", CREATE, [record("current")], [(Action.DROP, "")]),
    ("create, once the first generation", CREATE, [record("first")], [(Action.DROP, "")]),
    ("create, superseded", CREATE, [record("before")], [(Action.DROP, "")]),
    ("create, retiring", CREATE, [record("retiring")], [(Action.DROP, "")]),
    ("create, of a resource pending deletion", CREATE, [record("replaced-now")], [(Action.DROP, "")]),
    ("create, two", CREATE, [record("a"), record("b", usage=1)], [(Action.DELETE_KEY, "a"), (Action.LEAVE, "b")]),
    ("create, given name", entry("creating", KEY, name=NAME), [record()], [(Action.LEAVE, "lost")]),
    ("create, encrypted name", entry("creating", KEY, name={"ciphertext": "v1"}), [record()], [(Action.LEAVE, "")]),
    ("adoption", entry("creating", KEY, **DRAWN, adopt_hash="x"), [record("adopted")], [(Action.DROP, "")]),
    ("rotation, made", ROTATE, [record()], [(Action.DELETE_KEY, "lost")]),
    ("rotation, not made", ROTATE, [record("current")], [(Action.DROP, "")]),
    ("rotation, used", ROTATE, [record(usage=3)], [(Action.LEAVE, "lost")]),
    ("delete", entry("deleting", KEY, **DRAWN), [record("current")], [(Action.DROP, "")]),
    ("delete, unknown key of its name", entry("deleting", KEY, **DRAWN), [record()], [(Action.DROP, "")]),
]


@pytest.mark.parametrize(
    ("pending", "listed", "expected"), [case[1:] for case in KEY_CASES], ids=[c[0] for c in KEY_CASES]
)
def test_only_a_lost_unused_key_of_the_drawn_name_is_deleted(
    pending: Exported, listed: list[KeyRecord], expected: list[tuple[Action, str]]
) -> None:
    """A key is deleted if its name is exactly the drawn one, it is unknown to the whole state, and was never used."""
    assert decided(state(pending, resources=IN_STATE), Survey({None: listed})) == expected


def test_key_is_looked_for_in_its_own_workspace() -> None:
    """A key of that name in another workspace is another key."""
    pending = entry("creating", KEY, **DRAWN, workspace_id="mine")
    survey = Survey({None: [record("other")], "mine": [record("lost")]})
    assert decided(state(pending), survey) == [(Action.DELETE_KEY, "lost")]


MAKE = entry("creating", SECRET, name="acme/dev/checkout/openrouter", tags=TAGS)
SECRET_CASES: list[tuple[str, FoundSecret | None, Action]] = [
    ("not made", None, Action.DROP),
    ("made and empty", FoundSecret(ARN, TAGS), Action.DELETE_SECRET),
    ("made with a tag of AWS's own", FoundSecret(ARN, {**TAGS, "aws:x": "y"}), Action.DELETE_SECRET),
    ("with a value", FoundSecret(ARN, TAGS, has_value=True), Action.LEAVE),
    ("another stack's", FoundSecret(ARN, {**TAGS, "Environment": "prod"}), Action.LEAVE),
    ("somebody else's", FoundSecret(ARN, {**TAGS, "ManagedBy": "terraform"}), Action.LEAVE),
    ("without tags", FoundSecret(ARN), Action.LEAVE),
    ("in the state", FoundSecret("arn:known", TAGS, has_value=True), Action.DROP),
    ("scheduled for deletion", FoundSecret(ARN, TAGS, is_being_deleted=True), Action.LEAVE),
    ("AWS silent", FoundSecret(problem="AWS refused: AccessDenied"), Action.LEAVE),
]


@pytest.mark.parametrize(("found", "expected"), [case[1:] for case in SECRET_CASES], ids=[c[0] for c in SECRET_CASES])
def test_only_an_empty_secret_with_this_stacks_tags_is_deleted(found: FoundSecret | None, expected: Action) -> None:
    """A secret with a value, with other tags or unreadable is left; one that the state knows is no matter."""
    deployment = state(MAKE, resources=[{"urn": "u", "type": SECRET, "id": "arn:known"}])
    assert [step.action for step in plan_recovery(deployment, Survey({}, {urn(SECRET): found}))] == [expected]


def test_secret_that_is_left_comes_with_the_command_that_imports_it() -> None:
    """The command names the type, the resource, the ARN and the parent's URN."""
    pending = entry("creating", SECRET, name="n", tags=TAGS)
    pending["resource"]["parent"] = "urn:pulumi:dev::p::openrouter-keys:index:ServiceKey::checkout"
    (step,) = plan_recovery(state(pending), Survey({}, {urn(SECRET): FoundSecret(ARN, TAGS, has_value=True)}))
    assert f"pulumi import {SECRET} checkout '{ARN}' --parent checkout='urn:pulumi:dev::p::" in step.reason


@pytest.mark.parametrize(
    ("pending", "expected"),
    [
        (entry("creating", VERSION), Action.DROP),
        (entry("creating", "aws:secretsmanager/secretPolicy:SecretPolicy"), Action.DROP),
        (entry("creating", "gcp:secretmanager/secretVersion:SecretVersion"), Action.DROP),
        (entry("creating", "vault:kv/secretV2:SecretV2"), Action.DROP),
        (entry("creating", "gcp:secretmanager/secret:Secret"), Action.LEAVE),
        (entry("creating", SUPERSEDED), Action.DROP),
        (entry("creating", "pulumi-python:dynamic/openrouter:WorkspaceBudget"), Action.DROP),
        (entry("creating", "pulumi-python:dynamic/openrouter:GuardrailAssignment"), Action.DROP),
        (entry("creating", "pulumi:providers:aws"), Action.DROP),
        (entry("updating", SUPERSEDED), Action.DROP),
        (entry("deleting", SECRET), Action.DROP),
        (entry("reading", "aws:s3/bucket:Bucket"), Action.DROP),
        (entry("creating", "aws:s3/bucket:Bucket"), Action.LEAVE),
    ],
    ids=lambda value: f"{value['type']} {value['resource']['type']}" if isinstance(value, dict) else value.name,
)
def test_what_can_be_done_again_is_dropped_and_a_foreign_creation_is_left(pending: Exported, expected: Action) -> None:
    """Only a creation that this package knows nothing of needs a person; the rest is repeated by the next up."""
    assert [step.action for step in plan_recovery(state(pending), Survey())] == [expected]


GUARDRAIL, BYOK, WORKSPACE = (
    f"pulumi-python:dynamic/openrouter:{kind}" for kind in ("Guardrail", "ByokKey", "Workspace")
)
LOST, KNOWN = FoundObject("lost"), FoundObject("known")
ASSIGNED = FoundObject("lost", "it is assigned to 1 keys or members")
GIVEN = {"name": "cheap"}
OBJECT_CASES: list[tuple[str, Exported, list[FoundObject], list[tuple[Action, str]]]] = [
    ("made", entry("creating", GUARDRAIL, **DRAWN), [LOST], [(Action.DELETE_OBJECT, "lost")]),
    ("provider key, made", entry("creating", BYOK, **DRAWN), [LOST], [(Action.DELETE_OBJECT, "lost")]),
    ("not made", entry("creating", GUARDRAIL, **DRAWN), [], [(Action.DROP, "")]),
    ("known", entry("creating", GUARDRAIL, **DRAWN), [KNOWN], [(Action.DROP, "")]),
    ("known and made", entry("creating", GUARDRAIL, **DRAWN), [KNOWN, LOST], [(Action.DELETE_OBJECT, "lost")]),
    ("assigned", entry("creating", GUARDRAIL, **DRAWN), [ASSIGNED], [(Action.LEAVE, "lost")]),
    ("given name", entry("creating", GUARDRAIL, **GIVEN), [LOST], [(Action.LEAVE, "lost")]),
    ("given name, not made", entry("creating", BYOK, **GIVEN), [], [(Action.DROP, "")]),
    ("encrypted name", entry("creating", GUARDRAIL, name={"ciphertext": "v1"}), [LOST], [(Action.LEAVE, "")]),
    ("adoption", entry("creating", GUARDRAIL, **DRAWN, adopt_id="lost"), [LOST], [(Action.DROP, "")]),
    ("update", entry("updating", GUARDRAIL, **DRAWN), [LOST], [(Action.DROP, "")]),
    ("deletion", entry("deleting", BYOK, **DRAWN), [LOST], [(Action.DROP, "")]),
    ("workspace, made", entry("creating", WORKSPACE, name=NAME, slug="pay"), [LOST], [(Action.LEAVE, "lost")]),
    ("workspace, known", entry("creating", WORKSPACE, name=NAME, slug="pay"), [KNOWN], [(Action.DROP, "")]),
    ("workspace, not made", entry("creating", WORKSPACE, name=NAME, slug="pay"), [], [(Action.DROP, "")]),
]


@pytest.mark.parametrize(
    ("pending", "found", "expected"), [case[1:] for case in OBJECT_CASES], ids=[c[0] for c in OBJECT_CASES]
)
def test_only_an_unused_object_of_a_drawn_name_is_deleted(
    pending: Exported, found: list[FoundObject], expected: list[tuple[Action, str]]
) -> None:
    """What the state knows is no matter; what is used, or has a name that is not drawn, is left."""
    deployment = state(pending, resources=[{"urn": "u", "type": GUARDRAIL, "id": "known"}])
    (operation,) = pending_operations(deployment)
    survey = Survey(objects={(operation.urn, operation.physical_name): found})
    assert decided(deployment, survey) == expected


@pytest.mark.parametrize(
    ("kind", "section"), [(WORKSPACE, "workspaces"), (GUARDRAIL, "guardrails"), (BYOK, "byokKeys")]
)
def test_what_pulumi_cannot_import_comes_with_what_takes_it_over(kind: str, section: str) -> None:
    """The command sets `adopt` in the section of the config that declares such an object."""
    pending = entry("creating", kind, name="cheap", slug="cheap")
    (step,) = plan_recovery(state(pending), Survey(objects={(urn(kind), "cheap"): [LOST]}))
    assert step.action is Action.LEAVE
    assert f"pulumi config set --path openrouter-keys:{section}.checkout.adopt lost" in step.reason
    assert "import" not in step.reason


def test_name_with_a_dot_is_one_step_of_the_path() -> None:
    """The path is in quotes for a shell, and the name in brackets for Pulumi."""
    pending = entry("creating", BYOK, name="ours")
    pending["resource"]["urn"] = "urn:pulumi:dev::p::x::a.b"
    (step,) = plan_recovery(state(pending), Survey(objects={("urn:pulumi:dev::p::x::a.b", "ours"): [LOST]}))
    assert """--path 'openrouter-keys:byokKeys["a.b"].adopt' lost""" in step.reason


def test_every_hash_in_the_state_is_known() -> None:
    """Ids, current, superseded, retiring and adopted keys count, those of unfinished operations too."""
    pending = entry("updating", KEY, **DRAWN, adopt_hash="adopted")
    pending["resource"]["id"] = "of-the-operation"
    assert known_hashes(state(pending, resources=IN_STATE)) == {
        *("first", "current", "before", "replaced", "replaced-now", "retiring", "adopted", "of-the-operation"),
    }


def test_region_is_that_of_the_provider_of_the_operation() -> None:
    """The provider's reference leads to its settings; one that is not in the state has none."""
    pending = entry("creating", SECRET, name="n")
    pending["resource"]["provider"] = "urn:aws::id-1"
    (operation,) = pending_operations(state(pending))
    providers = [{"urn": "urn:aws", "id": "id-1", "inputs": {"region": "eu-west-1"}}]
    assert provider_setting(state(pending, resources=providers), operation, "region") == "eu-west-1"
    assert provider_setting(state(pending), operation, "region") is None


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (None, SETTLE_SECONDS),
        (NOW, SETTLE_SECONDS),
        (NOW - timedelta(seconds=4), SETTLE_SECONDS - 4),
        (NOW - timedelta(hours=1), 0),
        (NOW + timedelta(hours=1), SETTLE_SECONDS),
    ],
)
def test_look_waits_until_cut_off_calls_must_have_ended(written: datetime | None, seconds: float) -> None:
    """The wait counts from the state's last write, and a clock that differs never makes it longer."""
    assert settling_seconds(written, NOW) == seconds


def test_look_waits_for_a_killed_run_also_where_nothing_is_pending(control: Control, tmp_path: Path) -> None:  # noqa: F811
    """A lock says that a run was killed, whatever it had noted; without one there is nothing to wait for."""
    waited: list[float] = []
    for held in (None, Lock("me")):
        recoverer = Recoverer(
            FakeState(state(), [], tmp_path, held),  # type: ignore[arg-type]  # in memory
            lambda: ManagementClient(control.management_key, base_url=control.url),
            "acme/dev",
            sleep=waited.append,
            now=lambda: NOW,
        )
        recoverer.plan()
    assert waited == [SETTLE_SECONDS]


def test_last_write_is_read_with_nanoseconds_and_zone() -> None:
    """The manifest's time is understood as pulumi writes it; without one there is none."""
    assert last_written({"manifest": {"time": "2027-01-01T13:00:00.123456789+01:00"}}) is not None
    assert last_written({}) is None


LOCKED = (
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the "
    "lock file with `pulumi cancel`.\n  file:///b/x.json: created by ann@laptop (pid 4242) at 2027-01-01T00:00:00Z"
)


def test_lock_is_read_from_pulumis_words() -> None:
    """User, host, process and time are found; another error is no lock."""
    assert parse_lock(LOCKED) == Lock(
        "ann@laptop (pid 4242) since 2027-01-01T00:00:00Z", "laptop", 4242, NOW.replace(hour=0)
    )
    assert parse_lock("error: a stack named organization/p/dev already exists") is None


def test_holder_that_runs_here_is_alive() -> None:
    """This process is; one on another host, or without an id, is not known to be."""
    assert Lock("me", "here", os.getpid()).is_alive("here")
    assert not Lock("me", "there", os.getpid()).is_alive("here")
    assert not Lock("me").is_alive("here")


class FakeState:
    """A stack's state in memory that notes each thing done to it, in one list with the API's calls."""

    name = "dev"

    def __init__(self, deployment: Exported, done: list[str], folder: Path, held: Lock | None = None) -> None:
        self.exported: Exported = {"version": 3, "deployment": deployment}
        self.done, self.folder, self.held = done, folder, held
        self.runs: list[UnfinishedRun] = []

    def unfinished_runs(self) -> list[UnfinishedRun]:
        """Return the runs that failed."""
        return self.runs

    def export(self) -> Exported:
        """Return the state."""
        return self.exported

    def lock(self) -> Lock | None:
        """Return the lock."""
        return self.held

    def clear_lock(self) -> None:
        """Take the lock away."""
        self.held = None

    def back_up(self, _exported: Exported) -> Path:
        """Note a backup."""
        self.done.append("backup")
        return self.folder / "backup"

    def replace(self, exported: Exported) -> None:
        """Take an edited state."""
        self.done.append("import")
        self.exported = exported


Make = Callable[[Exported], tuple[Recoverer, FakeState]]


@pytest.fixture
def make(control: Control, tmp_path: Path) -> Make:  # noqa: F811 - a fixture
    """Make a recoverer of a state over a simulated account; waiting takes no time."""

    def made(deployment: Exported) -> tuple[Recoverer, FakeState]:
        def opened() -> ManagementClient:
            return ManagementClient(control.management_key, base_url=control.url)

        fake = FakeState(deployment, [], tmp_path)
        recoverer = Recoverer(
            fake,  # type: ignore[arg-type]  # in memory
            opened,
            "acme/dev",
            sleep=lambda _seconds: None,
            now=lambda: NOW,
        )
        return recoverer, fake

    return made


def test_keys_go_before_the_state_forgets_them(control: Control, make: Make) -> None:  # noqa: F811 - a fixture
    """A key that cannot be deleted leaves the state as it is; the next recovery deletes it, and a third has no work."""
    control.create_key(name=NAME)
    recoverer, fake = make(state(CREATE))
    control.fault("delete_key", "status_before", status=403)
    with pytest.raises(OpenRouterError):
        recoverer.apply(recoverer.plan())
    assert (fake.done, len(control.keys())) == ([], 1)
    control.clear_faults()
    assert recoverer.apply(recoverer.plan()).backup
    assert (fake.done, control.keys()) == (["backup", "import"], [])
    assert not recoverer.plan().has_work


def test_planning_writes_nothing(control: Control, make: Make) -> None:  # noqa: F811 - a fixture
    """A plan is made from reads alone."""
    control.create_key(name=NAME)
    recoverer, fake = make(state(CREATE))
    recoverer.plan()
    assert ({call["method"] for call in control.calls()}, fake.done) == ({"GET"}, [])


def test_key_used_since_the_plan_is_left(control: Control, make: Make) -> None:  # noqa: F811 - a fixture
    """Each key is looked at once more before its deletion, and what was left keeps the state's entries."""
    made, _ = control.create_key(name=NAME)
    recoverer, fake = make(state(CREATE))
    recovery = recoverer.plan()
    control.edit_key(made["hash"], usage=1)
    applied = recoverer.apply(recovery)
    assert ([step.action for step in applied.steps], applied.backup) == ([Action.LEAVE], None)
    assert (len(control.keys()), fake.done) == (1, [])


def test_lost_objects_are_found_by_name_and_deleted(control: Control, make: Make) -> None:  # noqa: F811 - a fixture
    """A guardrail and a provider key of the drawn name go, another name and a workspace of the slug stay."""
    workspace = control.create_workspace(name="Pay", slug="pay")["id"]
    for name in (NAME, f"{NAME}-not"):
        control.create_guardrail(name=name, workspace_id=workspace)
        control.create_byok_key(name=name, provider="openai", key="k" * 24)
    recoverer, fake = make(
        state(
            entry("creating", GUARDRAIL, **DRAWN, workspace_id=workspace),
            entry("creating", BYOK, **DRAWN, provider="openai"),
            entry("creating", WORKSPACE, name="Pay", slug="pay"),
        )
    )
    applied = recoverer.apply(recoverer.plan())
    assert [step.target for step in applied.left] == [workspace]
    assert [each["name"] for each in (*control.guardrails(), *control.byok_keys())] == [f"{NAME}-not"] * 2
    assert fake.done == []
    fake.exported["deployment"]["resources"] = [{"urn": "u", "type": WORKSPACE, "id": workspace}]
    assert recoverer.apply(recoverer.plan()).backup


def test_guardrail_assigned_since_the_plan_is_left(control: Control, make: Make) -> None:  # noqa: F811 - a fixture
    """Each is looked at once more before its deletion."""
    made = control.create_guardrail(name=NAME)
    recoverer, fake = make(state(entry("creating", GUARDRAIL, **DRAWN)))
    recovery = recoverer.plan()
    control.assign_keys(made["id"], [control.create_key(name="a key")[0]["hash"]])
    applied = recoverer.apply(recovery)
    assert ([step.action for step in applied.left], len(control.guardrails()), fake.done) == ([Action.LEAVE], 1, [])
    (again,) = recoverer.plan().left
    assert "assigned to 1" in again.reason


def test_object_that_is_gone_since_the_plan_counts_as_deleted(control: Control, make: Make) -> None:  # noqa: F811
    """Somebody else was faster, which is what was wanted."""
    made = control.create_guardrail(name=NAME)
    recoverer, _ = make(state(entry("creating", GUARDRAIL, **DRAWN)))
    recovery = recoverer.plan()
    control.delete_guardrail(made["id"])
    assert recoverer.apply(recovery).backup


def test_what_is_left_for_a_person_keeps_all_entries(control: Control, make: Make) -> None:  # noqa: F811 - a fixture
    """The others are cleared up all the same, and the next recovery has nothing to write."""
    control.create_key(name=NAME)
    recoverer, fake = make(state(CREATE, entry("creating", "aws:s3/bucket:Bucket")))
    recoverer.apply(recoverer.plan())
    assert (control.keys(), fake.done) == ([], [])
    again = recoverer.plan()
    assert (again.has_work, len(again.left)) == (False, 1)


def test_stray_keys_are_looked_for_in_every_workspace_of_the_state(control: Control, make: Make) -> None:  # noqa: F811
    """The default workspace is listed, and each one that holds a key of the state."""
    key = {"urn": urn(KEY), "type": KEY, "id": "x", "inputs": {"workspace_id": control.default_workspace_id}}
    recoverer, _ = make(state(resources=[key]))
    control.clear_calls()
    recoverer.plan()
    queries = {f"workspace_id={control.default_workspace_id}" in call["query"] for call in control.calls("list_keys")}
    assert queries == {True, False}


def test_stray_keys_are_deleted_and_the_state_is_not_touched(control: Control, make: Make) -> None:  # noqa: F811
    """A key that a failed run made for a service of the state goes; one that nobody is known to have made stays."""
    service = {"urn": "urn:pulumi:dev::p::openrouter-keys:index:ServiceKey::checkout"}
    recoverer, fake = make(state(resources=[{**service, "type": "openrouter-keys:index:ServiceKey"}]))
    control.create_key(name=NAME)
    kept, _ = control.create_key(name="acme/dev/unknown-0a1b2c3")
    fake.runs = [UnfinishedRun(datetime.now(UTC))]
    recovery = recoverer.plan()
    assert recovery.has_work
    applied = recoverer.apply(recovery)
    assert [step.target for step in applied.left] == [kept["hash"]]
    assert ([key["hash"] for key in control.keys()], fake.done, applied.backup) == ([kept["hash"]], [], None)


def test_state_that_changed_since_the_plan_is_not_touched(control: Control, make: Make) -> None:  # noqa: F811 - a fixture
    """Where another run was faster, nothing is deleted."""
    control.create_key(name=NAME)
    recoverer, fake = make(state(CREATE))
    recovery = recoverer.plan()
    fake.exported = {"version": 3, "deployment": state()}
    with pytest.raises(StateNotRepaired, match="changed meanwhile"):
        recoverer.apply(recovery)
    assert len(control.keys()) == 1


def test_lock_of_a_running_process_is_not_cleared(make: Make) -> None:
    """Told or not, the lock of a process that runs on this machine stays."""
    recoverer, fake = make(state())
    fake.held = Lock("me", socket.gethostname(), os.getpid())
    with pytest.raises(ConfigurationError, match="which is running"):
        recoverer.clear_lock(fake.held)
    assert fake.lock()


def test_repaired_state_differs_in_nothing_else() -> None:
    """Only the pending operations are taken out of an export."""
    exported = {"version": 3, "deployment": state(CREATE, resources=IN_STATE)}
    expected = {name: part for name, part in state(resources=IN_STATE).items() if name != "pending_operations"}
    assert without_pending_operations(exported) == {"version": 3, "deployment": expected}
