"""The services whose keys the example clients use, and what a test asks about them."""

from typing import Any

from openrouter_provider.stores.payload import key_in
from tests.harness import Stack

SERVICES: dict[str, dict[str, Any]] = {
    "checkout": {
        "limit": 50,
        "limitReset": "monthly",
        "appUrl": "https://checkout.example.com",
        "appTitle": "Checkout",
    },
    "search": {"limit": 10, "format": "plain"},
}
AWS_VARIABLES = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")


def variables_for(stack: Stack, secret_id: str) -> dict[str, str]:
    """Return the environment of a service that reads a secret; the endpoint is for the format without one."""
    known = {name: stack.environment[name] for name in (*AWS_VARIABLES, "OPENROUTER_BASE_URL")}
    return known | {"OPENROUTER_SECRET_ID": secret_id}


def current_key(stack: Stack, service: str) -> dict[str, Any]:
    """Return the record of the key that a service's secret holds."""
    value = key_in(stack.secret_text(service))
    hashes = {plaintext: key_hash for key_hash, plaintext in stack.control.secrets()["keys"].items()}
    return next(record for record in stack.live(service) if record["hash"] == hashes[value])


def chat_statuses(stack: Stack) -> list[int]:
    """Return the status of each completion that was asked for."""
    return [call["status"] for call in stack.control.calls("chat")]
