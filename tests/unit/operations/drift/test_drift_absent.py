"""Which declared services have no stored key, what is found of each, and what still can be said without a preview."""

from dataclasses import replace
from typing import NoReturn

import pytest
from pydantic import SecretStr

from openrouter_provider.operations.drift.absent import (
    Absent,
    Seen,
    absent_values,
    judge_absent,
    looking,
    undeployed_findings,
    unstored_findings,
)
from openrouter_provider.operations.drift.findings import DEPLOY, REFRESH, Change, Subject, commands_in
from openrouter_provider.operations.drift.plan import API_KEY, SECRET, SECRET_VERSION, SERVICE, PlannedResource
from openrouter_provider.operations.drift.reaching import pieced_together
from openrouter_provider.stores.custody import Held
from openrouter_provider.stores.reading import AWS, SecretUnreadable, StoredValue
from openrouter_provider.stores.value import ENVIRONMENTS_ACCESS, Access, Existing
from tests.unit.operations.drift.test_drift_fixtures import ARN, STATES, resource, urn

LABEL = str(STATES[API_KEY]["label"])
OURS = Held(SecretStr("sk-or-v1-aaa-and-aaa"), version_id="v1")
RESTORE = f"aws secretsmanager restore-secret --secret-id {ARN} --region us-east-1"
IMPORT = f"pulumi import {SECRET} checkout {ARN} --parent service={urn(SERVICE)} --protect=false --generate-code=false"


def unmade(kind: str) -> PlannedResource:
    """Return a resource that the program declares and the state has not."""
    return replace(resource(kind), state=None, actual=None, operation="create")


def component(*, tried: bool) -> PlannedResource:
    """Return the component around a service, in the state where a run has begun to make it."""
    return PlannedResource(urn(SERVICE), SERVICE, "checkout", {} if tried else None, None, {})


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([resource(API_KEY), resource(SECRET), resource(SECRET_VERSION)], []),
        ([resource(API_KEY), resource(SECRET), unmade(SECRET_VERSION)], ["checkout"]),
        ([resource(API_KEY), unmade(SECRET), unmade(SECRET_VERSION)], ["checkout"]),
        ([resource(API_KEY), unmade(SECRET), resource(SECRET_VERSION)], ["checkout"]),
        ([resource(API_KEY), resource(SECRET, gone=True), resource(SECRET_VERSION)], ["checkout"]),
        ([resource(SECRET, gone=True)], ["checkout"]),
        ([unmade(API_KEY), unmade(SECRET), unmade(SECRET_VERSION)], []),
        ([resource(API_KEY)], []),
    ],
)
def test_a_value_is_absent_where_the_program_wants_it_and_the_state_has_it_not(
    parts: list[PlannedResource], expected: list[str]
) -> None:
    """A service without a key is another finding; a bare key of a program's own wants no secret."""
    assert [one.service for one in absent_values(parts)] == expected


@pytest.mark.parametrize(
    ("parts", "change"),
    [
        ([component(tried=False), unmade(API_KEY)], Change.NOT_DEPLOYED),
        ([component(tried=True), unmade(API_KEY)], Change.KEY_MISSING),
        ([unmade(API_KEY), resource(SECRET)], Change.KEY_MISSING),
        ([component(tried=True), resource(API_KEY)], None),
        ([replace(resource(API_KEY), operation="delete", wanted=None)], None),
    ],
)
def test_a_service_without_a_key_waits_for_its_first_run_or_lost_it(
    parts: list[PlannedResource], change: Change | None
) -> None:
    """What no run has ever tried is a change that waits; what a run began, or had, is critical."""
    assert [one.message for one in undeployed_findings("dev", parts)] == ([change.message] if change else [])


def test_without_a_preview_the_config_says_what_is_wanted() -> None:
    """A declared service that the state doesn't have, or has without a secret, is found all the same."""
    parts = [component(tried=True), resource(API_KEY)]
    undeployed = list(undeployed_findings("dev", parts, ["checkout", "search"]))
    assert [(one.service, one.message) for one in undeployed] == [("search", Change.NOT_DEPLOYED.message)]
    (unstored,) = unstored_findings("dev", parts, ["checkout", "search"])
    assert (unstored.service, unstored.severity) == ("checkout", "critical")
    assert len(list(unstored_findings("dev", [*parts, resource(SECRET)], ["checkout"]))) == 1
    assert list(unstored_findings("dev", [*parts, resource(SECRET), resource(SECRET_VERSION)], ["checkout"])) == []


