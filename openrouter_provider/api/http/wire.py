"""Sends one request and returns its JSON, or raises what went wrong; no retries, no opinion about keys."""

import json
import logging
import os
import ssl
import time
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Final

import httpx
from pydantic import SecretStr

from ..credentials import is_loopback
from ..errors import ConfigurationError, ConnectionFailed, ResponseError, class_for
from ..quota import Quota, quota_of
from ..scrub import scrub
from .answers import Call, json_object, odd_answer, parsed, reason
from .deadline import Deadline, bound
from .retry import parse_retry_after

LOG = logging.getLogger("openrouter_provider")
MAX_CONNECTIONS = 64
MAX_ANSWER_BYTES = 32 * 1024 * 1024
CONNECT_SECONDS = 10.0
POOL_SECONDS = 60.0
USER_AGENT = "openrouter-keys"
_AUTHORITY_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")

LOWER_LAYER_ERRORS: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    httpx.CookieConflict,
    OSError,
)
_NOTHING_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


class _Bearer(httpx.Auth):
    """Adds the credential as late as possible, so that no dictionary of ours holds it in the clear."""

    def __init__(self, credential: SecretStr) -> None:
        self._credential = credential

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._credential.get_secret_value()}"
        yield request


class Wire:
    """One pooled connection to the API, safe to share between threads.

    Proxies of the environment are used for HTTPS only, where they carry an encrypted tunnel; never for
    loopback. Redirects are not followed. Certificates are verified, with SSL_CERT_FILE and SSL_CERT_DIR as httpx reads
    them.

    Args:
        base_url: A checked address.
        credential: What authenticates calls that bring no credential of their own.
        transport: Replaces the network, for tests.
        timeout_seconds: How long one read, one write and one whole answer may take.
        clock: The time in UTC.
        monotonic: Seconds from an arbitrary start.
    """

    def __init__(
        self,
        base_url: str,
        credential: SecretStr,
        *,
        transport: httpx.BaseTransport | None,
        timeout_seconds: float,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._credential = credential
        self._clock = clock
        self._monotonic = monotonic
        self._timeout_seconds = timeout_seconds
        self.server_ahead: timedelta | None = None
        """How far the server's clock is ahead, by the Date header of its last answer; None before there is one."""
        self.quota: Quota | None = None
        """What the last answer that told it says of a limit on calls."""
        self._http = _http_client(base_url, transport, timeout_seconds)
        self._deadline = Deadline(monotonic)
        bound(self._http, self._deadline)

    def close(self) -> None:
        """Close the pooled connections."""
        self._http.close()

    def send(self, call: Call) -> dict[str, object]:
        """Send the request once and return the JSON object of its answer; {} for 204.

        Raises:
            ConnectionFailed: No complete answer arrived.
            InvalidResponse: The answer isn't the API's.
            ResponseError: The API refused; the message names the status only, see diagnosis.refusal.
        """
        try:
            response, content = self._exchange(call)
        except LOWER_LAYER_ERRORS as error:
            failure = connection_failure(call, error)
        else:
            return self._judge(call, response, content)
        # Raised outside the handler: the library's error, which holds the request, must not be its context.
        raise failure

    def _exchange(self, call: Call) -> tuple[httpx.Response, bytes]:
        started = self._monotonic()
        self._deadline.begin(self._timeout_seconds)
        with self._http.stream(
            call.method,
            call.path.lstrip("/"),
            params=dict(call.params) or None,
            content=_encoded(call),
            headers=_headers(call),
            auth=_Bearer(call.credential or self._credential),
        ) as response:
            return response, self._body(response, started)

    def _body(self, response: httpx.Response, started: float) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if self._monotonic() - started > self._timeout_seconds:
                raise httpx.ReadTimeout("the answer trickled")
            if len(content) > MAX_ANSWER_BYTES:
                raise httpx.DecodingError("the answer is too large")
        return bytes(content)

    def _judge(self, call: Call, response: httpx.Response, content: bytes) -> dict[str, object]:
        server_now = self._note_date(response.headers.get("Date"))
        if call.credential is None:
            self.quota = quota_of(response.headers, server_now) or self.quota
        if response.is_success:
            return {} if response.status_code == 204 else parsed(call, response.status_code, content)
        if response.is_redirect or response.status_code < 400:
            raise odd_answer(call, response.status_code, "it points elsewhere, which is not followed", redirect=True)
        if response.status_code == 404 and content.strip() and json_object(content) is None:
            raise odd_answer(call, 404, "it isn't the API's own 404")
        raise self._refusal(call, response, content, server_now)

    def _refusal(self, call: Call, response: httpx.Response, content: bytes, server_now: datetime) -> ResponseError:
        status, quota = response.status_code, quota_of(response.headers, server_now)
        retry_after = parse_retry_after(response.headers.get("Retry-After"), server_now)
        if status == 429 and retry_after is None and quota and not quota.remaining:
            retry_after = quota.seconds_left(server_now)
        secrets = [secret.get_secret_value() for secret in (call.credential or self._credential, *call.secrets)]
        remote = scrub(reason(content), secrets=secrets)
        text = f"{call.action}: the API answered {status}"
        return class_for(status)(status, call.method, call.path, retry_after, text, remote=remote, quota=quota)

    def server_now(self) -> datetime:
        """Return the time by the server's clock."""
        return self._clock() + (self.server_ahead or timedelta(0))

    def _note_date(self, header: str | None) -> datetime:
        now = self._clock()
        try:
            date = parsedate_to_datetime(header or "")
            ahead = (date if date.tzinfo else date.replace(tzinfo=UTC)) - now
        except (TypeError, ValueError, IndexError, OverflowError):
            return now
        self.server_ahead = ahead
        return now + ahead


def _http_client(base_url: str, transport: httpx.BaseTransport | None, timeout_seconds: float) -> httpx.Client:
    url = httpx.URL(base_url)
    environments = url.scheme == "https" and not is_loopback(url.host)
    try:
        return httpx.Client(
            base_url=url,
            verify=_authorities(environments, *map(os.environ.get, _AUTHORITY_VARIABLES)),
            transport=transport,
            timeout=httpx.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds), pool=POOL_SECONDS),
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS),
            follow_redirects=False,
            trust_env=environments,
            headers={"Accept": "application/json", "User-Agent": USER_AGENT},
        )
    except (ValueError, ImportError, OSError, httpx.InvalidURL):
        raise ConfigurationError(
            "the connection can't be set up: check HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR "
            "(docs/errors.md#configuration)"
        ) from None


