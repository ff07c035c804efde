"""What can go wrong at the HTTP edge; every leaf is something different for the caller to do next.

OpenRouterError
├ ConfigurationError      missing or malformed credential, plain HTTP: fix the configuration
├ ConnectionFailed        no answer, and nothing is left behind: try again later
├ OutcomeUnknown          a create may have happened; says what to look for and what to run
├ InvalidResponse         an answer that isn't the API's: HTML from a gateway, another shape, a redirect
└ ResponseError           status, method, path, retry_after
  ├ AuthenticationError   401
  ├ InsufficientCredits   402, and the older 403
  ├ PermissionDenied      403
  ├ NotFound              404
  ├ RateLimited           429
  │ └ DailyLimitReached   429 on a change, for hours: go on when it resets
  └ ServerError           5xx

A message is one line: what failed, for which resource, the likely cause and the fix. It holds no body, no header and
no secret. Each ends in the anchor of docs/errors.md that says more.
"""

from collections.abc import Sequence

from .quota import Quota


class OpenRouterError(Exception):
    """Anything that this package raises on purpose."""

    @property
    def message(self) -> str:
        """The one line that a person reads."""
        return str(self.args[0]) if self.args else ""

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r})"

    def amend(self, note: str) -> None:
        """Append what became known after the error was made."""
        self.args = (f"{self.message}; {note}",)


class ConfigurationError(OpenRouterError):
    """A credential, an address or an argument can't be right; no call was made."""


class ConnectionFailed(OpenRouterError):
    """No complete answer arrived.

    Args:
        message: The one line that a person reads.
        ambiguous: Whether the request may have been carried out. What leaves a client with this set is a call that
            is safe to repeat.
    """

    def __init__(self, message: str, *, ambiguous: bool = False) -> None:
        super().__init__(message)
        self.ambiguous = ambiguous


class OutcomeUnknown(OpenRouterError):
    """A create may have happened and could not be undone.

    Args:
        message: The one line that a person reads.
        name: The exact name to look for.
        hashes: Keys with that name which were found and left alone.
    """

    def __init__(self, message: str, *, name: str, hashes: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.name = name
        self.hashes = tuple(hashes)


class InvalidResponse(OpenRouterError):
    """An answer arrived that isn't the API's.

    Args:
        message: The one line that a person reads.
        status: The HTTP status that came with it.
        redirect: Whether it pointed elsewhere (it was not followed).
    """

    def __init__(self, message: str, *, status: int = 200, redirect: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.redirect = redirect


class ResponseError(OpenRouterError):
    """The API refused.

    Args:
        status: The HTTP status.
        method: The request's method.
        path: The request's path below the base URL, without a query.
        retry_after: Seconds the server asked to wait, if it did.
        message: The one line that a person reads.
        remote: The API's own reason, scrubbed.
        quota: What the answer says of a limit on calls.
    """

    def __init__(
        self,
        status: int,
        method: str,
        path: str,
        retry_after: float | None,
        message: str,
        *,
        remote: str = "",
        quota: Quota | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.method = method
        self.path = path
        self.retry_after = retry_after
        self.remote = remote
        self.quota = quota


class AuthenticationError(ResponseError):
    """401: the credential is missing, wrong, deleted, truncated or another vendor's."""


class InsufficientCredits(ResponseError):
    """402, and the older 403: the account or the key has no credits left."""


class PermissionDenied(ResponseError):
    """403: the credential is real and may not do this."""


class NotFound(ResponseError):
    """404: there is no such object."""


class RateLimited(ResponseError):
    """429: too many requests, for longer than the call may last."""


class DailyLimitReached(RateLimited):
    """429: today's creates, changes and deletions are used up; the call changed nothing.

    Args:
        method: The request's method.
        path: The request's path below the base URL, without a query.
        retry_after: Seconds until it resets.
        message: The one line that a person reads.
        remote: The API's own reason, scrubbed; empty for a call that was not sent.
        quota: The limit, and when it resets.
        made: How many changes this client had made before.
    """

    def __init__(
        self,
        method: str,
        path: str,
        retry_after: float | None,
        message: str,
        *,
        remote: str = "",
        quota: Quota | None = None,
        made: int = 0,
    ) -> None:
        super().__init__(429, method, path, retry_after, message, remote=remote, quota=quota)
        self.made = made


class ServerError(ResponseError):
    """5xx: the API or a gateway before it failed."""


_BY_STATUS: dict[int, type[ResponseError]] = {
    401: AuthenticationError,
    402: InsufficientCredits,
    403: PermissionDenied,
    404: NotFound,
    429: RateLimited,
}


def is_away(error: OpenRouterError) -> bool:
    """Return whether the API answers nobody: no connection, a gateway's page, or out of order."""
    return isinstance(error, ConnectionFailed | InvalidResponse | ServerError)


def class_for(status: int) -> type[ResponseError]:
    """Return the error class of an HTTP status."""
    return ServerError if status >= 500 else _BY_STATUS.get(status, ResponseError)
