"""The table of severities, and which change a difference is."""

import pytest

from openrouter_provider.operations.drift.findings import Change, Severity, Sides, Subject, change_of


@pytest.mark.parametrize(
    ("name", "wanted", "actual", "change", "severity"),
    [
        ("limit", 50, 5000, Change.LIMIT_RAISED, "critical"),
        ("limit", 50, None, Change.LIMIT_REMOVED, "critical"),
        ("limit", 50, 49.99, Change.LIMIT_LOWERED, "warning"),
        ("limit", 0, 0.01, Change.LIMIT_RAISED, "critical"),
        ("limit", None, 10, Change.LIMIT_LOWERED, "warning"),
        ("expires_at", "2027-01-01T00:00:00Z", None, Change.EXPIRY_REMOVED, "critical"),
        ("expires_at", "2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z", Change.EXPIRY_POSTPONED, "critical"),
        ("expires_at", "2027-01-01T00:00:00Z", "2026-01-01T00:00:00Z", Change.PROPERTY_CHANGED, "warning"),
        ("expires_at", None, "2026-01-01T00:00:00Z", Change.PROPERTY_CHANGED, "warning"),
        ("disabled", True, False, Change.KEY_ENABLED, "critical"),
        ("disabled", False, True, Change.KEY_DISABLED, "warning"),
        ("limit", "[secret]", 5, Change.PROPERTY_CHANGED, "warning"),
        ("expires_at", "[secret]", "2026-01-01T00:00:00Z", Change.PROPERTY_CHANGED, "warning"),
        ("limit", "[secret]", None, Change.LIMIT_REMOVED, "critical"),
        ("expires_at", "[secret]", None, Change.EXPIRY_REMOVED, "critical"),
        ("name", "a", "b", Change.KEY_RENAMED, "warning"),
        ("limit_reset", "monthly", "daily", Change.PROPERTY_CHANGED, "warning"),
        ("include_byok_in_limit", False, True, Change.PROPERTY_CHANGED, "warning"),
    ],
)
def test_direction_of_a_change_decides_its_severity(
    name: str, wanted: object, actual: object, change: Change, severity: str
) -> None:
    """What loosens a key is critical, what tightens or renames it a warning."""
    assert change_of(name, wanted, actual) is change  # type: ignore[arg-type]  # a table's cells are objects
    assert change.severity == severity


@pytest.mark.parametrize(
    ("change", "severity"),
    [
        (Change.KEY_DELETED, "critical"),
        (Change.ROTATION_DUE, "notice"),
        (Change.ROTATION_OVERDUE, "critical"),
        (Change.SUPERSEDED_KEY_DUE, "notice"),
        (Change.NOT_DEPLOYED, "notice"),
        (Change.UNMANAGED_KEY, "critical"),
        (Change.UNMANAGED_DISABLED_KEY, "warning"),
        (Change.KEY_WITHOUT_LIMIT, "notice"),
        (Change.POLICY_WIDENED, "critical"),
    ],
)
def test_other_changes_have_their_severity(change: Change, severity: str) -> None:
    """What is no property of a key has its severity in the same table."""
    assert change.severity == severity


def test_no_two_changes_are_one() -> None:
    """Two changes of one text and one severity would be one member of the table."""
    assert len({change.message for change in Change}) == len(Change.__members__)


def test_severities_are_ordered_from_critical_to_notice() -> None:
    """A severity reaches itself and every milder threshold."""
    reached = {one: [other for other in Severity if one.reaches(other)] for one in Severity}
    assert [len(reached[severity]) for severity in Severity] == [3, 2, 1]


def test_finding_takes_its_severity_from_the_table() -> None:
    """Nobody chooses a finding's severity beside the table."""
    finding = Subject("dev", "checkout").finding(Change.KEY_DELETED, "key", "name", None, "heal")
    assert (finding.severity, finding.message) == (Severity.CRITICAL, "key deleted")


@pytest.mark.parametrize("mask", ["[secret]", {"4dabf18193072939515e22adb298388d": "x", "ciphertext": "[secret]"}])
def test_what_pulumi_masks_is_neither_drift_nor_a_crash(mask: object) -> None:
    """A limit that is a secret setting can't be compared with the key's."""
    sides = Sides.of("limit", {"limit": mask}, {"limit": 7}, {"limit": mask})
    assert (sides.drifted, sides.pending) == (False, False)


@pytest.mark.parametrize(
    ("state", "actual", "wanted", "drifted"),
    [
        ("[secret]", None, "[secret]", True),
        ("[secret]", None, 5, True),
        ("[secret]", None, None, False),
        ("[secret]", "[secret]", "[secret]", False),
        (None, "[secret]", "[secret]", False),
    ],
)
def test_masked_value_that_is_gone_is_drift(state: object, actual: object, wanted: object, drifted: bool) -> None:
    """What a secret is no preview says, but that there is none any more it does."""
    sides = Sides.of("key", {"key": state}, {"key": actual}, {"key": wanted})
    assert (sides.drifted, sides.pending) == (drifted, False)
