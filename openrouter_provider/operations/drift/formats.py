"""Drift findings for people, programs and pipelines. Every text is made printable and harmless to its format."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from html import escape
from io import StringIO
from typing import Any
from xml.etree import ElementTree as ET

from ...api.money import usd
from ...api.scrub import printable
from ..service_tables import NEVER, UNLIMITED
from ..tables import BAD, PLAIN, WARNING, Column, Listing, Row
from .check import counted
from .findings import Finding, Severity, Value
from .one_stack import StackDrift

LENGTH = 500
COMMANDS_LENGTH = 2000
_PLAINTEXT = re.compile(r"(?i)sk-or-[a-z0-9-]*[a-z0-9]{16,}")
_COLUMNS = ("severity", "stack", "service", "property", "wanted", "actual", "what", "heal")
_TABLE = (
    Column("severity"),
    Column("service", least=32),
    Column("property", rank=2, least=16),
    Column("what", is_text=True),
    Column("wanted", is_text=True, label="wanted: "),
    Column("actual", is_text=True, label="actual: "),
    Column("heal", is_text=True, label="to heal: "),
)
_COLOURS = {Severity.CRITICAL: BAD, Severity.WARNING: WARNING, Severity.NOTICE: PLAIN}
_COMMANDS = {Severity.CRITICAL: "error", Severity.WARNING: "warning", Severity.NOTICE: "notice"}


def clean_text(text: str, length: int = LENGTH) -> str:
    """Return remote text on one printable line; a whole key in it, as a name may hold, is taken out."""
    return printable(_PLAINTEXT.sub("sk-or-…", printable(text, length=length * 4)), length=length)


def clean(drift: StackDrift) -> StackDrift:
    """Return the same findings with every text of theirs printable."""
    findings = tuple(_clean_finding(finding) for finding in drift.findings)
    return StackDrift(clean_text(drift.stack), findings, clean_text(drift.error) if drift.error else None)


def _clean_finding(finding: Finding) -> Finding:
    texts: dict[str, Any] = {name: clean_text(value) for name, value in asdict(finding).items() if type(value) is str}
    # A command that is cut off is none.
    return replace(finding, **texts | {"heal": clean_text(finding.heal, COMMANDS_LENGTH)})


_MONEY = ("limit", "limit_usd")
_ENDLESS = {**dict.fromkeys(_MONEY, UNLIMITED), "limit_reset": NEVER, "expires_at": NEVER}


def shown(value: Value, property_: str = "") -> str:
    """Return a value for people; an amount is money where the property is a limit, and None is none, or no end."""
    if value is None:
        return _ENDLESS.get(property_, "none")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return usd(value) if property_ in _MONEY else f"{value:g}"


def _cells(finding: Finding) -> list[str]:
    values = (shown(value, finding.property) for value in (finding.wanted, finding.actual))
    return [finding.severity, finding.stack, finding.service, finding.property, *values, finding.message, finding.heal]


def as_tables(drifts: Sequence[StackDrift]) -> list[Listing]:
    """Return a table a stack with a row a finding, and a line that sums it up."""
    return [_table(clean(drift)) for drift in drifts]


def _table(drift: StackDrift) -> Listing:
    rows = []
    for finding in drift.findings:
        severity, _, service, property_, wanted, actual, what, heal = _cells(finding)
        cells = (severity, service, property_, what, wanted, actual, heal)
        rows.append(Row(cells, {"severity": _COLOURS[finding.severity]}))
    after = tuple(_summaries([drift]))
    return Listing(f"drift of stack {drift.stack}", _TABLE, rows, key=("stack", drift.stack), after=after)


def _summaries(drifts: Sequence[StackDrift]) -> Iterator[str]:
    for drift in drifts:
        yield f"stack {drift.stack}: {_summary(drift)}" + (f": {drift.error}" if drift.error else "")


def _summary(drift: StackDrift) -> str:
    if drift.error is None:
        return counted(drift.findings)
    return f"{counted(drift.findings)}, not checked to the end" if drift.findings else "not checked"


def as_json(drifts: Sequence[StackDrift], threshold: Severity) -> str:
    """Return one JSON object: the threshold, and each stack with its findings and its error."""
    stacks = [asdict(drift) for drift in drifts]
    return json.dumps({"fail_on": threshold, "stacks": stacks}, indent=2) + "\n"


def as_markdown(drifts: Sequence[StackDrift], _threshold: Severity) -> str:
    """Return a section a stack with a table of its findings, for a job summary or a comment."""
    return "\n".join(line for drift in drifts for line in _section(drift)) + "\n"


def _section(drift: StackDrift) -> Iterator[str]:
    yield f"### Drift of stack {_markdown(drift.stack)}: {_summary(drift)}"
    yield ""
    if drift.error:
        yield from (_markdown(drift.error), "")
    if drift.findings:
        columns = [column for column in _COLUMNS if column != "stack"]
        yield f"| {' | '.join(columns)} |"
        yield f"|{' --- |' * len(columns)}"
        for finding in drift.findings:
            severity, _stack, *cells = _cells(finding)
            yield f"| {' | '.join(map(_markdown, (severity, *cells)))} |"
        yield ""


def _markdown(text: str) -> str:
    """Return the text as words: no HTML, no table cell, no link, mention or emphasis."""
    escaped = re.sub(r"([\\`*_{}\[\]()#+!|~])", r"\\\1", escape(text, quote=False))
    return escaped.replace("@", "&#64;").replace("://", "&#58;//")


def as_junit(drifts: Sequence[StackDrift], threshold: Severity) -> str:
    """Return JUnit XML: a suite a stack, a failed case a finding at or above the threshold, a passed one below."""
    root = ET.Element("testsuites", name="openrouter-keys drift")
    for drift in drifts:
        _suite(root, drift, threshold)
    out = StringIO()
    ET.ElementTree(root).write(out, encoding="unicode", xml_declaration=True)
    return out.getvalue() + "\n"


def _suite(root: ET.Element, drift: StackDrift, threshold: Severity) -> None:
    failed = [finding for finding in drift.findings if finding.severity.reaches(threshold)]
    # The stack itself is a case where nothing was found, or not everything could be looked at.
    of_stack = int(not drift.findings or bool(drift.error))
    suite = ET.SubElement(root, "testsuite", name=drift.stack, tests=str(len(drift.findings) + of_stack))
    suite.set("failures", str(len(failed)))
    suite.set("errors", str(int(bool(drift.error))))
    if of_stack:
        case = ET.SubElement(suite, "testcase", classname=drift.stack, name="drift")
        if drift.error:
            ET.SubElement(case, "error", message=drift.error)
    for finding in drift.findings:
        name = f"{finding.property}: {finding.message}"
        case = ET.SubElement(suite, "testcase", classname=f"{drift.stack}.{finding.service}", name=name)
        if finding.severity.reaches(threshold):
            failure = ET.SubElement(case, "failure", type=finding.severity, message=_difference(finding))
            failure.text = f"to heal: {finding.heal}"
        else:
            ET.SubElement(case, "system-out").text = f"{finding.severity}: {_difference(finding)}; {finding.heal}"


def _difference(finding: Finding) -> str:
    wanted, actual = (shown(value, finding.property) for value in (finding.wanted, finding.actual))
    return f"{finding.message}: wanted {wanted}, actual {actual}"


def as_github(drifts: Sequence[StackDrift], _threshold: Severity) -> str:
    """Return one GitHub workflow command a finding; a stack that could not be checked is an error."""
    return "".join(f"{line}\n" for drift in drifts for line in _commands(drift))


def _commands(drift: StackDrift) -> Iterator[str]:
    if drift.error:
        yield f"::error title={_property(f'drift of {drift.stack} not checked')}::{_data(drift.error)}"
    for finding in drift.findings:
        title = f"{finding.stack} {finding.service} {finding.property}"
        message = f"{_difference(finding)}; to heal: {finding.heal}"
        yield f"::{_COMMANDS[finding.severity]} title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


_FORMATS: dict[str, Callable[[Sequence[StackDrift], Severity], str]] = {
    "json": as_json,
    "markdown": as_markdown,
    "junit": as_junit,
    "github": as_github,
}


def written(format_: str, drifts: Sequence[StackDrift], threshold: Severity) -> str:
    """Return the findings as text: json, markdown, junit or github.

    Args:
        format_: which of them.
        drifts: what was found.
        threshold: the severity from which a finding fails the check.
    """
    return _FORMATS[format_]([clean(drift) for drift in drifts], threshold)
