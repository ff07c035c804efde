"""Arbitrary answers of a server: each is read, or refused in one printable line without a word that it holds."""

import json
import traceback
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import OpenRouterError
from openrouter_provider.api.models import CreateKeyRequest
from openrouter_provider.stores.payload import KEY_FIELD, key_in
from tests.unit.api_fixtures import BASE_URL, CANARY, POLICY, Clock

FEW = settings(max_examples=12)
HASH = "a" * 64
PLANTED = "sk-or-v1-" + "planted" * 8
CALLS: dict[str, Callable[[ManagementClient], object]] = {
    "create_key": lambda client: client.create_key(CreateKeyRequest(name="acme/dev/a-1234567")),
    "get_key": lambda client: client.get_key(HASH),
    "update_key": lambda client: client.update_key(HASH, {"limit": 5}),
    "delete_key": lambda client: client.delete_key(HASH),
    "list_keys": lambda client: client.list_keys(),
    "current_key": lambda client: client.current_key(),
    "get_credits": lambda client: client.get_credits(),
    "list_workspaces": lambda client: client.list_workspaces(),
    "get_workspace": lambda client: client.get_workspace("shop"),
    "chat": lambda client: client.chat(SecretStr(CANARY), "some/model", "hello"),
}
FIELDS = [
    *("data", "key", "hash", "name", "label", "disabled", "limit", "created_at", "expires_at", "usage", "deleted"),
    *("error", "message", "code", "choices", "model", "content", "id", "slug", "workspace_id", "total_credits"),
]

texts = st.sampled_from(
    [PLANTED, f"\x1b[31m{PLANTED}\u202e", "a\r\nb", "\ud800", "2026-01-01T00:00:00Z", "x" * 9000]
) | (st.text(st.characters(codec=None), max_size=12))
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.just(10**400) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | texts, inner, max_size=5),
    max_leaves=12,
)
bodies = (
    values.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(st.sampled_from(FIELDS), values, max_size=4).map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=60)
    | st.sampled_from(
        [b"", b"<html>\x1b[31m</html>", b"[" * 50_000, b'{"data": ' + b"[" * 50_000, b"\xff\xfe{}", b"1" * 5000]
    )
)
header_values = st.sampled_from(
    ["-1", "nan", "inf", "1e999", "9" * 400, "Mon, 99 Foo 9999 99:99:99 GMT", "", "\x1b[31m"]
) | (st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30))
headers = st.dictionaries(
    st.sampled_from(["Retry-After", "Date", "Content-Type", "Location", "X-Request-Id", "Content-Encoding"]),
    header_values,
    max_size=4,
)
statuses = st.sampled_from([200, 201, 202, 204, 301, 400, 401, 402, 403, 404, 409, 418, 429, 500, 503])


def failure(name: str, answer: Callable[[], httpx.Response]) -> OpenRouterError | None:
    """Return what a call raises when every request is answered so; None where it succeeds.

    Any other error than the package's own passes through.
    """
    clock = Clock()
    client = ManagementClient(
        CANARY,
        base_url=BASE_URL,
        policy=POLICY,
        transport=httpx.MockTransport(lambda _request: answer()),
        clock=clock.now,
        monotonic=clock.monotonic,
        sleep=clock.sleep,
    )
    with client:
        try:
            CALLS[name](client)
        except OpenRouterError as error:
            return error
    return None


def check(error: OpenRouterError | None) -> None:
    """Look at what a failure tells: one printable line, and neither the server's secrets nor ours."""
    if error is None:
        return
    assert str(error).isprintable()
    shown = f"{error} {error!r} {vars(error)} {''.join(traceback.format_exception(error))}"
    assert "planted" not in shown
    assert CANARY not in shown


@pytest.mark.parametrize("name", CALLS)
@FEW
@given(statuses, bodies, headers)
def test_any_answer_is_read_or_refused(name: str, status: int, body: bytes, head: dict[str, str]) -> None:
    """Whatever status, headers and bytes come, the call returns or raises the package's error in one line."""

    def answer() -> httpx.Response:
        raw = [(field.encode(), value.encode("latin-1", "replace")) for field, value in head.items()]
        return httpx.Response(status, headers=raw, stream=httpx.ByteStream(body))

    check(failure(name, answer))


RECORD: dict[str, Any] = {
    "hash": HASH,
    "name": "acme/dev/a-1234567",
    "label": "sk-or-v1-abc...def",
    "disabled": False,
    "limit": 5,
    "created_at": "2026-01-01T12:00:00Z",
}
ODD: list[Any] = [None, True, 10**400, -1, float("nan"), "", "\ud800", f"\x1b]0;{PLANTED}\x07", [PLANTED], {PLANTED: 1}]


@pytest.mark.parametrize("field", [*RECORD, "expires_at", "workspace_id", "usage", "limit_reset", "creator_user_id"])
@pytest.mark.parametrize("name", ["create_key", "get_key", "list_keys"])
def test_one_odd_field_is_read_or_refused(name: str, field: str) -> None:
    """A record that is right but for one field is no crash and tells nothing of that field."""
    for value in ODD:
        record = {**RECORD, field: value}
        body = {"data": [record] if name == "list_keys" else record, "key": PLANTED}
        check(failure(name, lambda body=body: httpx.Response(200, content=json.dumps(body))))  # type: ignore[misc]  # body is this round's


@FEW
@given(texts | values.map(json.dumps) | st.binary(max_size=40).map(lambda content: "{" + content.decode("latin-1")))
def test_any_secret_s_text_holds_a_key_or_none(text: str) -> None:
    """A secret's value that is no JSON, or JSON of another shape, holds no key, or the text is the key."""
    key = key_in(text)
    assert key is None or key == text.strip() or json.loads(text)[KEY_FIELD] == key


@pytest.mark.parametrize(
    "text", ["{" * 100_000, '{"a":' * 50_000, "{\ud800}", '{"OPENROUTER_API_KEY": 1e999}', "{" + "1" * 5000]
)
def test_json_that_no_program_should_read_holds_no_key(text: str) -> None:
    """Depth and size are no crash."""
    assert key_in(text) is None
