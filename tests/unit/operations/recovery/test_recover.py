"""What recover decides of each interrupted operation, and the order in which it acts."""

import json
import os
import socket
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi.automation import CommandError, CommandResult
from pydantic import SecretStr

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import ConfigurationError, OpenRouterError
from openrouter_provider.api.models import KeyRecord
from openrouter_provider.keys.naming import derived_suffix
from openrouter_provider.operations.recovery.run import Recoverer
from openrouter_provider.operations.recovery.scene import Sources
from openrouter_provider.operations.recovery.step_table import as_object
from openrouter_provider.operations.recovery.steps import Action, Survey, plan_recovery
from openrouter_provider.operations.stack.exported import BACKUP_FOLDER, StackState, StateNotRepaired
from openrouter_provider.operations.stack.history import SETTLE_SECONDS, seconds_to_settle, unfinished_runs
from openrouter_provider.operations.stack.holders import Place, reached_by
from openrouter_provider.operations.stack.locks import Lock, parse_lock
from openrouter_provider.operations.stack.pending import known_hashes, pending_operations, without_pending_operations
from openrouter_provider.operations.stack.siblings import OtherStacks
from openrouter_provider.resources.creation_notes import creation_notes
from openrouter_provider.stores.aws.recovery import FoundSecret
from openrouter_provider.stores.custody import Held, no_config
from openrouter_provider.stores.reading import AWS
from sandbox.openrouter import Control
from tests.unit.recover_fixtures import (
    ARN,
    BYOK,
    DRAWN,
    FAILED_NOW,
    GUARDRAIL,
    KEY,
    NAME,
    NOW,
    SECRET,
    SUPERSEDED,
    TAGS,
    VERSION,
    WORKSPACE,
    Exported,
    FakeState,
    Make,
    begin_creation,
    decided,
    entry,
    state,
    urn,
)

pytest_plugins = ("tests.unit.recover_fixtures",)


SUCCESSOR = f"acme/dev/checkout-{derived_suffix('0a1b2c3', 2)}"


def record(hash_: str = "lost", name: str = NAME, **fields: Any) -> KeyRecord:
    """Return a key as a listing shows it."""
    return KeyRecord(hash=hash_, name=name, label="sk-or-…", disabled=False, limit=5, created_at=NOW, **fields)


