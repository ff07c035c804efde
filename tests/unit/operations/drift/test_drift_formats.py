"""Each format carries hostile names unharmed and no secret."""

import json
import re
from xml.etree import ElementTree as ET

import pytest

from openrouter_provider.operations.drift.findings import Finding, Severity, Value
from openrouter_provider.operations.drift.formats import as_tables, written
from openrouter_provider.operations.drift.one_stack import StackDrift
from openrouter_provider.operations.tables import after_lines, tab_separated

FORMATS = ("table", "json", "markdown", "junit", "github")
CANARY = "sk-or-v1-" + "c0ffee" * 10
HOSTILE = (
    "\x1b[31mred\x1b]0;title\x07 a|b ]]> <script>x</script> & \"q\" 'q' line\nbreak\r\n::error::forged "
    "100%25, a:b \u202eltr\u2066 \u200bzero \ud800 `code` [link](http://evil.example) @everyone *bold* # ~~ " + CANARY
)
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def finding(severity: Severity = Severity.CRITICAL, text: str = HOSTILE, actual: Value = None) -> Finding:
    """Return a finding in which every text is hostile."""
    return Finding(text, text, text, text, actual, severity, text, text)


DRIFTS = [StackDrift(HOSTILE, (finding(),), None), StackDrift("broken", (), HOSTILE)]


@pytest.mark.parametrize("format_", FORMATS)
def test_no_format_prints_what_a_terminal_acts_on_or_a_secret(format_: str) -> None:
    """Escapes, direction marks, lone surrogates and a key in a name reach no format."""
    table = tab_separated(as_tables(DRIFTS)).replace("\t", " ")
    text = table if format_ == "table" else written(format_, DRIFTS, Severity.WARNING)
    assert not UNSEEN.search(text)
    assert "c0ffee" not in re.sub(r"\s|[│┃]", "", text)


def test_json_holds_every_finding_with_its_values_as_they_are() -> None:
    """A number stays a number, none stays null, and errors stand beside findings."""
    drifts = [StackDrift("dev", (finding(text="x", actual=50),)), StackDrift("prod", error="no")]
    parsed = json.loads(written("json", drifts, Severity.NOTICE))
    assert parsed["fail_on"] == "notice"
    (found,) = parsed["stacks"][0]["findings"]
    assert (found["actual"], found["severity"], set(found)) == (50, "critical", set(Finding.__dataclass_fields__))
    assert parsed["stacks"][1] == {"stack": "prod", "findings": [], "error": "no"}


def test_junit_is_well_formed_and_fails_what_reaches_the_threshold() -> None:
    """Findings below the threshold pass, and a stack that was not checked is an error."""
    drifts = [StackDrift("dev", tuple(finding(severity) for severity in Severity)), *DRIFTS, StackDrift("clean")]
    suites = ET.fromstring(written("junit", drifts, Severity.WARNING))  # noqa: S314 - written a moment ago
    assert [(s.get("tests"), s.get("failures"), s.get("errors")) for s in suites] == [
        ("3", "2", "0"),
        ("1", "1", "0"),
        ("1", "0", "1"),
        ("1", "0", "0"),
    ]
    assert [len(suites.findall(f".//{tag}")) for tag in ("failure", "error", "system-out")] == [3, 1, 1]
    assert "]]> <script>" in str(suites.findall(".//failure")[0].text)


def test_github_commands_are_one_line_each_and_cannot_be_forged() -> None:
    """One command a finding; percent signs, colons and commas in a property are escaped."""
    lines = written("github", DRIFTS, Severity.WARNING).splitlines()
    assert len(lines) == 2
    for line in lines:
        assert line.startswith("::error title=")
        title = line.removeprefix("::error title=").partition("::")[0]
        assert "," not in title
        assert ":" not in title
    assert "100%2525%2C a%3Ab" in lines[0].partition("::")[2].partition("::")[0]
    assert "::error::forged 100%2525, a:b" in lines[0]


@pytest.mark.parametrize(("severity", "command"), [("critical", "error"), ("warning", "warning"), ("notice", "notice")])
def test_github_levels_follow_severity(severity: str, command: str) -> None:
    """Critical is an error, a warning a warning, a notice a notice."""
    drift = StackDrift("dev", (finding(Severity(severity), "x"),))
    assert written("github", [drift], Severity.NOTICE).startswith(f"::{command} ")


def test_markdown_row_has_its_columns_and_no_markup_of_others() -> None:
    """Pipes, HTML, links, mentions and emphasis in a name are words."""
    text = written("markdown", DRIFTS, Severity.WARNING)
    (row,) = [line for line in text.splitlines() if line.startswith("| critical")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 8
    assert "<script>" not in text
    assert not re.search(r"(?<!\\)[`\[]|@everyone|http://", text)


def test_table_names_every_stack_also_the_clean_one() -> None:
    """Nothing found is said in a line."""
    tables = as_tables([StackDrift("dev"), StackDrift("prod", error="no such stack")])
    assert after_lines(tables) == ["stack dev: clean", "stack prod: not checked: no such stack"]
