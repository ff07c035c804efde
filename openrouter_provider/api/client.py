"""The management API's client: synchronous, thread-safe, patient, and silent about credentials."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import httpx
from pydantic import SecretStr

from .account import AccountEndpoints
from .byok import ByokEndpoints
from .credentials import DEFAULT_BASE_URL, check_base_url, check_credential
from .guardrails import GuardrailEndpoints
from .http.call import Caller
from .http.retry import RetryPolicy
from .http.wire import Wire
from .keys import KeyEndpoints
from .listing import PAGE_SIZE
from .objects.verbs import ObjectEndpoints
from .quota import Quota
from .reference.activity import ActivityEndpoints
from .reference.offering import OfferingEndpoints
from .workspaces import WorkspaceEndpoints

__all__ = [
    "DEFAULT_BASE_URL",
    "PAGE_SIZE",
    "ManagementClient",
    "check_base_url",
    "check_credential",
    "utc_now",
]

DEFAULT_TIMEOUT_SECONDS = 20.0


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


class ManagementClient(
    KeyEndpoints,
    WorkspaceEndpoints,
    GuardrailEndpoints,
    ByokEndpoints,
    AccountEndpoints,
    ObjectEndpoints,
    OfferingEndpoints,
    ActivityEndpoints,
):
    """Manages keys, and what limits and surrounds them, on OpenRouter.

    Every method may be called from any thread. All threads share one connection pool and one pace. GET, PATCH,
    PUT and DELETE are repeated when they fail in passing; a create is repeated only once it is certain that nothing
    was made.

    Args:
        credential: The management key.
        base_url: Where the API is; HTTPS, except on loopback.
        transport: Replaces the network, for tests.
        policy: How long and how often a call is tried.
        clock: The time in UTC.
        monotonic: Seconds from an arbitrary start.
        sleep: Waits that many seconds.
        timeout_seconds: How long one attempt may wait for its answer.

    Raises:
        ConfigurationError: The credential or the address can't be right.
    """

    def __init__(
        self,
        credential: str,
        *,
        base_url: str = DEFAULT_BASE_URL,
        transport: httpx.BaseTransport | None = None,
        policy: RetryPolicy | None = None,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    ) -> None:
        secret = SecretStr(check_credential(credential))
        self.base_url = check_base_url(base_url)
        self._clock = clock
        self._wire = Wire(
            self.base_url,
            secret,
            transport=transport,
            timeout_seconds=timeout_seconds,
            clock=clock,
            monotonic=monotonic,
        )
        self._caller = Caller(self._wire, secret, policy or RetryPolicy(), monotonic=monotonic, sleep=sleep)

    @property
    def server_ahead(self) -> timedelta | None:
        """How far the API's clock is ahead of this one, by its last answer; None before there is one."""
        return self._wire.server_ahead

    def __repr__(self) -> str:
        return f"ManagementClient({self.base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def quota(self) -> Quota | None:
        """What the last answer that told it says of a limit on calls."""
        return self._wire.quota

    def close(self) -> None:
        """Close the pooled connections."""
        self._wire.close()
