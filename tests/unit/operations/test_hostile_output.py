"""Names from the API and the state in every command's output: nothing that a terminal, a browser or CI would act on."""

import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from openrouter_provider.operations.blocking import Blocking
from openrouter_provider.operations.doctor.check_table import checks_table
from openrouter_provider.operations.doctor.examination import Checked, Health
from openrouter_provider.operations.drift.findings import Finding, Severity
from openrouter_provider.operations.drift.formats import as_tables, written
from openrouter_provider.operations.drift.one_stack import StackDrift
from openrouter_provider.operations.inventory import ListedKey
from openrouter_provider.operations.recovery.step_table import steps_table
from openrouter_provider.operations.recovery.steps import Action, Step
from openrouter_provider.operations.report import text as report_text
from openrouter_provider.operations.report.exports import as_csv, as_json, as_markdown
from openrouter_provider.operations.report.figures import Level, ServiceUsage, UsageReport
from openrouter_provider.operations.report.page import as_html
from openrouter_provider.operations.service_tables import keys_table, service_table, services_table, verification_table
from openrouter_provider.operations.stack.pending import PendingOperation
from openrouter_provider.operations.stack.stacks import DeployedService
from openrouter_provider.operations.tables import Listing, after_lines, print_listings, tab_separated
from openrouter_provider.operations.verify import VerifiedService

ESCAPE = "\x1b[31m\x1b]0;title\x07\u202e\u200b\x9b2J"
HOSTILE = f"{ESCAPE}<script>[bold]x[/bold]\n::error::y|`*\r=1+1"
MOMENT = "2027-01-01T00:00:00Z"
Row = TypeVar("Row")


def hostile(kind: type[Row], **known: Any) -> Row:
    """Return a row of which every text is hostile."""
    hints = get_type_hints(kind)
    texts = {field.name: HOSTILE for field in fields(kind) if _is_text(hints[field.name])}  # type: ignore[arg-type]  # each kind is a dataclass
    return kind(**{**texts, **known})


def _is_text(hint: Any) -> bool:
    return hint is str or set(get_args(hint)) == {str, NoneType}


def harmless(text: str) -> bool:
    """Return whether all lines are printable."""
    return all(line.isprintable() for line in text.split("\n"))


def drift() -> StackDrift:
    """Return the findings of a hostile stack."""
    finding = hostile(Finding, wanted=HOSTILE, actual=HOSTILE, severity=Severity.CRITICAL)
    return StackDrift(HOSTILE, (finding,), HOSTILE)


def report() -> UsageReport:
    """Return the report of a hostile stack."""
    moments = dict.fromkeys(("created_at", "rotated_at", "next_rotation_at", "expires_at"), MOMENT)
    amounts = {"limit_usd": 5.0, "spent_usd": 4.5, "percent": 90.0, "blocks_first": Blocking(HOSTILE, 0.5)}
    usage = hostile(ServiceUsage, level=Level.HIGH, uncounted_keys=2, **amounts, **moments)
    return UsageReport(HOSTILE, MOMENT, None, (usage,))


def described() -> Mapping[str, Any]:
    """Return a hostile service as `show` describes it."""
    return {
        "service": HOSTILE,
        "deployed": {HOSTILE: HOSTILE},
        "key": {"name": HOSTILE},
        "superseded": [{"a": HOSTILE}],
        "deleted": {"keys": 1, "usage_usd_by_key": {HOSTILE: 1.0}},
    }


PRINTED: dict[str, Callable[[], Listing]] = {
    "list": lambda: services_table(HOSTILE, [hostile(DeployedService, limit=None, disabled=False)]),
    "list --all-keys": lambda: keys_table(HOSTILE, [hostile(ListedKey, limit_usd=1.0, disabled=True)]),
    "show": lambda: service_table(described()),
    "verify": lambda: verification_table(HOSTILE, [hostile(VerifiedService, findings=(HOSTILE,))]),
    "drift": lambda: as_tables([drift()])[0],
    "report": lambda: report_text.as_table(report()),
    "doctor": lambda: checks_table(HOSTILE, [hostile(Checked, verdict=Health.FINDING)]),
    "recover": lambda: steps_table(
        HOSTILE, HOSTILE, [Step(hostile(PendingOperation, inputs={"name": HOSTILE}), Action.LEAVE, HOSTILE, HOSTILE)]
    ),
}


@pytest.mark.parametrize("command", PRINTED)
def test_a_printed_table_is_harmless(command: str) -> None:
    """Each cell shows the name without its escapes, and its brackets are no markup; in a pipe it has no tab."""
    listing = PRINTED[command]()
    terminal = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    print_listings([listing], wide=True, out=terminal)
    piped = tab_separated([listing])
    for out in (terminal.file.getvalue(), piped.replace("\t", " "), *after_lines([listing])):  # type: ignore[attr-defined]  # it is a StringIO
        assert harmless(out)
        assert out.count("[bold]x[/bold]") >= 1 or listing.after
    assert {line.count("\t") for line in piped.splitlines()} == {len(listing.columns) - (listing.key is None)}


WRITTEN: dict[str, Callable[[], str]] = {
    **{f"drift {kind}": lambda kind=kind: written(kind, [drift()], Severity.NOTICE)  # type: ignore[misc]  # kind is this round's
       for kind in ("json", "markdown", "junit", "github")},
    "report json": lambda: as_json(report()),
    "report csv": lambda: as_csv(report()),
    "report markdown": lambda: as_markdown(report()),
    "report html": lambda: as_html(report()),
}  # fmt: skip


@pytest.mark.parametrize("output", WRITTEN)
def test_a_written_output_is_harmless(output: str) -> None:
    """No format lets an escape through."""
    assert harmless(WRITTEN[output]())


def test_the_formats_keep_to_their_own_syntax() -> None:
    """A name is no element, no table cell, no workflow command and no formula."""
    assert "<script>" not in WRITTEN["report html"]()
    assert "<script>" not in WRITTEN["drift markdown"]()
    markdown = WRITTEN["report markdown"]()
    assert "<script>" not in markdown.replace("\\<", "")
    assert {re.sub(r"\\.", "", line).count("|") for line in markdown.splitlines() if line.startswith("|")} == {13}
    assert json.loads(WRITTEN["drift json"]())["stacks"][0]["findings"]
    assert ET.fromstring(WRITTEN["drift junit"]()).tag == "testsuites"  # noqa: S314 - written here
    commands = WRITTEN["drift github"]().splitlines()
    assert [line.partition(" title=")[0] for line in commands] == ["::error", "::error"]
    assert not any(cell.startswith("=") for cell in WRITTEN["report csv"]().split(","))
