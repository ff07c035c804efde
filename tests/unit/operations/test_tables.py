"""What every table looks like on terminals of 80 and 120 columns, and in a pipe."""

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.style import Style

from openrouter_provider.operations.blocking import Blocking
from openrouter_provider.operations.doctor.check_table import checks_table
from openrouter_provider.operations.doctor.examination import finding, ok
from openrouter_provider.operations.drift.findings import Finding, Severity
from openrouter_provider.operations.drift.formats import as_tables
from openrouter_provider.operations.drift.one_stack import StackDrift
from openrouter_provider.operations.fitting import ELLIPSIS
from openrouter_provider.operations.fleet.outcomes import Ending, StackRun, summary
from openrouter_provider.operations.inventory import ListedKey, describe_service
from openrouter_provider.operations.recovery.step_table import steps_table
from openrouter_provider.operations.recovery.steps import Action, Step
from openrouter_provider.operations.report.text import as_table
from openrouter_provider.operations.service_tables import (
    keys_table,
    service_table,
    services_table,
    verification_table,
)
from openrouter_provider.operations.stack.pending import PendingOperation
from openrouter_provider.operations.tables import (
    BAD,
    OK,
    WARNING,
    Column,
    Listing,
    Row,
    print_listings,
    tab_separated,
)
from openrouter_provider.operations.verify import VerifiedService
from tests.unit.api_fixtures import Server
from tests.unit.report_fixtures import deployed, every_kind_of_report, large_report

WIDTHS = (80, 120)
HASH = "3f1c9a" + "0b" * 29
NAMES = (
    "checkout",
    "search-indexer-nightly-backfill",
    "bot",
    "summaries.of.a-very-long-name-for-a-service-of-64-letters-in-all",
)
LABEL = "sk-or-v1-0e6...1c96"
ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:acme/prod/checkout/openrouter-AbCdEf"
REFUSED = (
    "key: reading the key: the API answered 401: the key has expired, was deleted or is disabled, or is not the one "
    "issued: see `openrouter-keys drift`; run `pulumi up --refresh --stack prod`: it makes a deleted key anew"
)
WORKSPACE = "0f8fad5b-d9cb-469f-a165-70867728950e"


def services() -> Listing:
    """Return what `list` prints."""
    rows = [
        replace(deployed(name, HASH), secret_name=f"acme/prod/{name}/openrouter", secret_reference=ARN, key_label=LABEL)
        for name in NAMES
    ]
    return services_table("prod", [replace(rows[0], limit=1234.5, limit_reset="monthly", disabled=True), *rows[1:]])


def account() -> Listing:
    """Return what `list --all-keys` prints."""
    keys = [
        ListedKey(HASH, f"acme/prod/{name}-1a2b3c4", LABEL, 50, "monthly", True, WORKSPACE, name, superseded=True)
        for name in NAMES
    ]
    lost = ListedKey(HASH, "", "", None, None, False, None, "lost", missing=True)
    return keys_table("prod", [*keys, lost, ListedKey(HASH, "made by hand", LABEL, None, None, False, None, None)])


def shown() -> Listing:
    """Return what `show` prints."""
    server = Server()
    key = server.add("acme/prod/checkout-1a2b3c4", limit=5)
    service = replace(deployed("checkout", key), secret_reference=ARN)
    return service_table(describe_service(service, server.client(), []))


def verified() -> Listing:
    """Return what `verify` prints."""
    blocking = Blocking("guardrail cheap", 0.5, "2027-02-01T00:00:00Z")
    found = [
        VerifiedService(name, f"acme/prod/{name}/openrouter", LABEL, 50, 12.5, "monthly", blocking) for name in NAMES
    ]
    broken = VerifiedService("mailer", "acme/prod/mailer/openrouter", findings=(REFUSED, "limit: it differs"))
    return verification_table("prod", [*found, broken, VerifiedService("free", "f", LABEL)])


