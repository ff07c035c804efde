"""What both example clients print for each failure: the same line, with the fix."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox.lifecycle import Sandbox
from sandbox.openrouter import Control
from tests.examples.example_clients import ANSWER, Client, Conversation
from tests.harness import ROOT

pytestmark = pytest.mark.xdist_group("examples")
NO_CREDITS = "no credits are left: add credits, raise the key's limit, or wait for its reset", "insufficient-credits"
DISABLED = "the key in OPENROUTER_API_KEY is switched off or expired: put another there", "key-disabled"
WRONG = (
    "the key in OPENROUTER_API_KEY is wrong, deleted, expired or disabled: put the current one there",
    "invalid-key",
)
NOT_ALLOWED = (
    "a guardrail, the key's workspace or the model's moderation forbids it: ask for another model",
    "forbidden",
)
NO_MODEL = "this key has no model sandbox/echo, or the base URL is wrong: see openrouter.ai/models", "not-found"
TOO_SLOW = "the model took too long: try again, or take a faster one", "server-error"
FAILED = "OpenRouter or the model's provider failed: try again later", "server-error"
REDIRECTED = "redirects are not followed: correct the base URL", "invalid-response"
REFUSED = "correct the request as the answer says", "refused"
NOT_THE_API = (
    "something other than OpenRouter's API answered: check the base URL (it ends in /api/v1) and the proxy "
    "(docs/errors.md#invalid-response)"
)
NO_CONNECTION = (
    "no connection to OpenRouter: check the network, HTTPS_PROXY and the base URL (docs/errors.md#connection-failed)"
)
LIMIT_WORDS = "Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys"
RATE_WORDS = "Rate limit exceeded"


@dataclass(frozen=True)
class Case:
    """One failure: what is arranged for the next completion, and the line that is printed.

    Attributes:
        line: the printed line, after `error: `.
        fault: of the simulator.
        key: what is edited on the client's key.
        settings: of the account.
    """

    line: str
    fault: dict[str, Any] = field(default_factory=dict)
    key: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


def status(code: int, **options: Any) -> dict[str, Any]:
    """Return the fault that answers with a status."""
    return {"kind": "status_before", "status": code, **options}


def answered(code: int, said: str, row: tuple[str, str]) -> str:
    """Return the line for an answer with a status and a message."""
    quoted = f' and said "{said}"' if said else ""
    return f"OpenRouter answered {code}{quoted}: {row[0]} (docs/errors.md#{row[1]})"


def too_many(wait: str) -> str:
    """Return the line for too many requests."""
    return answered(429, RATE_WORDS, (f"too many requests: {wait}, and send fewer at once", "rate-limited"))


NEW_YEAR = "Fri, 01 Jan 2027 00:00:00 GMT"
CASES = {
    "key limit used up": Case(
        answered(402, LIMIT_WORDS, NO_CREDITS), key={"limit": 0}, settings={"over_limit_status": 402}
    ),
    "key limit used up, older": Case(
        answered(403, LIMIT_WORDS, NO_CREDITS), key={"limit": 0}, settings={"over_limit_status": 403}
    ),
    "account without credits": Case(answered(402, "Insufficient credits", NO_CREDITS), settings={"total_credits": 0}),
    "key disabled": Case(
        answered(403, "API key is disabled", DISABLED), key={"disabled": True}, settings={"disabled_key_status": 403}
    ),
    "key disabled, answered as a deleted one": Case(
        answered(401, "User not found.", WRONG), key={"disabled": True}, settings={"disabled_key_status": 401}
    ),
    "key expired": Case(answered(401, "User not found.", WRONG), key={"expires_at": "2026-01-01T00:00:00Z"}),
    "wrong key": Case(answered(401, "Status 401", WRONG), status(401)),
    "not allowed": Case(answered(403, "Status 403", NOT_ALLOWED), status(403)),
    "no such model": Case(answered(404, "Status 404", NO_MODEL), status(404)),
    "model too slow": Case(answered(408, "Request timed out", TOO_SLOW), status(408)),
    "too many requests": Case(too_many("wait 7 seconds"), status(429, retry_after="7")),
    "too many requests until a date": Case(too_many(f"wait until {NEW_YEAR}"), status(429, retry_after=NEW_YEAR)),
    "too many requests without a word": Case(too_many("wait a little"), status(429)),
    "server error": Case(answered(500, "Internal Server Error", FAILED), status(500)),
    "gateway's page": Case(answered(502, "", FAILED), {"kind": "html"}),
    "refused request": Case(answered(400, "Status 400", REFUSED), status(400)),
    "redirect": Case(answered(307, "", REDIRECTED), {"kind": "redirect", "location": "http://127.0.0.1:9/elsewhere"}),
    "page that calls itself a success": Case(NOT_THE_API, {"kind": "html", "status": 200}),
    "broken JSON": Case(NOT_THE_API, {"kind": "broken_json"}),
    "another shape": Case(NOT_THE_API, {"kind": "wrong_shape"}),
    "empty answer": Case(NOT_THE_API, {"kind": "empty"}),
    "lost connection": Case(NO_CONNECTION, {"kind": "drop_before"}),
    "lost answer": Case(NO_CONNECTION, {"kind": "drop_after"}),
}


@dataclass(frozen=True)
class Running:
    """A client in conversation, its account, and its key."""

    conversation: Conversation
    control: Control
    key_hash: str


@pytest.fixture(scope="module")
def running(sandbox: Sandbox, client: Client) -> Iterator[Running]:
    """A client that goes through all failures, on an account of its own; its model costs something."""
    with Control.open_account(sandbox.simulator_url.replace("/api/v1", "/_sandbox")) as control:
        record, value = control.create_key(name="failing", limit=1)
        variables = {"OPENROUTER_API_KEY": value, "OPENROUTER_BASE_URL": control.url}
        with client.talking("--model", "sandbox/echo", **variables) as conversation:
            yield Running(conversation, control, record["hash"])


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_failure_is_one_line_with_its_fix(running: Running, case: Case) -> None:
    """The client sends one request, says in one line what failed and what to do, and answers the next question."""
    control = running.control
    if case.fault:
        control.fault("chat", **case.fault)
    control.configure(**case.settings)
    control.edit_key(running.key_hash, **{"limit": 1} | case.key)
    control.clear_calls()
    said = running.conversation.ask()
    sent = len(control.calls("chat"))
    control.configure(total_credits=100, over_limit_status=402)
    control.edit_key(running.key_hash, limit=1, disabled=False, expires_at=None)
    assert said == f"error: {case.line}"
    assert sent == 1, "the SDK repeated the request"
    assert running.conversation.ask() == ANSWER


def test_failed_question_shows_in_the_exit_code(account: Control, client: Client) -> None:
    """A client that could not answer one of its questions ends with 1."""
    _, value = account.create_key(name="failing")
    account.fault("chat", "status_before", status=503)
    with client.talking(OPENROUTER_API_KEY=value, OPENROUTER_BASE_URL=account.url) as conversation:
        assert conversation.ask().startswith("error: OpenRouter answered 503")
        assert conversation.ask() == ANSWER
        assert conversation.end() == 1


def test_silence_ends_after_the_timeout(account: Control, client: Client) -> None:
    """Who waits too long is told so, and that the request may have been charged."""
    _, value = account.create_key(name="slow")
    account.fault("current_key", "hang")
    run = client.run("--timeout", "0.5", "Hello?", OPENROUTER_API_KEY=value, OPENROUTER_BASE_URL=account.url)
    assert run.stderr == (
        "error: no answer within 0.5 seconds: try again (the request may have been charged), or allow more time "
        "(docs/errors.md#connection-failed)\n"
    )
    assert run.returncode == 1


def test_no_network(client: Client) -> None:
    """Where nothing answers, the line says what to check."""
    run = client.run("Hello?", OPENROUTER_API_KEY="sk-or-v1-canary", OPENROUTER_BASE_URL="http://127.0.0.1:9/api/v1")
    assert (run.stderr, run.returncode) == (f"error: {NO_CONNECTION}\n", 1)


def test_management_key_is_refused(account: Control, client: Client) -> None:
    """A service that was given the key that makes keys says so, before it asks a model."""
    run = client.run("Hello?", OPENROUTER_API_KEY=account.management_key, OPENROUTER_BASE_URL=account.url)
    assert run.stderr.startswith("error: OPENROUTER_API_KEY holds a management key: put a standard key there")
    assert run.returncode == 1
    assert account.calls("chat") == []


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        (
            {},
            "no key: set OPENROUTER_SECRET_ID to the secret's name or ARN, or OPENROUTER_API_KEY on a laptop",
        ),
        (
            {"OPENROUTER_API_KEY": "sk-or-v1-canary", "OPENROUTER_BASE_URL": "http://openrouter.ai/api/v1"},
            "OPENROUTER_BASE_URL must begin with https://; plain HTTP is for loopback only",
        ),
    ],
    ids=["no key", "plain HTTP"],
)
def test_unusable_settings_are_one_line(client: Client, variables: dict[str, str], line: str) -> None:
    """What can't work is said before anything is sent."""
    run = client.run("Hello?", **variables)
    assert (run.stderr, run.returncode) == (f"error: {line}\n", 1)


@pytest.mark.parametrize("table", ["python-client/openrouter_service/failures.py", "typescript-client/src/failures.ts"])
def test_lines_lead_to_the_documents(table: str) -> None:
    """Each anchor that a client names is a heading of docs/errors.md."""
    text = (ROOT / "examples" / table).read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", (ROOT / "docs" / "errors.md").read_text(encoding="utf-8"), re.MULTILINE)
    named = set(re.findall(r'"([a-z]+(?:-[a-z]+)+|forbidden|refused)"[,)\]]', text))
    assert len(named) >= 12
    assert named <= {heading.lower().replace(" ", "-") for heading in headings}
