"""Which guardrails, provider keys and workspaces recover takes for what an interrupted run made."""

import pytest

from openrouter_provider.api.errors import OpenRouterError
from openrouter_provider.keys.tokens import own_type
from openrouter_provider.operations.recovery.steps import Action, FoundObject, Survey, plan_recovery
from openrouter_provider.operations.stack.pending import pending_operations
from openrouter_provider.resources.around import kinds
from sandbox.openrouter import Control
from tests.unit.recover_fixtures import (
    BYOK,
    DESTINATION,
    DRAWN,
    GUARDRAIL,
    KEY,
    NAME,
    WORKSPACE,
    Exported,
    Make,
    decided,
    entry,
    state,
    urn,
)

pytest_plugins = ("tests.unit.recover_fixtures",)

WEBHOOK = {"type": "webhook", "config": {"url": "https://traces.example.com"}}
LOST, KNOWN = FoundObject("lost"), FoundObject("known")
ASSIGNED = FoundObject("lost", "it is assigned to 1 keys or members")
GIVEN = {"name": "cheap"}
OBJECT_CASES: list[tuple[str, Exported, list[FoundObject], list[tuple[Action, str]]]] = [
    ("made", entry("creating", GUARDRAIL, **DRAWN), [LOST], [(Action.DELETE_OBJECT, "lost")]),
    ("provider key, made", entry("creating", BYOK, **DRAWN), [LOST], [(Action.DELETE_OBJECT, "lost")]),
    ("destination, made", entry("creating", DESTINATION, **DRAWN), [LOST], [(Action.DELETE_OBJECT, "lost")]),
    ("destination, given name", entry("creating", DESTINATION, **GIVEN), [LOST], [(Action.LEAVE, "lost")]),
    ("destination, adoption", entry("creating", DESTINATION, adopt_id="lost"), [LOST], [(Action.DROP, "")]),
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
    ("kind", "section"),
    [(WORKSPACE, "workspaces"), (GUARDRAIL, "guardrails"), (BYOK, "byokKeys"), (DESTINATION, "destinations")],
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


def test_lost_objects_are_found_by_name_and_deleted(control: Control, make: Make) -> None:
    """A guardrail, a provider key and a destination of the drawn name go, another name and a slug's workspace stay."""
    workspace = control.create_workspace(name="Pay", slug="pay")["id"]
    for name in (NAME, f"{NAME}-not"):
        control.create_guardrail(name=name, workspace_id=workspace)
        control.create_byok_key(name=name, provider="openai", key="k" * 24)
        control.create_item("destinations", name=name, workspace_id=workspace, **WEBHOOK)
    recoverer, fake = make(
        state(
            entry("creating", GUARDRAIL, **DRAWN, workspace_id=workspace),
            entry("creating", BYOK, **DRAWN, provider="openai"),
            entry("creating", DESTINATION, **DRAWN, type="webhook", workspace_id=workspace),
            entry("creating", WORKSPACE, name="Pay", slug="pay"),
        )
    )
    applied = recoverer.apply(recoverer.plan())
    assert [step.target for step in applied.left] == [workspace]
    left = (*control.guardrails(), *control.byok_keys(), *control.items("destinations"))
    assert [each["name"] for each in left] == [f"{NAME}-not"] * 3
    assert fake.done == []
    fake.exported["deployment"]["resources"] = [{"urn": "u", "type": WORKSPACE, "id": workspace}]
    assert recoverer.apply(recoverer.plan()).backup


def test_guardrail_assigned_since_the_plan_is_left(control: Control, make: Make) -> None:
    """Each is looked at once more before its deletion."""
    made = control.create_guardrail(name=NAME)
    recoverer, fake = make(state(entry("creating", GUARDRAIL, **DRAWN)))
    recovery = recoverer.plan()
    control.assign_keys(made["id"], [control.create_key(name="a key")[0]["hash"]])
    applied = recoverer.apply(recovery)
    assert ([step.action for step in applied.left], len(control.guardrails()), fake.done) == ([Action.LEAVE], 1, [])
    (again,) = recoverer.plan().left
    assert "assigned to 1" in again.reason


def test_object_that_is_gone_since_the_plan_counts_as_deleted(control: Control, make: Make) -> None:
    """Somebody else was faster, which is what was wanted."""
    made = control.create_guardrail(name=NAME)
    recoverer, _ = make(state(entry("creating", GUARDRAIL, **DRAWN)))
    recovery = recoverer.plan()
    control.delete_guardrail(made["id"])
    assert recoverer.apply(recovery).backup


@pytest.mark.parametrize("kind", [KEY, GUARDRAIL, BYOK, DESTINATION])
def test_what_was_lost_in_a_workspace_that_is_gone_is_gone(control: Control, make: Make, kind: str) -> None:
    """A workspace that somebody deleted after the interruption took everything with it; the note is dropped."""
    control.create_key(name=NAME)
    gone = "3f9a0000-0000-4000-8000-000000000001"
    recoverer, _ = make(state(entry("creating", kind, **DRAWN, workspace_id=gone)))
    assert [step.action for step in recoverer.plan().steps] == [Action.DROP]
    assert recoverer.apply(recoverer.plan()).backup


@pytest.mark.parametrize(
    ("kind", "operation"), [(KEY, "list_keys"), (GUARDRAIL, "list_guardrails"), (DESTINATION, "list_destinations")]
)
def test_what_was_lost_in_a_workspace_that_cannot_be_seen_may_be_there(
    control: Control, make: Make, kind: str, operation: str
) -> None:
    """Where the workspace exists and its listing is refused, nothing may be dropped."""
    there = control.create_workspace(name="x", slug="x")["id"]
    recoverer, fake = make(state(entry("creating", kind, **DRAWN, workspace_id=there)))
    control.fault(operation, "status_before", status=403, count=9)
    with pytest.raises(OpenRouterError):
        recoverer.plan()
    assert fake.done == []


def test_every_resource_around_the_keys_says_how_an_interrupted_creation_ends() -> None:
    """It is found again by its name, or making it twice is the same as once; nothing is left to a person unlooked."""
    for resource in kinds():
        provider = resource.provider_class
        assert (provider.place is None) is provider.repeatable, resource.__name__
        (step,) = plan_recovery(state(entry("creating", own_type(resource.__name__), **DRAWN)), Survey())
        assert step.action is Action.DROP, resource.__name__