IN_STATE: list[Exported] = [
    {"urn": urn(KEY), "type": KEY, "id": "first", "outputs": {"hash": "current", "superseded": [{"hash": "before"}]}},
    {"urn": urn(KEY), "type": KEY, "id": "replaced", "delete": True, "outputs": {"hash": "replaced-now"}},
    {"urn": urn(SUPERSEDED), "type": SUPERSEDED, "id": "checkout", "outputs": {"keys": [{"hash": "retiring"}]}},
]
CREATE, ROTATE = entry("creating", KEY, **DRAWN), entry("updating", KEY, **DRAWN, generation=2)
GIVEN = entry("creating", KEY, name="billing", name_seed="0a1b2c3")
KEY_CASES: list[tuple[str, Exported, list[KeyRecord], list[tuple[Action, str]]]] = [
    ("create, made", CREATE, [record()], [(Action.DELETE_KEY, "lost")]),
    ("create, made disabled", CREATE, [record(workspace_id="w")], [(Action.DELETE_KEY, "lost")]),
    ("create, not made", CREATE, [], [(Action.DROP, "")]),
    ("create, another name", CREATE, [record(name=NAME + "x")], [(Action.DROP, "")]),
    ("create, used", CREATE, [record(usage=0.01)], [(Action.LEAVE, "lost")]),
    ("create, used by own provider keys", CREATE, [record(byok_usage_daily=1)], [(Action.LEAVE, "lost")]),
    ("create, used for free", CREATE, [record(last_used_at=NOW + timedelta(hours=1))], [(Action.LEAVE, "lost")]),
    ("rotation, proved", ROTATE, [record(last_used_at=NOW + timedelta(minutes=9))], [(Action.DELETE_KEY, "lost")]),
    ("create, known", CREATE, [record("current")], [(Action.DROP, "")]),
    ("create, once the first generation", CREATE, [record("first")], [(Action.DROP, "")]),
    ("create, superseded", CREATE, [record("before")], [(Action.DROP, "")]),
    ("create, retiring", CREATE, [record("retiring")], [(Action.DROP, "")]),
    ("create, of a resource pending deletion", CREATE, [record("replaced-now")], [(Action.DROP, "")]),
    ("create, two", CREATE, [record("a"), record("b", usage=1)], [(Action.DELETE_KEY, "a"), (Action.LEAVE, "b")]),
    ("create, given name", entry("creating", KEY, name=NAME), [record()], [(Action.LEAVE, "lost")]),
    ("create, given name, with a seed", GIVEN, [record(name="billing")], [(Action.LEAVE, "lost")]),
    ("create, not yet renamed", GIVEN, [record(name="billing-0a1b2c3")], [(Action.DELETE_KEY, "lost")]),
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


OURS = "pulumi-python:dynamic/openrouter:"


@pytest.mark.parametrize(
    ("pending", "expected"),
    [
        (entry("creating", VERSION), Action.DROP),
        (entry("creating", "aws:secretsmanager/secretPolicy:SecretPolicy"), Action.DROP),
        (entry("creating", "gcp:secretmanager/secretVersion:SecretVersion"), Action.DROP),
        (entry("creating", "vault:kv/secretV2:SecretV2"), Action.DROP),
        (entry("creating", "gcp:secretmanager/secret:Secret"), Action.LEAVE),
        (entry("creating", "kubernetes:core/v1:Secret"), Action.LEAVE),
        (entry("updating", "kubernetes:core/v1:Secret"), Action.DROP),
        (entry("creating", SUPERSEDED), Action.DROP),
        (entry("creating", "pulumi-python:dynamic/openrouter:WorkspaceBudget"), Action.DROP),
        (entry("creating", "pulumi-python:dynamic/openrouter:GuardrailAssignment"), Action.DROP),
        *((entry("creating", f"{OURS}{kind}"), Action.DROP) for kind in ("WorkspaceMember", "OrganizationSettings")),
        (entry("creating", f"{OURS}WorkspaceDefaultGuardrail"), Action.DROP),
        (entry("creating", f"{OURS}ObservabilityDestination"), Action.LEAVE),
        (entry("creating", f"{OURS}ObservabilityDestination", adopt_id="d1"), Action.DROP),
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


def test_an_interrupted_component_needs_nobody() -> None:
    """A run killed while it noted a component, which is nothing outside the state, leaves nothing to look for."""
    pending = entry("creating", "openrouter-keys:index:ServiceKey", limit=5)
    pending["resource"]["custom"] = False
    assert decided(state(pending), Survey()) == [(Action.DROP, "")]


def test_every_hash_in_the_state_is_known() -> None:
    """Ids, current, superseded, retiring and adopted keys count, those of unfinished operations too."""
    pending = entry("updating", KEY, **DRAWN, adopt_hash="adopted")
    pending["resource"]["id"] = "of-the-operation"
    assert known_hashes(state(pending, resources=IN_STATE)) == {
        *("first", "current", "before", "replaced", "replaced-now", "retiring", "adopted", "of-the-operation"),
    }


def test_region_is_that_of_the_provider_of_the_operation() -> None:
    """The provider's reference leads to how it reaches AWS; one that is not in the state has no say."""
    pending = entry("creating", SECRET, name="n")
    pending["resource"]["provider"] = "urn:aws::id-1"
    (operation,) = pending_operations(state(pending))
    providers = [{"urn": "urn:aws", "id": "id-1", "inputs": {"region": "eu-west-1", "version": "7.51.1"}}]
    resource = {"provider": operation.provider}
    reached = [reached_by({"resources": each}, resource, AWS, no_config) for each in (providers, [])]
    assert reached == [{"region": "eu-west-1"}, {}]


RAN = {"result": "failed", "startTime": "2027-01-01T11:00:00.000Z"}


@pytest.mark.parametrize(
    ("killed", "ended", "seconds"),
    [
        (True, None, SETTLE_SECONDS),
        (True, "2027-01-01T11:00:00.000Z", SETTLE_SECONDS),
        (False, "2027-01-01T11:59:56.000Z", SETTLE_SECONDS - 4),
        (False, "2027-01-01T11:59:00.000Z", 0),
        (False, "2027-01-01T12:01:00.000Z", 0),
        (False, None, 0),
    ],
    ids=["killed", "killed, after a failure", "failed now", "failed a minute ago", "by a clock ahead", "none ended"],
)
def test_look_waits_until_cut_off_calls_must_have_ended(killed: bool, ended: str | None, seconds: float) -> None:
    """After a kill, whose instant nobody knows, the wait counts from the look itself; a failure wrote its end down."""
    runs = unfinished_runs([{**RAN, "endTime": ended}])
    assert seconds_to_settle(killed, runs, NOW) == seconds


def test_look_waits_whole_after_a_kill_however_old_the_state_is(control: Control, tmp_path: Path) -> None:
    """A lock or an unfinished create is enough, an hour after the last checkpoint too; without either nobody waits."""
    waited: list[float] = []
    for deployment, held in ((state(), None), (state(), Lock("me")), (state(CREATE), None)):
        deployment["manifest"]["time"] = (NOW - timedelta(hours=1)).isoformat()
        recoverer = Recoverer(
            FakeState(deployment, [], tmp_path, held),  # type: ignore[arg-type]  # in memory
            lambda: ManagementClient(control.management_key, base_url=control.url),
            Sources("acme/dev", "acme/dev"),
            sleep=waited.append,
            now=lambda: NOW,
        )
        recoverer.plan()
    assert waited == [SETTLE_SECONDS, SETTLE_SECONDS]


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


def test_keys_go_before_the_state_forgets_them(control: Control, make: Make) -> None:
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


def test_planning_writes_nothing(control: Control, make: Make) -> None:
    """A plan is made from reads alone."""
    control.create_key(name=NAME)
    recoverer, fake = make(state(CREATE))
    recoverer.plan()
    assert ({call["method"] for call in control.calls()}, fake.done) == ({"GET"}, [])


def test_a_recovery_is_had_by_programs_too(control: Control, make: Make) -> None:
    """The plan and what was done have each step with its whole hash, and say which of the two they are."""
    made, _ = control.create_key(name=NAME)
    recoverer, _fake = make(state(CREATE))
    recovery = recoverer.plan()
    planned = json.loads(json.dumps(as_object(recovery, None)))
    done = json.loads(json.dumps(as_object(recovery, recoverer.apply(recovery))))
    assert (planned["applied"], planned["backup"], done["applied"], bool(done["backup"])) == (False, None, True, True)
    (step,) = planned["steps"]
    assert (step["found"], step["action"], step["name"]) == (made["hash"], "delete the key", NAME)


def test_key_used_since_the_plan_is_left(control: Control, make: Make) -> None:
    """Each key is looked at once more before its deletion, and what was left keeps the state's entries."""
    made, _ = control.create_key(name=NAME)
    recoverer, fake = make(state(CREATE))
    recovery = recoverer.plan()
    control.edit_key(made["hash"], usage=1)
    applied = recoverer.apply(recovery)
    assert ([step.action for step in applied.steps], applied.backup) == ([Action.LEAVE], None)
    assert (len(control.keys()), fake.done) == (1, [])


def test_what_is_left_for_a_person_keeps_all_entries(control: Control, make: Make) -> None:
    """The others are cleared up all the same, and the next recovery has nothing to write."""
    control.create_key(name=NAME)
    recoverer, fake = make(state(CREATE, entry("creating", "aws:s3/bucket:Bucket")))
    recoverer.apply(recoverer.plan())
    assert (control.keys(), fake.done) == ([], [])
    again = recoverer.plan()
    assert (again.has_work, len(again.left)) == (False, 1)


@pytest.mark.parametrize("kind", [KEY, GUARDRAIL, BYOK])
def test_a_workspace_that_the_account_does_not_list_is_looked_into(control: Control, make: Make, kind: str) -> None:
    """A credential may not list the workspaces: those that hold anything of the state are known from it."""
    key = {"urn": urn(kind), "type": kind, "id": "x", "inputs": {"workspace_id": control.default_workspace_id}}
    recoverer, _ = make(state(resources=[key]))
    control.fault("list_workspaces", "status_before", status=403, count=9)
    control.clear_calls()
    recoverer.plan()
    queries = {f"workspace_id={control.default_workspace_id}" in call["query"] for call in control.calls("list_keys")}
    assert queries == {True, False}


def test_every_workspace_of_the_account_is_looked_into(control: Control, make: Make) -> None:
    """A key in a workspace that no state names is named all the same."""
    elsewhere = control.create_workspace(name="x", slug="x")["id"]
    control.create_key(name=NAME, workspace_id=elsewhere)
    recoverer, _ = make(state())
    assert [step.operation.physical_name for step in recoverer.plan().left] == [NAME]


def test_a_workspace_of_the_state_that_is_gone_has_no_keys(control: Control, make: Make) -> None:
    """Keys are looked for in each workspace that the state has; that one is gone is no error."""
    there = control.create_workspace(name="x", slug="x")["id"]
    gone = "3f9a0000-0000-4000-8000-000000000001"
    recoverer, _ = make(state(resources=[{"urn": each, "type": WORKSPACE, "id": each} for each in (there, gone)]))
    control.create_key(name=NAME, workspace_id=there)
    assert [step.operation.physical_name for step in recoverer.plan().orphans] == [NAME]


def test_noted_creation_is_undone_and_the_state_is_not_touched(control: Control, make: Make, tmp_path: Path) -> None:
    """A key whose creation was begun here and never answered goes, with its note; what only looks like it stays."""
    recoverer, fake = make(state())
    fake.runs = [FAILED_NOW]
    control.create_key(name=NAME)
    begin_creation(tmp_path, NAME)
    kept, _ = control.create_key(name="acme/dev/checkout-7654321")
    recovery = recoverer.plan()
    assert recovery.has_work
    applied = recoverer.apply(recovery)
    assert [step.target for step in applied.left] == [kept["hash"]]
    assert ([key["hash"] for key in control.keys()], fake.done, applied.backup) == ([kept["hash"]], [], None)
    assert creation_notes(tmp_path) == []


def test_key_that_a_secret_came_to_hold_since_the_plan_is_left(control: Control, make: Make) -> None:
    """The store is asked again just before the deletion."""
    _, value = control.create_key(name=NAME)
    held = [Held()]
    place = Place("dev", "checkout", ARN, AWS)
    recoverer, fake = make(state(CREATE), configured=lambda *_: [place], ask=lambda _place: held[-1])
    recovery = recoverer.plan()
    assert [step.action for step in recovery.steps] == [Action.DELETE_KEY]
    held.append(Held(SecretStr(value)))
    applied = recoverer.apply(recovery)
    assert [step.action for step in applied.steps] == [Action.LEAVE]
    assert (len(control.keys()), fake.done) == (1, [])


def test_key_of_a_sibling_is_left_alone_and_one_that_may_be_is_left_for_a_person(control: Control, make: Make) -> None:
    """What another stack's state knows is no orphan; while one can't be read, no key that may be its own is deleted."""
    made, _ = control.create_key(name=SUCCESSOR)
    own = {"name": NAME, "name_seed": "0a1b2c3", "name_prefix": "acme/dev/checkout", "generation": 1}
    deployment = state(resources=[{"urn": urn(KEY), "type": KEY, "id": "mine", "inputs": own}])
    theirs = {"resources": [{"urn": "u", "type": KEY, "id": made["hash"]}]}
    place = Place("dev", "checkout", ARN, AWS)

    def steps(others: OtherStacks) -> list[Action]:
        recoverer, _ = make(deployment, others=lambda: others, configured=lambda *_: [place], ask=lambda _place: Held())
        return [step.action for step in recoverer.plan().orphans]

    assert steps(OtherStacks({"eu": theirs})) == []
    assert steps(OtherStacks(unread={"eu": "denied"})) == [Action.LEAVE]
    assert steps(OtherStacks({"eu": {}})) == [Action.DELETE_KEY]


def test_state_that_changed_since_the_plan_is_not_touched(control: Control, make: Make) -> None:
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


def test_backup_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """A full disk or a folder without rights ends in what to do, not in a traceback."""
    (tmp_path / BACKUP_FOLDER).write_text("no folder")
    broken = StackState(SimpleNamespace(work_dir=str(tmp_path)), "dev")  # type: ignore[arg-type]  # as far as it goes
    with pytest.raises(StateNotRepaired, match=r"stack dev was not repaired: .*File exists; .*run recover again"):
        broken.back_up({})


def test_cloud_that_does_not_list_its_stacks_is_one_line() -> None:
    """Whether the stack is locked is then not known, and nothing may be done."""

    def refuse() -> None:
        raise CommandError(CommandResult("", "error: the access token is revoked", 255))

    cloud = SimpleNamespace(who_am_i=lambda: SimpleNamespace(url="https://app.pulumi.com/ann"), list_stacks=refuse)
    with pytest.raises(ConfigurationError, match="stack dev: its lock cannot be read: the access token is revoked"):
        StackState(cloud, "dev").lock()  # type: ignore[arg-type]  # as far as it goes
