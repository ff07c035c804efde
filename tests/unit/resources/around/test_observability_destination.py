"""A receiver of traces: what each kind wants, what is sent of it, and what a change sends more."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider

from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.keys.tokens import own_type
from openrouter_provider.operations.drift.findings import Change
from openrouter_provider.operations.drift.objects import OBJECTS, change_of_object, object_findings
from openrouter_provider.operations.drift.plan import PlannedResource
from openrouter_provider.resources.around.observability_destination import (
    ObservabilityDestinationProvider,
    of_destination,
)
from sandbox.openrouter import Control
from tests.unit.resource_fixtures import Started

pytest_plugins = ("tests.unit.resource_fixtures",)

Props = dict[str, Any]
Sent = list[tuple[str, str, Props]]
Up = Callable[[ResourceProvider, Props, Props], Props]
CANARY = "vendor-canary-" + "d" * 20
DATADOG: Props = {"name": "traces", "type": "datadog", "settings": {"mlApp": "shop"}, "credentials": {"apiKey": CANARY}}
HOOK: Props = {"name": "traces", "type": "webhook", "settings": {"url": "https://traces.example.com"}}


def failures(started: Started, wish: Props) -> dict[str, str]:
    """Return what is wrong with a destination, by property."""
    found = started(ObservabilityDestinationProvider).check({}, wish).failures
    return {failure.property: failure.reason for failure in found or ()}


@pytest.mark.parametrize(
    ("wish", "wrong", "said"),
    [
        ({**DATADOG, "settings": None}, "settings", "is missing"),
        ({**DATADOG, "credentials": None}, "credentials", "is missing"),
        ({**DATADOG, "credentials": {"headers": {"A": "b"}}}, "credentials", "`apiKey` is missing"),
        (
            {**DATADOG, "settings": {"mlApp": "shop", "apiKey": CANARY}},
            "settings",
            "none of this kind; it has mlApp, url",
        ),
        ({**DATADOG, "settings": [CANARY]}, "settings", "must be an object"),
        ({**DATADOG, "type": "pigeon"}, "type", "must be"),
        ({**HOOK, "credentials": {"headers": {"A": 5}}}, "credentials", "must be an object of texts"),
        ({**HOOK, "filter_rules": {"groups": []}}, "filter_rules", "must not be empty"),
        ({**HOOK, "sampling_rate": 0}, "sampling_rate", "must be a share"),
        ({**HOOK, "credentials_version": "1"}, "credentials_from", "is missing"),
        (
            {**DATADOG, "credentials_from": {"apiKey": "env:DD"}, "credentials_version": "1"},
            "credentials",
            "`apiKey` is read elsewhere too",
        ),
    ],
)
def test_what_a_receiver_lacks_is_said_before_any_call(started: Started, wish: Props, wrong: str, said: str) -> None:
    """By OpenRouter's own names, without a value."""
    found = failures(started, wish)
    assert list(found) == [wrong]
    assert said in found[wrong]
    assert CANARY not in found[wrong]


def test_a_receiver_that_needs_nothing_of_its_own_has_an_empty_config(started: Started) -> None:
    """What is needed differs by kind; an adopted one has it already."""
    assert failures(started, HOOK) == {}
    assert failures(started, {"adopt_id": "d1", "type": "datadog"}) == {}


def test_a_change_sends_its_part_of_the_config_alone(started: Started, up: Up, sent: Sent) -> None:
    """The credential stays with OpenRouter, and goes only where it changed."""
    provider = started(ObservabilityDestinationProvider)
    state = up(provider, {}, DATADOG)
    sent.clear()
    state = up(provider, state, {**DATADOG, "settings": {"mlApp": "bazaar"}})
    state = up(provider, state, {**DATADOG, "settings": {"mlApp": "bazaar"}, "credentials": {"apiKey": CANARY[:-1]}})
    bodies = [body for method, _, body in sent if method == "PATCH"]
    assert bodies == [{"config": {"mlApp": "bazaar"}}, {"config": {"apiKey": CANARY[:-1]}}]


def test_what_openrouter_adds_to_the_config_is_no_drift(started: Started, up: Up, control: Control) -> None:
    """A setting that isn't declared may be anything; a declared one is compared."""
    provider = started(ObservabilityDestinationProvider)
    state = up(provider, {}, DATADOG)
    control.edit_item("destinations", state["id"], config={"url": "https://api.datadoghq.eu"})
    assert provider.read(state["id"], state["outs"]).outs == state["outs"]
    control.edit_item("destinations", state["id"], config={"mlApp": "somebody was here"})
    assert provider.read(state["id"], state["outs"]).outs["settings"] == {"mlApp": "somebody was here"}  # type: ignore[index]


