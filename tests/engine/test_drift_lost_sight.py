"""What the state alone would call clean: a service without a stored key, a wrong clock, a key whose time is over."""

import json
from typing import Any

import pytest

from openrouter_provider.operations.drift.findings import DEPLOY, Change
from sandbox.aws.client import AwsControl
from tests.engine.drifting import Findings, carry_out, commands, drift
from tests.harness import Run, Stack
from tests.soak import only_in_soak

START, NEXT_DAY, SOON, OVER = (
    "2027-01-01T00:00:00Z",
    "2027-01-02T00:00:00Z",
    "2027-03-20T00:00:00Z",
    "2027-04-01T00:00:00Z",
)
FAR_AHEAD = "2099-01-01T00:00:00Z"
ROTATING: dict[str, Any] = {"limit": 5, "rotation": {"every": "90d", "overlap": "7d", "stagger": False}}
MAIL = {"limit": 5, "expiresAt": "2027-03-31T00:00:00Z"}


def verify(stack: Stack) -> tuple[Run, dict[str, dict[str, Any]]]:
    """Verify the stack; return the run and what it says by service."""
    run = stack.run("openrouter-keys", "verify", "--stack", stack.name, "--json", check=False)
    return run, {one["service"]: one for one in json.loads(run.stdout)["services"]}


def messages(findings: Findings) -> list[tuple[str, str]]:
    """Return whose the findings are, and what they say."""
    return sorted((finding["service"], finding["message"]) for finding in findings)


@pytest.fixture
def broken(stack: Stack) -> Stack:
    """A stack after one run whose clock was far ahead, and in which one service was denied its value."""
    stack.now = START
    stack.configure({"checkout": ROTATING, "mail": MAIL})
    stack.up()
    stack.now = FAR_AHEAD
    stack.configure({"checkout": ROTATING, "mail": MAIL, "search": {"limit": 5}})
    with AwsControl(stack.environment["AWS_ENDPOINT_URL"]) as aws:
        aws.fault("PutSecretValue", "AccessDeniedException", secret=stack.secret_name("search"), count=-1)
        assert stack.up("--continue-on-error", check=False).code != 0
        aws.clear(stack.secret_name("search"))
    stack.now = NEXT_DAY
    return stack


@only_in_soak
def test_what_the_config_wants_is_the_measure(broken: Stack) -> None:
    """Drift and verify find it all, also while the preview breaks off; `pulumi up` heals it; expiries are told."""
    rotated, made = (("checkout", Change.SCHEDULE_IMPOSSIBLE.message), ("search", Change.SCHEDULE_IMPOSSIBLE.message))
    missing = ("search", Change.VALUE_MISSING.message)
    run, findings = drift(broken)
    assert messages(findings) == sorted([rotated, rotated, rotated, made, missing]), run
    assert {finding["severity"] for finding in findings} == {"critical"}
    assert commands(findings) == [DEPLOY]
    run, services = verify(broken)
    assert run.code == 2, run
    assert services["search"]["findings"][-1].startswith("secret:")
    assert "yet to come" in services["checkout"]["findings"][0]
    assert services["mail"]["findings"] == services["mail"]["notices"] == []

    with AwsControl(broken.environment["AWS_ENDPOINT_URL"]) as aws:
        aws.fault("DescribeSecret", "AccessDeniedException", secret=broken.secret_name("mail"), count=-1)
        run, findings = drift(broken)
        aws.clear(broken.secret_name("mail"))
    assert run.code == 1, run
    assert missing in messages(findings)
    assert "AccessDenied" in run.output

    carry_out(broken, DEPLOY)
    run, findings = drift(broken)
    assert (run.code, findings) == (0, []), run
    run, services = verify(broken)
    assert run.code == 0, run

    broken.now = SOON
    run, findings = drift(broken)
    due = ("checkout", Change.SUPERSEDED_KEY_DUE.message)
    assert messages(findings) == [due, ("mail", Change.KEY_EXPIRES_SOON.message)], run
    run, services = verify(broken)
    assert (run.code, len(services["mail"]["notices"])) == (0, 1), run
    broken.now = OVER
    broken.configure({"checkout": ROTATING, "mail": MAIL, "search": {"limit": 5}, "late": {"limit": 5}})
    run, services = verify(broken)
    assert (run.code, len(services["mail"]["findings"])) == (2, 1), run
    assert "did not deploy it" in services["late"]["findings"][0]
    assert "expired 2027-03-31" in broken.run("openrouter-keys", "report", "--stack", broken.name).output