@pytest.mark.parametrize(
    ("secret", "seen", "change", "heal"),
    [
        (resource(SECRET), Seen(), Change.VALUE_MISSING, [DEPLOY]),
        (resource(SECRET), Seen(OURS, Existing(ARN)), Change.NOT_DEPLOYED, [DEPLOY]),
        (unmade(SECRET), Seen(), Change.VALUE_MISSING, [DEPLOY]),
        (unmade(SECRET), Seen(problem="AWS refused"), Change.VALUE_MISSING, [DEPLOY]),
        (unmade(SECRET), Seen(OURS, Existing(ARN)), Change.VALUE_MISSING, [IMPORT, DEPLOY]),
        (unmade(SECRET), Seen(existing=Existing(ARN, RESTORE)), Change.VALUE_MISSING, [RESTORE, IMPORT, DEPLOY]),
        (unmade(SECRET), Seen(existing=Existing(give_up="vault x")), Change.VALUE_MISSING, ["vault x", DEPLOY]),
        (resource(SECRET, gone=True), Seen(), Change.SECRET_DELETED, [REFRESH]),
        (resource(SECRET, gone=True), Seen(existing=Existing(ARN, RESTORE)), Change.SECRET_DELETED, [RESTORE, REFRESH]),
    ],
)
def test_the_heal_goes_by_what_the_store_has(
    secret: PlannedResource, seen: Seen, change: Change, heal: list[str]
) -> None:
    """A free name is made, a deletion taken back, a secret that is there imported; a foreign one is a person's."""
    absent = Absent("checkout", LABEL, AWS, secret, urn(SERVICE))
    found = judge_absent(Subject("dev", "checkout"), absent, seen)
    assert (found.message, commands_in(found.heal)) == (change.message, heal)
    foreign = seen.existing is not None and seen.held.key is None and change is Change.VALUE_MISSING
    assert found.heal.startswith("a person must") is foreign


@pytest.mark.parametrize(
    ("text", "label", "held"),
    [("sk-or-v1-aaa-and-aaa", LABEL, True), ("sk-or-v1-bbb", "sk-or-v1-bbb...", False), ("hunter2", LABEL, False)],
)
def test_only_a_key_of_the_service_s_own_counts_as_stored(text: str, label: str, held: bool) -> None:
    """Another's key is none, and what is no key is not shown to the API."""
    asked: list[str] = []

    def ask(key: SecretStr) -> str:
        asked.append(key.get_secret_value())
        return label

    def read(reference: str, access: Access = ENVIRONMENTS_ACCESS) -> StoredValue:
        assert (reference, access) == (ARN, {})
        return StoredValue("v1", SecretStr(text))

    store = replace(AWS, read=read, existing=lambda _reference, _access: Existing(ARN))
    seen = looking(lambda _resource: {}, ask)(Absent("checkout", LABEL, store, resource(SECRET)))
    assert (seen.held.key is not None) is held
    assert "hunter2" not in asked


def test_a_store_that_refuses_says_why() -> None:
    """A refusal is part of the finding, and not the end of the check."""

    def refuse(reference: str, access: Access = ENVIRONMENTS_ACCESS) -> NoReturn:
        assert (reference, access) == (ARN, {})
        raise SecretUnreadable("AWS refused DescribeSecret: AccessDeniedException")

    store = replace(AWS, read=refuse, existing=refuse)
    seen = looking(lambda _resource: {}, lambda _key: None)(Absent("checkout", LABEL, store, unmade(SECRET)))
    assert "AccessDenied" in seen.problem


def test_a_preview_that_broke_off_is_completed_from_the_state() -> None:
    """What it said counts; the rest is as it was deployed, and an old copy that waits for its deletion is left out."""
    exported = [
        {"urn": urn(kind), "type": kind, "outputs": dict(STATES[kind]), **marks}
        for kind, marks in ((API_KEY, {}), (SECRET, {}), (SECRET_VERSION, {"delete": True}))
    ]
    said = replace(resource(SECRET, gone=True), wanted=None)
    found = {one.kind: one for one in pieced_together([said], {"deployment": {"resources": exported}})}
    assert set(found) == {API_KEY, SECRET}
    assert found[API_KEY].actual == found[API_KEY].wanted == STATES[API_KEY]
    assert (found[SECRET].actual, found[SECRET].wanted) == (None, STATES[SECRET])