def test_a_role_of_s3_has_its_external_id_as_an_output(started: Started, up: Up) -> None:
    """OpenRouter draws it, and the role's trust policy has to ask for it."""
    settings = {"bucketName": "traces", "authMode": "iam_role", "roleArn": "arn:aws:iam::123456789012:role/traces"}
    provider = started(ObservabilityDestinationProvider)
    state = up(provider, {}, {"name": "traces", "type": "s3", "settings": settings})
    assert state["outs"]["external_id"].startswith("openrouter-")
    assert provider.read(state["id"], state["outs"]).outs == state["outs"]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"enabled": False}, {"enabled": True}, "switched on"),
        ({"privacy_mode": True}, {"privacy_mode": False}, "requests and answers are sent too"),
        ({"sampling_rate": 0.1}, {"sampling_rate": 0.5}, "a larger share of the traces is sent"),
        ({"regions": ["us"]}, {"regions": ["global", "us"]}, "regions allowed: global"),
        ({"api_key_hashes": ["a"]}, {}, "the traces of all keys are sent"),
        ({"filter_rules": {"groups": []}}, {}, "filter_rules changed or removed"),
        ({"broadcast_generation_identity": False}, {"broadcast_generation_identity": True}, "sent too: identity"),
    ],
)
def test_a_change_that_sends_more_is_named(before: Props, after: Props, words: str) -> None:
    """Each way has its words, and the way back has none; the drift check calls it a loosening."""
    assert list(of_destination(before, after)) == [words]
    assert list(of_destination(after, before)) == []
    (name,) = {*before, *after}
    kind = OBJECTS[own_type("ObservabilityDestination")]
    assert change_of_object(kind, name, before, after) is Change.OBJECT_LOOSENED


def test_another_receiver_is_named() -> None:
    """Where the traces go is as much of a change as how many."""
    assert list(of_destination(HOOK, {**HOOK, "settings": {"url": "https://elsewhere.example.com"}})) == [
        "settings of the receiver changed"
    ]


def swapped(control: Control, state: Props, **config: Any) -> None:
    """Put other credentials in by hand."""
    control.edit_item("destinations", state["id"], config=config)


def refreshed(provider: ResourceProvider, state: Props) -> Props:
    """Return the state after a refresh."""
    read = provider.read(state["id"], state["outs"])
    return {"id": state["id"], "outs": read.outs, "inputs": read.inputs}


def test_a_credential_that_was_swapped_is_put_back(started: Started, up: Up, control: Control, sent: Sent) -> None:
    """What OpenRouter shows is another one; the refresh drops it from the state, and the update sends it again."""
    provider = started(ObservabilityDestinationProvider)
    state = up(provider, {}, DATADOG)
    assert refreshed(provider, state)["outs"] == state["outs"]
    swapped(control, state, apiKey="another-canary-" + "y" * 20)
    drifted = refreshed(provider, state)
    assert "credentials" not in drifted["outs"]
    assert "credentials" not in drifted["inputs"]
    sent.clear()
    healed = up(provider, drifted, DATADOG)
    assert [body for _, _, body in sent] == [{"config": {"apiKey": CANARY}}]
    assert healed["outs"] == state["outs"]


def test_a_credential_that_is_in_no_state_is_put_back(
    started: Started, up: Up, control: Control, tmp_path: Path
) -> None:
    """The refresh drops the token, so that the update reads the declared value and sends it again."""
    (tmp_path / "dd.key").write_text(CANARY)
    wish = {**DATADOG, "credentials": None, "credentials_from": {"apiKey": f"file:{tmp_path / 'dd.key'}"}}
    provider = started(ObservabilityDestinationProvider)
    state = up(provider, {}, {**wish, "credentials_version": "1"})
    swapped(control, state, apiKey="another-canary-" + "y" * 20)
    drifted = refreshed(provider, state)
    assert "credentials_version" not in drifted["outs"]
    healed = up(provider, drifted, {**wish, "credentials_version": "1"})
    assert (healed["outs"], CANARY in json.dumps(healed)) == (state["outs"], False)


