"""Records what real OpenRouter answers, redacted, for the conformance tests to replay."""

import os
from datetime import UTC, datetime
from pathlib import Path

import httpx

from openrouter_provider.api.client import DEFAULT_BASE_URL
from tests.recording import record

CASSETTES = Path(__file__).parent.parent / "sandbox" / "cassettes"


def test_a_conversation_is_recorded() -> None:
    """One life of a key and a guardrail, and the refusals between, are written to tests/sandbox/cassettes."""
    now = datetime.now(UTC).replace(microsecond=0)
    key = os.environ["OPENROUTER_MANAGEMENT_KEY"]
    base_url = os.environ.get("OPENROUTER_BASE_URL") or DEFAULT_BASE_URL
    path = CASSETTES / f"openrouter-{now:%Y-%m-%d}.json"
    record(key, base_url, httpx.HTTPTransport(), now, lambda made: made.write(path))
