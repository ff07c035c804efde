"""`openrouter-keys explain`: whatever one has of an error leads to its section of docs/errors.md."""

import re
from importlib.metadata import metadata
from pathlib import Path

import pytest
from typer.testing import CliRunner

from openrouter_provider.api.http import diagnosis
from openrouter_provider.cli import app, with_command
from openrouter_provider.commands.explain import anchor_of, anchors_for, documentation, folded, page, plain, sections_of

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
SOURCES = [
    *ROOT.glob("openrouter_provider/**/*.py"),
    *ROOT.glob("sandbox/**/*.py"),
    *ROOT.glob("examples/*/openrouter_service/*.py"),
    *ROOT.glob("examples/*/src/*.ts"),
]
POINTER = re.compile(r"docs/([\w-]+\.md)#([a-z0-9-]+)")


LOCKED = "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end"
PASSPHRASE = "passphrase must be set with PULUMI_CONFIG_PASSPHRASE"
EXPIRED = "The security token included in the request is expired"
PLUGIN = "no resource plugin 'pulumi-resource-aws' found in the workspace"
S3 = (
    'blob (code=Unknown): operation error S3: GetObject, StatusCode: 0, Get "http://127.0.0.1:9/": dial tcp 127.0.0.1:9'
)


def pointers() -> set[tuple[str, str]]:
    """Return each page and anchor that a message may name, those that are put together included."""
    written = {found for source in SOURCES for found in POINTER.findall(source.read_text(encoding="utf-8"))}
    causes = [value for value in vars(diagnosis).values() if isinstance(value, diagnosis.Cause)]
    causes += [diagnosis.cause_of(status, "") for status in (400, 401, 402, 403, 404, 408, 429, 500)]
    causes += [diagnosis.invalid_key("another vendor's")]
    return written | {("errors.md", cause.anchor) for cause in causes}


def anchors_in(document: str) -> set[str]:
    """Return the anchors of a page's headings, at every level."""
    text = (DOCS / document).read_text(encoding="utf-8")
    return {anchor_of(title) for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def test_every_anchor_that_a_message_names_is_a_heading() -> None:
    """No message of the package, the sandbox or the example clients points at nothing."""
    found = pointers()
    assert len(found) > 20
    assert sorted(f"{name}#{anchor}" for name, anchor in found if anchor not in anchors_in(name)) == []


def test_every_anchor_of_the_errors_is_explained() -> None:
    """What a message names can be read without a network: by the anchor, and by the whole message."""
    for name, anchor in sorted(pointers()):
        if name == "errors.md":
            assert anchors_for(anchor, page()) == [anchor]
            assert anchors_for(f"reading a key: it failed (docs/errors.md#{anchor})", page()) == [anchor]


def test_the_page_is_the_document() -> None:
    """A checkout has one source."""
    assert page() == (DOCS / "errors.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("#daily-limit", ["daily-limit"]),
        ("Daily limit", ["daily-limit"]),
        ("DailyLimitReached", ["daily-limit"]),
        ("ClockDiffers: the clocks differ", ["clock-differs"]),
        ("402", ["insufficient-credits"]),
        ("error: unexpected end of JSON input", ["broken-state"]),
        ("creating secret: a secret with this name is currently marked deleted", ["currently-marked-deleted"]),
        ("AROA", ["contains-invalid-principals"]),
        (f"{LOCKED}\n  file:///state/a1.json: created by me@here (pid 1) at 2027-01-01T00:00:00Z", ["stack-is-locked"]),
        ("with 2 pending operations from previous deployment.", ["interrupted-operations"]),
        ("error: getting stack configuration: get stack secrets manager: incorrect passphrase", ["passphrase"]),
        (f"get stack secrets manager: {PASSPHRASE} or PULUMI_CONFIG_PASSPHRASE_FILE environment", ["passphrase"]),
        ("AccessDeniedException: User: arn:aws:iam::1:user/me is not authorized to perform: x", ["access-denied"]),
        ("error: Missing region information", ["region-is-missing"]),
        ("botocore.exceptions.NoRegionError: You must specify a region.", ["region-is-missing"]),
        (f"StatusCode: 403, RequestID: 83805f40, api error ExpiredToken: {EXPIRED}", ["aws-session-has-expired"]),
        ("Error loading SSO Token: Token for acme does not exist", ["aws-session-has-expired"]),
        (f"error: {PLUGIN} at version v7.51.1 or on your $PATH", ["plugin-is-missing"]),
        ('error: unable to open state directory "file:///nowhere": stat /nowhere: no such', ["backend-is-unreachable"]),
        ("error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive", ["backend-is-unreachable"]),
        (f"error: {S3}: connection refused", ["backend-is-unreachable"]),
        ("error: no stack named 'prod' found", ["backend-is-unreachable"]),
        ("urn:pulumi:x cannot be deleted\nbecause it is protected. To unprotect", ["removal-refused"]),
        ("unable to replace resource as it is currently marked for protection.", ["removal-refused"]),
        ("error: resource urn:pulumi:x violates plan: properties changed: ++name", ["plan-is-violated"]),
        ("no", []),
        ("zzzz", []),
    ],
)
def test_an_error_is_found_by_whatever_one_has_of_it(asked: str, found: list[str]) -> None:
    """An anchor, a title, a class, a status, another program's sentence and a word each lead to their section."""
    assert anchors_for(asked, page()) == found


def test_every_section_reads_on_a_terminal() -> None:
    """No Markdown link and no path that only a checkout has is left in a section."""
    for text in sections_of(page()).values():
        assert not re.search(r"\]\(|\.md\b", plain(text)), text


@pytest.mark.parametrize("width", [80, 120])
def test_every_section_fits_a_terminal(width: int) -> None:
    """Prose is broken between words alone; code and tables, which are to be copied or compared, stay as they are."""
    for text in map(plain, sections_of(page()).values()):
        fitted = folded(text, width)
        assert fitted.split() == text.split()
        code = [part.split("\n") for part in text.split("```")[1::2]]
        as_it_is = {line for part in code for line in part} | {line for line in text.splitlines() if line[:1] in "|#"}
        long = [line for line in fitted.splitlines() if len(line) > width and line not in as_it_is]
        assert [line for line in long if len(line.split()) > 1 and not line.startswith("```")] == []
        assert all(line in fitted.splitlines() for part in code for line in part[1:])


def test_documentation_is_the_address_in_the_metadata() -> None:
    """What `explain` ends with is where the package says that its documents are."""
    assert documentation().startswith("https://")
    assert f"Documentation, {documentation()}" in (metadata("openrouter-keys").get_all("Project-URL") or [])


def test_exit_codes() -> None:
    """What is known is 0, the list too; what is not is 1 and one line on stderr."""
    runner = CliRunner()
    listed = runner.invoke(app, ["explain"])
    assert listed.exit_code == 0
    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(sections_of(page()))
    assert runner.invoke(app, ["explain", "rate-limited"]).exit_code == 0
    unknown = runner.invoke(app, ["explain", "zzzz"])
    assert (unknown.exit_code, unknown.stdout, len(unknown.stderr.splitlines())) == (1, "", 1)


def test_a_message_names_the_command() -> None:
    """What the command line prints of an error says how to read more without a network, once."""
    assert (
        with_command("no (docs/errors.md#refused)") == "no (docs/errors.md#refused; `openrouter-keys explain refused`)"
    )
    assert with_command("no (docs/operations.md#drift)") == "no (docs/operations.md#drift)"
