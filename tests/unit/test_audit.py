"""What the advisories on locked packages come to."""

from tools.audit import judge

SAFE = {"name": "httpx", "version": "0.28.1", "vulns": []}
UNKNOWN = {"name": "rich", "skip_reason": "not found"}
VULNERABLE = {"name": "jinja2", "version": "3.1.2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.3"]}]}


def test_a_known_vulnerability_fails_and_names_its_fix() -> None:
    """The finding says the package, the advisory and the release that mends it."""
    verdict = judge([SAFE, VULNERABLE])
    assert verdict.failed
    assert verdict.lines[0].startswith("audit: jinja2 3.1.2: PYSEC-1, fixed in 3.1.3")


def test_an_advisory_without_a_fix_fails_too() -> None:
    """A vulnerability that no release mends is a finding all the same."""
    package = {**VULNERABLE, "vulns": [{"id": "PYSEC-2", "fix_versions": []}]}
    assert "no release yet" in judge([package]).lines[0]


def test_packages_without_findings_pass_and_are_counted() -> None:
    """Clean packages are counted, unknown ones are owned up to."""
    verdict = judge([SAFE, UNKNOWN])
    assert verdict.lines == ("audit: 1 locked packages, 0 known vulnerabilities, 1 unknown",)
    assert not verdict.failed


def test_no_advisories_at_all_is_said_and_is_no_failure() -> None:
    """Where nothing could be read nothing is claimed."""
    verdict = judge([UNKNOWN])
    assert verdict.lines[0].startswith("audit: skipped")
    assert not verdict.failed
