"""A refusal names its cause and its fix."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from openrouter_provider.api.errors import (
    AuthenticationError,
    InsufficientCredits,
    OpenRouterError,
    PermissionDenied,
    ResponseError,
)
from openrouter_provider.api.http.diagnosis import Standing, cause_of
from tests.unit.api_fixtures import CANARY, Server, before

HINT = "it starts with 'sk-ant…', as keys of Anthropic do"
ERRORS_PAGE = Path(__file__).parents[3] / "docs" / "errors.md"


@pytest.mark.parametrize(
    ("status", "remote", "standing", "hint", "anchor"),
    [
        (401, "No auth credentials found", Standing.UNKNOWN, "", "missing-credentials"),
        (401, "User not found.", Standing.REJECTED, "", "invalid-key"),
        (401, "User not found.", Standing.REJECTED, HINT, "foreign-key"),
        (401, "", Standing.UNKNOWN, "", "invalid-key"),
        (401, "Invalid key", Standing.STANDARD, "", "not-a-management-key"),
        (401, "Key expired", Standing.REJECTED, "", "key-disabled"),
        (402, "Insufficient credits", Standing.UNKNOWN, "", "insufficient-credits"),
        (403, "Insufficient credits", Standing.MANAGEMENT, "", "insufficient-credits"),
        (403, "API key is disabled", Standing.UNKNOWN, "", "key-disabled"),
        (403, "Management key required", Standing.UNKNOWN, "", "not-a-management-key"),
        (403, "Forbidden", Standing.STANDARD, "", "not-a-management-key"),
        (403, "Forbidden", Standing.MANAGEMENT, "", "forbidden"),
        (403, "Forbidden", Standing.REJECTED, "", "invalid-key"),
        (404, "", Standing.UNKNOWN, "", "not-found"),
        (429, "", Standing.UNKNOWN, "", "rate-limited"),
        (500, "", Standing.UNKNOWN, "", "server-error"),
        (599, "", Standing.UNKNOWN, "", "server-error"),
        (400, "limit must be positive", Standing.UNKNOWN, "", "refused"),
    ],
)
def test_causes(status: int, remote: str, standing: Standing, hint: str, anchor: str) -> None:
    """Each refusal leads to the paragraph that explains it."""
    assert cause_of(status, remote, standing, hint).anchor == anchor


@pytest.mark.parametrize(
    ("status", "remote", "first", "then"),
    [
        (401, "User not found.", "has expired", ("deleted", "disabled", "not the one issued")),
        (401, "", "has expired", ("deleted", "disabled")),
        (403, "Forbidden", "is disabled", ("guardrail", "workspace", "model")),
        (403, "API key is disabled", "disabled", ()),
        (402, "Insufficient credits", "no credits left", ("limit",)),
        (402, "Key limit exceeded (total limit). Manage it using …", "spent its limit", ("no credits left",)),
        (403, "Key limit exceeded (total limit). Manage it using …", "spent its limit", ("no credits left",)),
    ],
)
def test_a_service_s_refusal_names_every_cause_that_fits(
    status: int, remote: str, first: str, then: tuple[str, ...]
) -> None:
    """The likeliest comes first, and the others that look the same follow."""
    text = cause_of(status, remote, service=True).text
    places = [text.index(words) for words in (first, *then)]
    assert places[0] == min(places)


def test_the_management_key_s_refusal_is_another() -> None:
    """It is wrong or truncated before it is expired, and the message doesn't send to a service."""
    text = cause_of(401, "User not found.", Standing.REJECTED).text
    assert text.index("wrong") < text.index("expired") < text.index("disabled")
    assert "drift" not in text


def _refused(status: int, message: str, current: dict[str, Any] | None = None) -> tuple[Server, OpenRouterError]:
    server = Server(current=current or {"label": "sk-or-…", "is_management_key": True})
    server.spoil("GET", *[before(status, {"error": {"code": status, "message": message}})] * 9)
    with pytest.raises(ResponseError) as caught:
        server.client().list_keys()
    return server, caught.value


def test_standard_key() -> None:
    """On 403 the client asks what its key is and says that a management key is needed."""
    server, error = _refused(403, "Forbidden", {"label": "l", "is_management_key": False})
    assert isinstance(error, PermissionDenied)
    assert "needs a management key" in str(error)
    assert [request.url.path for request in server.requests] == ["/api/v1/keys", "/api/v1/key"]


def test_older_credits_status() -> None:
    """A 403 about credits is InsufficientCredits."""
    error = _refused(403, "Insufficient credits")[1]
    assert isinstance(error, InsufficientCredits)
    assert error.status == 403


def test_asked_once() -> None:
    """What the key is, is asked once in a client's life."""
    server = Server()
    server.spoil("GET", *[before(401, {"error": {"message": "User not found."}})] * 9)
    client = server.client()
    for _ in range(3):
        with pytest.raises(AuthenticationError, match="truncated or deleted"):
            client.list_keys()
    assert sum(request.url.path.endswith("/key") for request in server.requests) == 1


def test_service_key_is_not_the_management_key() -> None:
    """When a service's key is refused, the message speaks of its secret and asks nothing more."""
    server = Server()
    server.spoil("POST", before(401, {"error": {"message": "User not found."}}))
    with pytest.raises(AuthenticationError, match="the service's secret") as caught:
        server.client().chat(SecretStr(CANARY), "m", "hello")
    assert len(server.requests) == 1
    assert "OPENROUTER_MANAGEMENT_KEY" not in str(caught.value)


def test_every_anchor_exists() -> None:
    """Each anchor that a message names is a heading of docs/errors.md."""
    sources = (Path(__file__).parents[3] / "openrouter_provider" / "api").glob("*.py")
    text = "".join(source.read_text("utf-8") for source in sources)
    named = set(re.findall(r"docs/errors\.md#([a-z-]+)", text))
    named |= {cause_of(status, "").anchor for status in (400, 401, 402, 403, 404, 408, 429, 500)}
    named |= set(re.findall(r'"((?:missing|not|key|foreign|invalid)-[a-z-]+)"', text))
    headings = {line.lstrip("# ").lower().replace(" ", "-") for line in ERRORS_PAGE.read_text("utf-8").splitlines()}
    assert named <= headings
