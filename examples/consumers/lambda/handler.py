"""A function that answers a question; the Python client is deployed beside it."""

import os
from functools import cache
from typing import TypedDict

from openrouter_service import OpenRouterService, SecretsManagerSource


class Event(TypedDict):
    """What the function is invoked with."""

    question: str


@cache
def service() -> OpenRouterService:
    """Return this execution environment's service: it keeps the key between invocations."""
    return OpenRouterService(SecretsManagerSource(os.environ["OPENROUTER_SECRET_ID"]))


def handler(event: Event, _context: object) -> dict[str, str]:
    """Answer; a failure's line becomes the invocation's error."""
    return {"answer": service().ask(event["question"])}
