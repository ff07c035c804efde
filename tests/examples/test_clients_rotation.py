"""A rotation by `pulumi up` under both example clients while they run."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from tests.examples.client_makers import MAKERS
from tests.examples.deployed_services import SERVICES, chat_statuses, current_key, variables_for
from tests.examples.example_clients import ANSWER, Client, Conversation
from tests.harness import Stack

pytestmark = pytest.mark.xdist_group("examples")


@dataclass(frozen=True)
class Seen:
    """The statuses of the completions that a running client asked for, each time for one question."""

    within_overlap: list[int]
    after_overlap: list[int]
    after_emergency: list[int]


def available() -> dict[str, Client]:
    """Return the clients that can be run on this machine."""
    clients = {}
    for language, make in MAKERS.items():
        try:
            clients[language] = make()
        except pytest.skip.Exception:
            continue
    return clients


def asked(stack: Stack, conversation: Conversation) -> list[int]:
    """Ask once, for an answer, and return the statuses on the way to it."""
    stack.control.clear_calls()
    assert conversation.ask() == ANSWER
    return chat_statuses(stack)


@pytest.fixture(scope="module")
def seen(deployed: Stack) -> Iterator[dict[str, Seen]]:
    """What the clients saw of one rotation: checkout's with its overlap and that one's end, search's an emergency."""
    with ExitStack() as open_:
        running = {
            language: {
                service: open_.enter_context(client.talking(**variables_for(deployed, deployed.secret_name(service))))
                for service in SERVICES
            }
            for language, client in available().items()
        }
        rotating: dict[str, dict[str, Any]] = {
            "checkout": {"rotateNow": "now"},
            "search": {"rotateNow": "leak", "emergency": True},
        }
        deployed.configure({name: SERVICES[name] | rotating[name] for name in SERVICES})
        deployed.up()
        within = {language: asked(deployed, services["checkout"]) for language, services in running.items()}
        end_overlap(deployed, "checkout")
        yield {
            language: Seen(within[language], asked(deployed, services["checkout"]), asked(deployed, services["search"]))
            for language, services in running.items()
        }


def end_overlap(stack: Stack, service: str) -> None:
    """Delete a service's superseded key, as the first `up` after its overlap does."""
    current = current_key(stack, service)["hash"]
    superseded = [key["hash"] for key in stack.live(service) if key["hash"] != current]
    assert superseded
    for key_hash in superseded:
        stack.control.delete_key(key_hash)


@pytest.mark.parametrize("language", MAKERS)
def test_running_client_survives_a_rotation(seen: dict[str, Seen], language: str) -> None:
    """The old key answers through its overlap; past it the client is refused once, reads its secret, and goes on."""
    if language not in seen:
        pytest.skip(f"the {language} client can't be run here")
    refused = seen[language].after_emergency[0]
    assert refused in (401, 403), "OpenRouter's sources contradict each other about a disabled key"
    assert seen[language] == Seen(within_overlap=[200], after_overlap=[401, 200], after_emergency=[refused, 200])
