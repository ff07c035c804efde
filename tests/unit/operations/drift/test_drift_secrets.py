"""What is found of a secret's current value."""

import pytest
from pydantic import SecretStr

from openrouter_provider.operations.drift.findings import DEPLOY, REFRESH, Subject
from openrouter_provider.operations.drift.plan import API_KEY, SECRET, SECRET_VERSION
from openrouter_provider.operations.drift.secrets import ExpectedValue, expected_values, judge, secret_findings
from openrouter_provider.stores.reading import SecretUnreadable, StoredValue
from tests.unit.operations.drift.test_drift_fixtures import ARN, NOW, resource

CANARY = "sk-or-v1-" + "c0ffee" * 10
OURS, OTHER, OLD = "sk-or-v1-our...key", "sk-or-v1-oth...key", "sk-or-v1-old...key"
KEY = SecretStr(CANARY)


@pytest.mark.parametrize(
    ("version", "key", "label", "refused", "expected"),
    [
        ("v1", KEY, OURS, False, None),
        ("v2", KEY, OURS, False, ("secret.value", "warning", f"`{REFRESH}`")),
        ("v2", KEY, OTHER, False, ("secret.key", "critical", f"`{REFRESH}`")),
        ("v2", KEY, None, False, ("secret.value", "critical", f"`{REFRESH}`")),
        ("v2", None, None, False, ("secret.value", "critical", f"`{REFRESH}`")),
        ("v2", None, None, True, ("secret.value", "warning", f"`{REFRESH}`")),
        ("v1", KEY, OTHER, False, ("secret.key", "critical", "a person must")),
        ("v1", KEY, OLD, False, ("secret.key", "warning", DEPLOY)),
        ("v2", KEY, OLD, False, ("secret.key", "warning", f"`{REFRESH}`")),
        ("v1", KEY, None, False, ("secret.key", "critical", "a person must")),
        ("v1", KEY, None, True, None),
    ],
)
def test_secret_has_at_most_one_finding(
    version: str, key: SecretStr | None, label: str | None, refused: bool, expected: tuple[str, str, str] | None
) -> None:
    """Version, owner and acceptance of the value decide together; a refusal that the key explains is none."""
    value = ExpectedValue("checkout", ARN, "v1", OURS, refused)
    found = judge(Subject("dev", "checkout"), value, StoredValue(version, key), label, [OLD])
    assert (found and (found.property, found.severity)) == (expected and expected[:2])
    assert found is None or found.heal.startswith(str(expected and expected[2]))
    assert CANARY not in repr(found)


def test_only_what_looks_like_a_key_is_shown_to_the_api() -> None:
    """Somebody's password that was pasted into the secret goes nowhere."""
    asked: list[str] = []

    def ask(key: SecretStr) -> str | None:
        asked.append(key.get_secret_value())
        return OURS

    def read(_value: ExpectedValue) -> StoredValue:
        return StoredValue("v2", SecretStr("hunter2 of the database"))

    (found,) = secret_findings("dev", [ExpectedValue("checkout", ARN, "v1", OURS)], [], ask, read)
    assert (asked, found.severity) == ([], "critical")
    assert "hunter2" not in repr(found)


def test_unreadable_secret_is_a_finding_and_not_the_end_of_the_check() -> None:
    """A secret that AWS refuses is reported beside the others."""

    def read(value: ExpectedValue) -> StoredValue:
        if value.reference == "closed":
            raise SecretUnreadable("AWS refused GetSecretValue: AccessDeniedException")
        return StoredValue("v1", KEY)

    expected = [ExpectedValue(name, name, "v1", OURS) for name in ("closed", "open")]
    (found,) = secret_findings("dev", expected, [], lambda _key: OURS, read)
    assert (found.service, found.severity) == ("closed", "critical")


def test_what_is_expected_of_a_secret_comes_from_the_state() -> None:
    """The version and label are the state's; a deleted, disabled or expired key is known to be refused."""
    parts = [resource(SECRET), resource(SECRET_VERSION)]
    (fine,) = expected_values([resource(API_KEY), *parts], NOW)
    assert (fine.reference, fine.version_id, fine.label, fine.refused) == (ARN, "v1", "sk-or-v1-aaa...aaa", False)
    expired = resource(API_KEY, actual={"expires_at": "2026-12-31T00:00:00Z"})
    for key in (resource(API_KEY, gone=True), resource(API_KEY, actual={"disabled": True}), expired):
        assert [value.refused for value in expected_values([key, *parts], NOW)] == [True]


def test_secret_that_is_gone_is_not_read() -> None:
    """A deleted secret has a finding of its own."""
    assert expected_values([resource(API_KEY), resource(SECRET, gone=True), resource(SECRET_VERSION)], NOW) == []
