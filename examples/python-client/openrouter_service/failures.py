"""What each refusal means for a service, and the fix: the table of docs/errors.md, from a service's side."""

import re
from dataclasses import dataclass

_SHOWN_CHARACTERS = 200


class ServiceError(Exception):
    """OpenRouter gave no answer; says why and the fix on one line, without a key.

    Args:
        message: the line.
        status: the HTTP status, None where none came.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Refusal:
    """An answer that is no success.

    Attributes:
        status: the HTTP status.
        said: the API's own words, as they came.
        retry_after: the header of that name, seconds or a date.
    """

    status: int
    said: str = ""
    retry_after: str | None = None


_NO_CREDITS = "no credits are left: add credits, raise the key's limit, or wait for its reset"
_NOT_ALLOWED = "a guardrail, the key's workspace or the model's moderation forbids it: ask for another model"

# The first row that fits wins: a status, and words that the answer must hold; then the fix, and where docs say more.
_TABLE = (
    ("402", "", _NO_CREDITS, "insufficient-credits"),
    ("403", "credit|key limit exceeded", _NO_CREDITS, "insufficient-credits"),
    ("40[13]", "disabled|expired", "the key in {source} is switched off or expired: put another there", "key-disabled"),
    (
        "403",
        "management key",
        "a management key calls no models: put a standard key in {source}",
        "not-a-management-key",
    ),
    (
        "401",
        "no auth|no cookie auth|credentials found",
        "a proxy removed the Authorization header",
        "missing-credentials",
    ),
    (
        "401",
        "",
        "the key in {source} is wrong, deleted, expired or disabled: put the current one there",
        "invalid-key",
    ),
    ("403", "", _NOT_ALLOWED, "forbidden"),
    ("404", "", "this key has no model {model}, or the base URL is wrong: see openrouter.ai/models", "not-found"),
    ("408", "", "the model took too long: try again, or take a faster one", "server-error"),
    ("429", "", "too many requests: {wait}, and send fewer at once", "rate-limited"),
    ("5..", "", "OpenRouter or the model's provider failed: try again later", "server-error"),
    ("3..", "", "redirects are not followed: correct the base URL", "invalid-response"),
    ("...", "", "correct the request as the answer says", "refused"),
)
_NO_CONNECTION = "no connection to OpenRouter: check the network, HTTPS_PROXY and the base URL"
_NO_ANSWER = "no answer within {seconds:g} seconds: try again (the request may have been charged), or allow more time"
_NOT_THE_API = "something other than OpenRouter's API answered: check the base URL (it ends in /api/v1) and the proxy"


def refused(refusal: Refusal, source: str, model: str) -> ServiceError:
    """Return the error for an answer that is no success.

    Args:
        refusal: the answer.
        source: where the key comes from.
        model: the model that was asked.
    """
    said = one_line(refusal.said)
    fix, anchor = next(
        (fix, anchor)
        for status, words, fix, anchor in _TABLE
        if re.fullmatch(status, str(refusal.status)) and re.search(words, said, re.IGNORECASE)
    )
    text = fix.format(source=source, model=model, wait=_wait(refusal.retry_after))
    quoted = f' and said "{said}"' if said else ""
    return ServiceError(f"OpenRouter answered {refusal.status}{quoted}: {_see(text, anchor)}", refusal.status)


def no_connection() -> ServiceError:
    """Return the error for a request that got no answer."""
    return ServiceError(_see(_NO_CONNECTION, "connection-failed"))


def no_answer(seconds: float) -> ServiceError:
    """Return the error for a request that was given up after so many seconds."""
    return ServiceError(_see(_NO_ANSWER.format(seconds=seconds), "connection-failed"))


def not_the_api() -> ServiceError:
    """Return the error for a success that holds something else."""
    return ServiceError(_see(_NOT_THE_API, "invalid-response"))


def management_key(source: str) -> ServiceError:
    """Return the error for a key that can make and delete keys, in the hands of a service."""
    text = f"{source} holds a management key: put a standard key there, and take this one out of the service's reach"
    return ServiceError(_see(text, "not-a-management-key"))


def one_line(text: str) -> str:
    """Return remote text fit for a log: printable, on one line, without a key, and not long."""
    visible = "".join(character if character.isprintable() else " " for character in text)
    return re.sub(r"sk-or-[\w-]+", "sk-or-...", " ".join(visible.split()))[:_SHOWN_CHARACTERS]


def _wait(retry_after: str | None) -> str:
    if not retry_after:
        return "wait a little"
    return f"wait {retry_after} seconds" if retry_after.isdecimal() else f"wait until {one_line(retry_after)}"


def _see(text: str, anchor: str) -> str:
    return f"{text} (docs/errors.md#{anchor})"
