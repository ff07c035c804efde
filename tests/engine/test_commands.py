"""The reading commands against one deployed stack: report, list, show, adopt and doctor."""

import csv
import io
import json
import sys

import pytest

from sandbox.lifecycle import Sandbox
from tests.harness import Run, Stack, open_stack

# One deployed stack serves all tests: keep them in one process.
pytestmark = pytest.mark.xdist_group("commands")

SERVICES = {
    "checkout": {"limit": 50, "limitReset": "monthly", "rotation": {"every": "90d"}},
    "search": {"limit": 10, "limitReset": "daily"},
    "bot": {"unlimited": True},
}
# Registers what cli.py does not register yet, so that the file runs before and after it does.
RUN = """
import sys
from openrouter_provider import cli
from openrouter_provider.commands import adopt, doctor, inventory, report
known = {command.name or command.callback.__name__ for command in cli.app.registered_commands}
for name, command in [("report", report.report), ("list", inventory.list_services), ("show", inventory.show),
                      ("adopt", adopt.adopt), ("doctor", doctor.doctor)]:
    if name not in known:
        cli.app.command(name)(command)
cli.main()
"""


@pytest.fixture(scope="module")
def stack(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """One deployed stack that only the last test changes, with some spending and a key that no state knows."""
    opened = open_stack(tmp_path_factory.mktemp("commands") / "project", sandbox)
    opened.configure(SERVICES)
    opened.up()
    (key,) = opened.live("checkout")
    opened.control.edit_key(key["hash"], usage=45.5, usage_daily=1.25, usage_weekly=20, usage_monthly=45.5)
    opened.control.create_key(name="made by hand", limit=5.5, limit_reset="weekly")
    return opened


def command(stack: Stack, *arguments: str, check: bool = True, **variables: str) -> Run:
    """Run one of the commands for this stack; the harness looks for plaintext in what it prints."""
    run = stack.run(sys.executable, "-c", RUN, *arguments, "--stack", stack.name, check=check, **variables)
    assert not any(secret in run.output for secret in stack.control.all_secrets())
    return run


def test_report_is_one_listing_what_limits_and_the_credits(stack: Stack) -> None:
    """The report shows each service's spending, limit, rotation and the credits, and only reads."""
    stack.control.clear_calls()
    report = json.loads(command(stack, "report", "--format", "json").stdout)
    limits = ["list_guardrails", "list_budgets", "get_workspace"]
    assert [call["operation"] for call in stack.control.calls()] == ["list_keys", "list_keys", *limits, "credits"]
    assert report["credits"]["bought_usd"] == 100
    rows = {row["service"]: row for row in report["services"]}
    assert list(rows) == ["checkout", "bot", "search"]
    checkout = rows["checkout"]
    assert (checkout["today_usd"], checkout["week_usd"], checkout["month_usd"]) == (1.25, 20, 45.5)
    assert (checkout["limit_usd"], checkout["remaining_usd"], checkout["percent"]) == (50, 4.5, 91.0)
    assert (checkout["level"], rows["bot"]["level"]) == ("high", "unlimited")
    assert checkout["next_rotation_at"] > checkout["rotated_at"]


def test_report_goes_to_a_file_as_a_page_and_as_csv(stack: Stack) -> None:
    """`--output` writes one page and prints nothing; CSV has a line a service under its head."""
    page = stack.folder / "report.html"
    assert command(stack, "report", "--format", "html", "--output", str(page)).output == ""
    assert "$45.50 of $50.00 spent" in page.read_text()
    rows = list(csv.DictReader(io.StringIO(command(stack, "report", "--format", "csv").output)))
    assert [row["service"] for row in rows] == ["checkout", "bot", "search"]


def test_list_tells_the_stack_s_keys_from_the_account_s(stack: Stack) -> None:
    """`list --all-keys` names each service's key and leaves the key that was made by hand without a service."""
    keys = json.loads(command(stack, "list", "--all-keys", "--format", "json").stdout)["keys"]
    assert {key["service"] for key in keys} == {*SERVICES, None}
    (foreign,) = (key for key in keys if key["service"] is None)
    assert foreign["key_name"] == "made by hand"


def test_show_of_an_unknown_service_is_one_line(stack: Stack) -> None:
    """A mistyped service fails with 1 and the name that was meant."""
    failed = command(stack, "show", "chekout", check=False)
    assert failed.code == 1
    assert "did you mean checkout?" in failed.output
    assert len(failed.output.splitlines()) == 1


def test_show_prints_the_key_and_its_secret(stack: Stack) -> None:
    """Everything of a service is there: hash, secret, limit and usage."""
    shown = command(stack, "show", "checkout").output
    (key,) = stack.live("checkout")
    assert key["hash"] in shown
    assert stack.secret_name("checkout") in shown


def test_doctor_finds_a_sandbox_well(stack: Stack) -> None:
    """In a sandbox every line is ok and the exit code 0."""
    run = command(stack, "doctor")
    assert {line.split()[0] for line in run.output.splitlines()} == {"health", "ok"}, run.output


def test_the_account_is_seen_before_there_is_a_stack(stack: Stack) -> None:
    """`list --all-keys` and `adopt` need no stack of that name where the environment has the management key."""
    listed = stack.run("openrouter-keys", "list", "--all-keys", "--stack", "nowhere")
    assert "there is no stack nowhere: no key is known to be its own" in listed.stderr
    assert "made by hand" in listed.stdout
    (foreign,) = stack.control.named("made by hand")
    adopted = stack.run("openrouter-keys", "adopt", foreign["hash"], "a.b", "--stack", "nowhere", "--json")
    commands = json.loads(adopted.stdout)["commands"]
    assert (commands[0], len(commands)) == ("pulumi stack init nowhere", 4)


NOBODY = "http://127.0.0.1:1"
AWAY = (
    ("verify", {"OPENROUTER_BASE_URL": f"{NOBODY}/api/v1"}),
    ("report", {"OPENROUTER_BASE_URL": f"{NOBODY}/api/v1"}),
    ("drift", {"OPENROUTER_BASE_URL": f"{NOBODY}/api/v1"}),
    ("drift", {"AWS_ENDPOINT_URL": NOBODY}),
    ("verify", {"AWS_ENDPOINT_URL": NOBODY}),
)


@pytest.mark.parametrize(("name", "variables"), AWAY)
def test_an_outage_is_one_line(stack: Stack, name: str, variables: dict[str, str]) -> None:
    """OpenRouter or AWS away is exit code 1 and a line for all services, and no preview has waited for them."""
    run = command(stack, name, check=False, **variables)
    said = [line for line in run.stderr.splitlines() if not line.startswith(f"{name} ")]
    assert (run.code, len(said)) == (1, 1), run
    assert "no connection could be made" in said[0] or "AWS could not be asked: EndpointConnectionError" in said[0]
    assert len(run.stdout.splitlines()) <= 1, run


def test_adopt_prints_config_and_commands_that_work(stack: Stack) -> None:
    """The printed config and commands, used as they are, make a stack whose preview creates the service's ApiKey."""
    (foreign,) = stack.control.named("made by hand")
    printed = command(stack, "adopt", foreign["hash"], "a.b").output
    assert "limit: 5.5" in printed
    path = stack.folder / f"Pulumi.{stack.name}.yaml"
    before = path.read_text()
    (line,) = (line for line in printed.splitlines() if line.startswith("pulumi config set"))
    try:
        stack.configure({**SERVICES, "a.b": {"limit": 5.5, "limitReset": "weekly", "adopt": {"hash": foreign["hash"]}}})
        value = stack.control.secrets()["keys"][foreign["hash"]]
        stack.run("sh", "-c", f'printf %s "$VALUE" | {line}', VALUE=value)
        assert value not in path.read_text()
        stack.up()
        assert stack.authenticates("a.b")
        (key,) = stack.live("a.b")
        assert (key["hash"], key["limit"], key["limit_reset"]) == (foreign["hash"], 5.5, "weekly")
    finally:
        path.write_text(before)