def test_a_change_of_something_else_does_not_cover_a_swapped_credential(
    started: Started, up: Up, control: Control
) -> None:
    """Its mark stays that of the last write, until a refresh has seen the other one."""
    provider = started(ObservabilityDestinationProvider)
    state = up(provider, {}, DATADOG)
    swapped(control, state, apiKey="another-canary-" + "y" * 20)
    state = up(provider, state, {**DATADOG, "privacy_mode": True})
    assert "credentials" not in refreshed(provider, state)["outs"]


def test_a_state_without_marks_gets_them_by_the_next_update(started: Started, up: Up) -> None:
    """A refresh adds none, so that it stays silent after an upgrade."""
    provider = started(ObservabilityDestinationProvider)
    state = up(provider, {}, DATADOG)
    marks = state["outs"].pop("credential_marks")
    assert refreshed(provider, state)["outs"] == state["outs"]
    assert up(provider, state, {**DATADOG, "privacy_mode": True})["outs"]["credential_marks"] == marks


def test_a_mark_proves_no_guess_of_a_credential(started: Started, up: Up) -> None:
    """It has 16 bits, and equal credentials of two destinations have different ones."""
    provider = started(ObservabilityDestinationProvider)
    marks = [up(provider, {}, {**DATADOG, "name": name})["outs"]["credential_marks"] for name in ("one", "two")]
    assert [{name: len(mark) for name, mark in each.items()} for each in marks] == [{"apiKey": 4}] * 2
    assert marks[0] != marks[1]


def test_changed_credentials_are_an_update_of_the_next_preview(started: Started, up: Up) -> None:
    """Another value, another token and one more credential are; another place of the same one isn't."""
    provider = started(ObservabilityDestinationProvider)
    given = {**DATADOG, "credentials": {"apiKey": CANARY}}
    read: Props = {**DATADOG, "type": "arize", "settings": {"modelId": "shop"}, "credentials": {"spaceKey": CANARY}}
    read |= {"credentials_from": {"apiKey": "env:PATH"}, "credentials_version": "1"}

    def changes(before: Props, **after: Any) -> bool | None:
        state = up(provider, {}, before)
        return provider.diff(state["id"], state["outs"], provider.check({}, {**before, **after}).inputs).changes

    assert changes(given) is False
    assert changes(given, credentials={"apiKey": CANARY[:-1]}) is True
    assert changes(read, credentials_version="2") is True
    assert changes(read, credentials_from={"apiKey": "env:PATH", "headers": "env:PATH"}) is True
    assert changes(read, credentials_from={"apiKey": "env:HOME"}) is False


def test_drift_names_replaced_credentials() -> None:
    """A preview masks them on each side; one that is gone from the world's is another by now, and is critical."""
    kind, secret = own_type("ObservabilityDestination"), {"credentials": "[secret]"}
    resource = PlannedResource("urn", kind, "traces", {**HOOK, **secret}, HOOK, {**HOOK, **secret}, "update")
    (finding,) = object_findings("dev", [resource])
    said = (finding.property, finding.message, finding.severity)
    change = Change.CREDENTIALS_REPLACED
    assert said == ("observability destination.credentials", change.message, change.severity)


def test_headers_are_read_as_an_object(started: Started, up: Up, sent: Sent, tmp_path: Path) -> None:
    """The place has JSON; what is none is refused before the call, without a word of it."""
    place = tmp_path / "headers.json"
    read = {**HOOK, "credentials_from": {"headers": f"file:{place}"}, "credentials_version": "1"}
    provider = started(ObservabilityDestinationProvider)
    for text in (f"Authorization: {CANARY}", json.dumps([CANARY]), json.dumps({"Authorization": 5})):
        place.write_text(text)
        with pytest.raises(ConfigurationError, match=r"credentials_from\.headers file:.* JSON") as caught:
            up(provider, {}, read)
        assert CANARY not in str(caught.value)
    assert {method for method, _, _ in sent} == {"GET"}
    place.write_text(json.dumps({"Authorization": CANARY}))
    up(provider, {}, read)
    assert sent[-1][2]["config"] == {"url": "https://traces.example.com", "headers": {"Authorization": CANARY}}


def test_keys_that_somebody_else_added_send_more() -> None:
    """In a program it may be what a rotation brings; by hand it is a loosening."""
    before, after = {"api_key_hashes": ["a"]}, {"api_key_hashes": ["a", "b"]}
    assert list(of_destination(before, after)) == []
    kind = OBJECTS[own_type("ObservabilityDestination")]
    assert change_of_object(kind, "api_key_hashes", before, after) is Change.OBJECT_LOOSENED
    assert change_of_object(kind, "credentials", {"credentials": "[secret]"}, {}) is Change.CREDENTIALS_REPLACED
