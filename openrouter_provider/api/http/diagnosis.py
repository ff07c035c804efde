"""Turns a refusal into its likely cause and the fix."""

from dataclasses import dataclass
from enum import Enum, auto
from math import isfinite

from ..errors import InsufficientCredits, ResponseError, class_for


class Standing(Enum):
    """What GET /key said about the credential that was refused."""

    MANAGEMENT = auto()
    STANDARD = auto()
    REJECTED = auto()
    UNKNOWN = auto()
    """Not asked, or no useful answer."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a call was refused."""

    text: str
    """The likely cause and the fix."""
    anchor: str
    """Where docs/errors.md says more."""
    kind: type[ResponseError] | None = None
    """The error class, where the status alone doesn't tell."""


MANAGEMENT_HOLDER = "OPENROUTER_MANAGEMENT_KEY (or openrouter:managementKey)"
SERVICE_HOLDER = "the service's secret"
_HOLDER = "<holder>"
MISSING = Cause(f"no credential arrived (a proxy may have removed the header): set {_HOLDER}", "missing-credentials")
STANDARD = Cause(
    f"the credential is a standard key and managing keys needs a management key: put one into {_HOLDER}",
    "not-a-management-key",
)
DISABLED = Cause("the key is disabled or has expired: enable it or use another one", "key-disabled")
NO_CREDITS = Cause(
    "the account has no credits left, or the key has spent its limit: add credits or raise the limit",
    "insufficient-credits",
    InsufficientCredits,
)
LIMIT_SPENT = Cause(
    "the key has spent its limit: raise it or wait for its reset; if it isn't, the account has no credits left",
    "insufficient-credits",
    InsufficientCredits,
)
FORBIDDEN = Cause("the credential is valid but may not do this: check its account and workspace", "forbidden")
FORBIDDEN_TO_SERVICE = Cause(
    "the key is disabled, or a guardrail, its workspace or the model forbids this: see `openrouter-keys show`",
    "forbidden",
)
REJECTED_SERVICE = Cause(
    "the key has expired, was deleted or is disabled, or is not the one issued (OpenRouter says the same of all "
    f"four): see `openrouter-keys drift`, and compare the value in {_HOLDER} and its prefix with the one issued",
    "invalid-key",
)
_PLAIN = {
    404: Cause(
        "nothing of this name or id for this credential: it may have been deleted, or the base URL is wrong",
        "not-found",
    ),
    408: Cause("the server gave up waiting; try again", "server-error"),
    429: Cause(
        "too many requests, for longer than this call may last; try again later or run less at once",
        "rate-limited",
    ),
}
_SERVER = Cause("the API or a gateway before it failed; try again later", "server-error")
_OTHER = Cause("the API refused the request; correct the value it names", "refused")


def cause_of(
    status: int, remote: str, standing: Standing = Standing.UNKNOWN, hint: str = "", *, service: bool = False
) -> Cause:
    """Return why a call was refused: every cause that fits, the likeliest first.

    Args:
        status: The HTTP status.
        remote: The API's own words, scrubbed.
        standing: What GET /key said about the credential.
        hint: Whose key the credential looks like, or nothing.
        service: Whether the credential is a service's key rather than the management key.
    """
    if status in {402, 403} and _says(remote, "key limit exceeded"):
        return LIMIT_SPENT
    if status == 402 or (status == 403 and _says(remote, "insufficient credit", "credits")):
        return NO_CREDITS
    if status in {401, 403}:
        return _cause_of_denial(status, remote, standing, hint, service=service)
    return _SERVER if status >= 500 else _PLAIN.get(status, _OTHER)


def _cause_of_denial(status: int, remote: str, standing: Standing, hint: str, *, service: bool) -> Cause:
    if status == 401 and _says(remote, "no auth", "no cookie auth", "missing auth", "credentials found"):
        return MISSING
    if _says(remote, "disabled", "expired"):
        return DISABLED
    if standing is Standing.STANDARD or _says(remote, "management key", "provisioning key"):
        return STANDARD
    if status == 401 or standing is Standing.REJECTED:
        return invalid_key(hint, service=service)
    return FORBIDDEN_TO_SERVICE if service else FORBIDDEN


def invalid_key(hint: str, *, service: bool = False) -> Cause:
    """Return the cause of a credential that the API doesn't know, or doesn't want to know any more."""
    if hint:
        return Cause(f"the key is not one of this API's: {hint}; put an OpenRouter key into {_HOLDER}", "foreign-key")
    if service:
        return REJECTED_SERVICE
    return Cause(
        "the key is wrong, truncated or deleted, or it has expired or is disabled: compare the value in "
        f"{_HOLDER} and its prefix with the one issued",
        "invalid-key",
    )


def _says(remote: str, *phrases: str) -> bool:
    lowered = remote.lower()
    return any(phrase in lowered for phrase in phrases)


def _names_a_wait(failure: ResponseError) -> bool:
    return failure.status == 429 and failure.retry_after is not None and isfinite(failure.retry_after)


def refusal(
    failure: ResponseError, action: str, standing: Standing, hint: str, holder: str = MANAGEMENT_HOLDER
) -> ResponseError:
    """Return the failure with its cause, its fix and the class they call for.

    Args:
        failure: The refusal as it came.
        action: What was being done, for which resource.
        standing: What GET /key said about the credential.
        hint: Whose key the credential looks like, or nothing.
        holder: Where the credential comes from.
    """
    cause = cause_of(failure.status, failure.remote, standing, hint, service=holder == SERVICE_HOLDER)
    asked = f" and asks for a wait of {failure.retry_after:.0f} s" if _names_a_wait(failure) else ""
    said = f' and said "{failure.remote}"' if failure.remote else ""
    fix = cause.text.replace(_HOLDER, holder)
    text = f"{action}: the API answered {failure.status}{asked}{said}: {fix} (docs/errors.md#{cause.anchor})"
    kind = cause.kind or class_for(failure.status)
    return kind(
        failure.status,
        failure.method,
        failure.path,
        failure.retry_after,
        text,
        remote=failure.remote,
        quota=failure.quota,
    )