def drifted() -> Listing:
    """Return what `drift` prints."""
    heal = f"a person must: take it over with `openrouter-keys adopt {HASH} SERVICE`"
    actual = f"enabled, unlimited, {LABEL}, hash {HASH}"
    findings = (
        Finding("prod", "(account)", "key by hand", None, actual, Severity.CRITICAL, "unmanaged key", heal),
        Finding("prod", NAMES[1], "limit_reset", None, "daily", Severity.WARNING, "property changed", "pulumi up"),
    )
    return as_tables([StackDrift("prod", findings, "the preview ended early")])[0]


def steps() -> Listing:
    """Return what `recover` prints."""
    key = PendingOperation(
        "creating", "x::checkout", "pulumi-python:dynamic/openrouter:ApiKey", {"name": "acme/prod/checkout-1a2b3c4"}
    )
    why = "it was used, so that it is no remains of an interrupted run: look whose it is before you delete it"
    return steps_table(
        "prod", "interrupted operations", [Step(key, Action.LEAVE, why, HASH), Step(key, Action.DROP, "ok", "")]
    )


def checks() -> Listing:
    """Return what `doctor` prints."""
    text = (
        "Pulumi's own: its previews show each changed key as a new secret version, and it can't import (docs/host.md)"
    )
    return checks_table(
        None, [ok("pulumi", "3.259.0"), finding("host of the resources", text, "run: openrouter-keys host")]
    )


def runs() -> Listing:
    """Return what `up --all` prints."""
    counts = {"create": 120, "update": 12, "same": 1234}
    why = "update failed: today's limit of 1000 on creating, changing and deleting is used up; run it again tomorrow"
    ended = [StackRun(f"platform-prod-{region}-1", Ending.FAILED, counts, 123.4, why) for region in ("eu", "us")]
    return summary("up", [*ended, StackRun("dev", Ending.DONE, counts, 12)], 130.0)


TABLES: dict[str, Callable[[], Listing]] = {
    "list": services,
    "list --all-keys": account,
    "show": shown,
    "verify": verified,
    "drift": drifted,
    "recover": steps,
    "doctor": checks,
    "up": runs,
    "report": lambda: as_table(large_report(12)),
    "report of every kind": lambda: as_table(every_kind_of_report()),
}


def printed(listing: Listing, width: int, *, wide: bool = False) -> list[str]:
    """Return the lines that a terminal of that width shows."""
    shown = io.StringIO()
    out = Console(file=shown, width=width, force_terminal=True, no_color=True, color_system=None)
    print_listings([listing], wide=wide, out=out)
    return shown.getvalue().splitlines()


def words(listing: Listing) -> set[str]:
    """Return the words that a table may have."""
    texts = [listing.title, *listing.after, *listing.total, "not shown: (--wide shows them)"]
    texts += [text for column in listing.columns for text in (column.name, f"{column.name},", column.label)]
    texts += [cell for row in listing.rows for cell in row.cells]
    found = {word for text in texts for word in text.split()}
    return (
        found
        | {word.rpartition(",")[0] for word in found}
        | {f"{column.name.split()[-1]}," for column in listing.columns}
    )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("table", TABLES)
def test_no_line_is_longer_than_the_terminal(table: str, width: int) -> None:
    """Each table fits; a line that is one word of a sentence, as an ARN is, may be longer."""
    lines = printed(TABLES[table](), width)
    assert [line for line in lines if cell_len(line) > width and len(line.split()) > 1] == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("table", [name for name in TABLES if name != "report of every kind"])
def test_no_word_is_broken(table: str, width: int) -> None:
    """What is printed are whole words, and those that say by an ellipsis that they were cut."""
    listing = TABLES[table]()
    known = words(listing)
    broken = {word for line in printed(listing, width) for word in line.split() if word not in known}
    assert {word for word in broken if ELLIPSIS not in word} == set()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("table", TABLES)