@cache
def _authorities(environments: bool, *_named: str | None) -> ssl.SSLContext:
    """Return whom to trust, read once: that takes 30 ms, and a command may ask a thousand keys by a client each."""
    return httpx.create_ssl_context(trust_env=environments)


def _encoded(call: Call) -> bytes | None:
    if call.body is None:
        return None
    try:
        return json.dumps(call.body, allow_nan=False).encode()
    except (TypeError, ValueError):
        raise ConfigurationError(
            f"{call.action}: a value can't be written as JSON (docs/errors.md#configuration)"
        ) from None


def _headers(call: Call) -> dict[bytes, bytes]:
    kind = {"Content-Type": "application/json"} if call.body is not None else {}
    return {name.encode(): value.encode() for name, value in {**kind, **call.headers}.items()}


def connection_failure(call: Call, error: Exception) -> ConnectionFailed:
    """Return what a lower layer's error means: can the request have been carried out, and why did it fail?"""
    ambiguous = not isinstance(error, _NOTHING_SENT)
    return ConnectionFailed(
        f"{call.action}: {_circumstance(error)}; check the network, the proxy and the base URL "
        "(docs/errors.md#connection-failed)",
        ambiguous=ambiguous,
    )


def _circumstance(error: Exception) -> str:
    if "CERTIFICATE" in str(error).upper():
        return "the server's certificate isn't trusted (SSL_CERT_FILE names additional ones)"
    if isinstance(error, httpx.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, httpx.PoolTimeout):
        return "no free connection in time"
    if isinstance(error, httpx.ConnectError | httpx.ProxyError | httpx.UnsupportedProtocol):
        return "no connection could be made"
    if isinstance(error, httpx.TimeoutException):
        return "no complete answer in time"
    return "the connection broke before the answer was complete"
