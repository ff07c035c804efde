"""Recordings of OpenRouter, replayed against the client and the simulator; `make acceptance` makes one."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import ResponseError
from sandbox.openrouter import Control
from sandbox.openrouter.client import NO_TLS
from tests.cassette import Cassette
from tests.conversation import ONE_TRY, converse
from tests.recording import record
from tests.replay import Player, differences

NOW = datetime.now(UTC).replace(microsecond=0)
RECORDED = sorted((Path(__file__).parent / "cassettes").glob("*.json"))
PRIVATE = ("jane@example.com", "acme/prod/checkout-1a2b3c4", "org_private", "user_private")


def simulated(control: Control, now: datetime = NOW) -> Cassette:
    """Record the conversation with the simulator."""
    network = httpx.HTTPTransport(verify=NO_TLS, trust_env=False)
    return record(control.management_key, control.url, network, now)


def replay(cassette: Cassette) -> Player:
    """Hold the conversation with a recording."""
    player = Player(cassette, "sk-or-v1-replay")
    now = datetime.fromisoformat(cassette.recorded_at)
    with ManagementClient("sk-or-v1-replay", transport=player, policy=ONE_TRY, clock=lambda: now) as client:
        converse(client, now)
    return player


@pytest.mark.parametrize("path", RECORDED, ids=[path.stem for path in RECORDED])
def test_the_client_understands_what_was_recorded(path: Path) -> None:
    """Each answer of the recording is read, and the client asks for exactly what was asked for then."""
    assert replay(Cassette.read(path)).played


@pytest.mark.parametrize("path", RECORDED, ids=[path.stem for path in RECORDED])
def test_the_simulator_answers_as_was_recorded(path: Path, control: Control) -> None:
    """Status, fields and kinds of values are the same, exchange by exchange."""
    assert differences(Cassette.read(path), simulated(control)) == []


def test_a_recording_of_the_simulator_is_replayed(control: Control, tmp_path: Path) -> None:
    """Written, read and replayed, the client is satisfied; a second recording shows no difference."""
    simulated(control).write(tmp_path / "cassettes" / "one.json")
    made = Cassette.read(tmp_path / "cassettes" / "one.json")
    assert replay(made).played
    assert len(made.exchanges) > 30
    assert differences(made, simulated(control)) == []


@pytest.mark.parametrize(
    "mode",
    [
        {"over_limit_status": 403, "disabled_key_status": 401, "standard_key_status": 401},
        {"timestamp_style": "fractional", "expiry_early_seconds": 2, "respelled": ["names", "numbers", "lists"]},
        {"workspace_budgets": "not_found", "unknown_assignee": "refused"},
        {"workspace_budgets": "forbidden"},
        {"short_pages": 1},
    ],
)
def test_the_client_understands_every_mode(control: Control, mode: dict[str, object]) -> None:
    """Whatever the real API turns out to do of these, a recording of it can be replayed."""
    control.configure(**mode)
    assert replay(simulated(control)).played


def test_another_answer_is_a_difference(control: Control) -> None:
    """A status, a field or a kind of value that the simulator has otherwise is named with its exchange."""
    made = simulated(control)
    first, *others = made.exchanges
    strange = {**first.answer["data"], "label": 5, "invented": True}
    changed = replace(first, answer={"data": strange})
    refused = replace(others[1], status=418)
    real = Cassette(made.recorded_at, [changed, others[0], refused, *others[2:]])
    assert differences(real, made) == [
        "0: GET /key: answer.data.invented is only recorded",
        "0: GET /key: answer.data.label is number as recorded, and str as simulated",
        "2: POST /keys: recorded 418, simulated 201",
    ]


def test_nothing_of_the_account_is_in_a_recording(control: Control, tmp_path: Path) -> None:
    """No credential, hash, id, label, name or sum of the account, nor a row of another key, is written."""
    control.configure(total_credits=12345)
    other, _ = control.create_key(name=PRIVATE[1], creator_user_id=PRIVATE[3], limit=77)
    made = simulated(control)
    (listing,) = [each for each in made.exchanges if (each.method, each.path) == ("GET", "/keys")]
    assert len(listing.answer["data"]) == 1
    made.write(tmp_path / "one.json")
    text = (tmp_path / "one.json").read_text()
    own = (other["hash"], other["label"], control.account_id, control.default_workspace_id)
    assert not [secret for secret in (*control.all_secrets(), *own, *PRIVATE, "12345") if secret in text]


def test_what_an_error_tells_of_people_is_redacted() -> None:
    """Ids, addresses and keys in words, and in fields that nobody foresaw, are replaced; the words stay."""
    body = {
        "error": {"code": 400, "message": f"Key of {PRIVATE[3]} ({PRIVATE[0]}) is over {'ab' * 32} sk-or-v1-abc"},
        "user_id": PRIVATE[3],
        "contact": PRIVATE[0],
        "title": "Jane's Laptop",
    }
    network = httpx.MockTransport(lambda _request: httpx.Response(400, json=body))
    kept: list[Cassette] = []
    with pytest.raises(ResponseError):
        record("sk-or-v1-mine", "http://127.0.0.1:1/api/v1", network, NOW, kept.append)
    told = json.dumps(kept[0].exchanges[0].answer)
    assert "Key of text-" in told
    assert not [each for each in (*PRIVATE, "ab" * 32, "sk-or-v1-abc", "Jane") if each in told]
