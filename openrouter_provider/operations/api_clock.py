"""How far this machine's clock is from the API's."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from ..api.credentials import is_loopback
from .doctor_ground import NETWORK_SECONDS


def ask_for_the_time(url: str, transport: httpx.BaseTransport | None = None) -> httpx.Response:
    """Ask for the key in use without a credential: every OpenRouter refuses that in JSON, with its time.

    Raises:
        HTTPError: it does not answer.
        OSError: it can't be reached.
    """
    parsed = httpx.URL(url)
    proxied = parsed.scheme == "https" and not is_loopback(parsed.host)
    with httpx.Client(transport=transport, timeout=NETWORK_SECONDS, trust_env=proxied) as client:
        return client.get(f"{url}/key")


def ahead_of(answer: httpx.Response, now: datetime) -> timedelta | None:
    """Return how far a moment is ahead of an answer's date, None where the answer has none."""
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return now - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))
