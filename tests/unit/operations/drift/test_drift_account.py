"""Keys that no state knows."""

import pytest

from openrouter_provider.api.models import KeyRecord
from openrouter_provider.operations.drift.account import account_findings
from openrouter_provider.operations.drift.findings import ACCOUNT
from openrouter_provider.operations.stack.orphans import Claim
from openrouter_provider.operations.stack.siblings import OtherStacks


def record(name: str, *, limit: float | None = 5, disabled: bool = False, hash_: str = "f" * 64) -> KeyRecord:
    """Return a key's record."""
    values = {"hash": hash_, "name": name, "label": "sk-or-v1-fff...fff", "disabled": disabled, "limit": limit}
    return KeyRecord.model_validate(values | {"created_at": "2026-01-01T00:00:00Z"})


def claim(known: frozenset[str] = frozenset()) -> Claim:
    """Return what a stack calls its own: the prefix acme/dev, and these keys."""
    return Claim(frozenset({"acme/dev"}), known=known)


@pytest.mark.parametrize(
    ("key", "severity"),
    [
        (record("acme/dev/orphan"), "critical"),
        (record("acme/dev/orphan", limit=None), "critical"),
        (record("acme/dev/orphan", disabled=True), "warning"),
        (record("acme/dev/eu/checkout-1234567"), "notice"),
        (record("acme/dev2/checkout-1234567"), None),
        (record("acme/dev2/checkout-1234567", limit=None), "notice"),
        (record("acme/dev"), None),
        (record("ACME/dev/x"), None),
        (record("somebody's", limit=None), "notice"),
        (record("somebody's", limit=None, disabled=True), None),
        (record("somebody's", limit=0), None),
    ],
)
def test_unknown_keys_are_judged_by_prefix_limit_and_whether_they_work(key: KeyRecord, severity: str | None) -> None:
    """Under the prefix an unknown key is critical; elsewhere only a missing limit is worth a notice."""
    found = [finding.severity for finding in account_findings("dev", claim(), [key])]
    assert found == ([severity] if severity else [])


def test_keys_in_the_state_are_managed() -> None:
    """A known key is none of these findings, whatever its name."""
    keys = [record("acme/dev/checkout-1234567"), record("renamed", limit=None)]
    assert list(account_findings("dev", claim(frozenset({"f" * 64})), keys)) == []


def test_finding_belongs_to_the_account_and_names_the_key() -> None:
    """Each key is told apart by its name and hash, and a person is told what to do."""
    (found,) = account_findings("dev", claim(), [record("acme/dev/orphan")])
    assert (found.service, found.property) == (ACCOUNT, "key acme/dev/orphan")
    assert "f" * 64 in str(found.actual)
    assert found.heal.startswith("a person must")


THEIRS = {"resources": [{"urn": "u", "type": "pulumi-python:dynamic/openrouter:ApiKey", "id": "f" * 64}]}
MAKING = {"type": "pulumi-python:dynamic/openrouter:ApiKey", "inputs": {"name": "acme/dev/orphan"}}


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (OtherStacks({"eu": THEIRS}), []),
        (OtherStacks({"eu": {"pending_operations": [{"type": "creating", "resource": MAKING}]}}), []),
        (OtherStacks({"eu": {}}), ["critical"]),
        (OtherStacks({}, {"eu": "no such bucket"}), ["critical", "notice"]),
        (OtherStacks({"eu": THEIRS}, {"us": "no such bucket"}), []),
    ],
    ids=["in its state", "being made", "unknown to it", "unreadable", "explained though another is unreadable"],
)
def test_key_of_another_stack_of_the_project_is_managed(others: OtherStacks, expected: list[str]) -> None:
    """A stack may share the prefix; one that can't be read is told where a key is left that may be its own."""
    found = list(account_findings("dev", claim(), [record("acme/dev/orphan")], lambda: others))
    assert [one.severity for one in found] == expected


def test_other_stacks_are_not_read_for_nothing() -> None:
    """Where every key is known, or none that matters is unknown, no other stack is asked."""

    def read() -> OtherStacks:
        raise AssertionError("they were read")

    keys = [record("acme/dev/checkout-1234567"), record("elsewhere", hash_="e" * 64)]
    assert list(account_findings("dev", claim(frozenset({"f" * 64})), keys, read)) == []