def test_what_is_left_out_is_named(table: str, width: int) -> None:
    """A column is in the headings, or is said not to be shown, with the option that shows it."""
    listing = TABLES[table]()
    lines = printed(listing, width)
    left_out = " ".join(line for line in lines if "not shown: " in line or "--wide" in line)
    assert [
        each.name for each in listing.columns if not each.is_text and each.name not in f"{lines[:2]} {left_out}"
    ] == []
    assert not left_out or "--wide" in left_out


@pytest.mark.parametrize("table", ["list", "list --all-keys", "recover"])
def test_a_hash_is_short_until_wide_is_asked_for(table: str) -> None:
    """Twelve letters tell a key; --wide has all of them, every column, and no ellipsis."""
    listing = TABLES[table]()
    usual, wide = printed(listing, 300), printed(listing, 80, wide=True)
    assert HASH not in "".join(usual)
    assert HASH[:12] + ELLIPSIS in "".join(usual)
    assert HASH in "".join(wide)
    assert ELLIPSIS not in "".join(wide)
    assert not any("not shown" in line for line in wide)


@pytest.mark.parametrize("table", TABLES)
def test_a_pipe_has_everything_between_tabs(table: str) -> None:
    """One line of headings, a line a row, as many cells in each, and nothing cut."""
    listing = TABLES[table]()
    head, *lines = tab_separated([listing]).splitlines()
    key = [listing.key[0]] if listing.key else []
    assert head.split("\t") == [*key, *(column.name for column in listing.columns)]
    assert len(lines) == len(listing.rows)
    assert {line.count("\t") for line in lines} == {head.count("\t")}
    assert (HASH in "".join(lines)) is any(HASH in cell for row in listing.rows for cell in row.cells)


def test_several_stacks_in_a_pipe_have_one_line_of_headings(capsys: pytest.CaptureFixture[str]) -> None:
    """Each row says of which stack it is; what is said after a table goes to stderr."""
    two = [as_table(replace(every_kind_of_report(), stack=stack)) for stack in ("eu", "us")]
    print_listings(two)
    out, err = capsys.readouterr()
    assert out.count("spent of limit") == 1
    assert {line.split("\t")[0] for line in out.splitlines()[1:]} == {"eu", "us"}
    assert err.count("account credits: $376.55 left of $500.00") == 2


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (60, ["name", "much", "little"]),
        (40, ["name", "much", "little"]),
        (30, ["name", "much"]),
        (10, ["name"]),
    ],
)
def test_columns_give_way_by_rank(width: int, shown: list[str]) -> None:
    """What matters least is cut first and left out first; what names the row stays."""
    columns = (Column("name", least=6), Column("much", rank=1, least=8), Column("little", rank=2, least=8))
    lines = printed(Listing("", columns, [Row(("n" * 10, "m" * 16, "l" * 16))]), width)
    assert lines[0].split() == shown
    assert len(lines[1]) <= width


def test_what_a_left_out_column_made_free_goes_to_the_others() -> None:
    """A column is cut only as far as the line is short."""
    columns = (Column("name", rank=1, least=4), Column("wide", rank=2))
    assert printed(Listing("", columns, [Row(("n" * 20, "w" * 30))]), 40)[1] == "n" * 20


def luminance(style: Style) -> float:
    """Return how bright a colour is, as WCAG counts it."""
    assert style.color
    channels = [channel / 255 for channel in style.color.get_truecolor()]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("style", [OK, BAD, WARNING], ids=["ok", "bad", "warning"])
def test_colours_are_read_on_white_and_on_black(style: Style) -> None:
    """Each colour has a contrast of at least 3.5 to both, and is none that a terminal redefines."""
    bright = luminance(style)
    assert min(1.05 / (bright + 0.05), (bright + 0.05) / 0.05) >= 3.5
    assert (style.color.number if style.color else 0) in range(16, 256)


def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR nothing is coloured."""
    monkeypatch.setenv("NO_COLOR", "1")
    out = Console(file=io.StringIO(), width=80, force_terminal=True)
    print_listings([verified()], out=out)
    assert "38;5" not in out.file.getvalue()  # type: ignore[attr-defined]  # it is a StringIO
