"""The sections of what surrounds the keys: their references, their credentials, and what they become."""

from typing import Any

import pytest

import openrouter_provider
from openrouter_provider.config.around import SECTIONS
from openrouter_provider.config.plaintext import misplaced_keys, plaintext_credentials
from openrouter_provider.config.problems import StackConfigError
from openrouter_provider.config.sharing.extending import read_base
from openrouter_provider.config.stack import parse_stack_config
from openrouter_provider.host.modules import AROUND

HOOK: dict[str, Any] = {"type": "webhook", "settings": {"url": "https://traces.example.com"}}
CANARY = "vendor-canary-" + "c" * 24


def wrong(**settings: Any) -> dict[str, str]:
    """Return what is wrong with a config of these sections, by path."""
    try:
        parse_stack_config({"services": {"checkout": {"limit": 5}}, **settings}, "acme/dev")
    except StackConfigError as error:
        return {problem.path: problem.what for problem in error.problems}
    return {}


def test_every_resource_around_the_keys_has_a_section() -> None:
    """No file of the one folder is without a file of the other."""
    assert {section.resource for section in SECTIONS} == set(AROUND)
    assert {*AROUND} <= {*openrouter_provider.__all__}


@pytest.mark.parametrize(
    ("settings", "path", "what"),
    [
        ({"members": {"alice": {"userId": "u", "workspace": "paymnts"}}}, "members.alice.workspace", "is no name in"),
        ({"members": {"alice": {"workspace": "payments"}}}, "members.alice.userId", "is missing"),
        ({"members": {"alice": {"userId": "u"}}}, "members.alice.workspace", "is missing"),
        ({"defaultGuardrails": {"all": {"workspace": "payments"}}}, "defaultGuardrails.all.limit", "is missing"),
        ({"defaultGuardrails": {"all": {"limit": 5}}}, "defaultGuardrails.all.limitReset", "is missing"),
        ({"destinations": {"traces": {}}}, "destinations.traces.type", "must be the kind of receiver: arize, "),
        ({"destinations": {"traces": {"type": "webhook"}}}, "destinations.traces.settings", "webhook needs some"),
        (
            {"destinations": {"traces": {"type": "ramp", "credentials": {"apikey": "x"}}}},
            "destinations.traces.credentials",
            "`apiKey` is missing, a name in it is none of this kind; it has apiKey, headers",
        ),
        (
            {"destinations": {"traces": {**HOOK, "allowedServices": ["chekout"]}}},
            "destinations.traces.allowedServices.0",
            "did you mean checkout?",
        ),
        (
            {"destinations": {"traces": {**HOOK, "credentialsFrom": {"headers": "env:A"}}}},
            "destinations.traces.credentialsVersion",
            "is missing",
        ),
        ({"organization": {}}, "organization.filteredModelCatalog", "is missing"),
        ({"organization": []}, "organization", "must be an object"),
        (
            {"organization": {"filteredModelCatalog": True, "workspace": "payments"}},
            "organization.workspace",
            "must be",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_path(settings: dict[str, Any], path: str, what: str) -> None:
    """A name that leads nowhere, and what is missing, before any call."""
    found = wrong(workspaces={"payments": {}}, **settings)
    assert list(found) == [path]
    assert what in found[path]


def test_what_is_right_is_taken() -> None:
    """Each section's own example is a config."""
    assert (
        wrong(workspaces={"payments": {}}, destinations={"traces": HOOK}, organization={"filteredModelCatalog": True})
        == {}
    )


def test_one_object_is_taken_over_once() -> None:
    """Two names for one destination are refused, as for everything that is taken over."""
    adopted = {**HOOK, "adopt": "0df9e665-d932-5740-b2c7-b52af166bc11"}
    found = wrong(destinations={"a": adopted, "b": adopted})
    assert list(found) == ["destinations.b.adopt"]


def test_a_credential_is_refused_in_plaintext_wherever_it_stands(tmp_path: Any) -> None:
    """In the stack's config its path and the command are said, in a shared file that nothing encrypts it."""
    nested = {"apiKey": CANARY, "headers": {"X-Token": CANARY}}
    settings = {"destinations": {"traces": {"type": "arize", "credentials": nested}}}
    found = list(plaintext_credentials(settings, lambda _name: False, ""))
    assert [problem.path for problem in found] == [
        "destinations.traces.credentials.apiKey",
        "destinations.traces.credentials.headers.X-Token",
    ]
    assert "--path 'openrouter-keys:destinations.traces.credentials.apiKey'" in found[0].what
    assert list(plaintext_credentials(settings, lambda _name: True, "")) == []
    (tmp_path / "base.yaml").write_text(f"destinations: {{traces: {{credentials: {{apiKey: {CANARY}}}}}}}", "utf-8")
    base = read_base("base.yaml", tmp_path, ("destinations",))
    assert [problem.path for problem in base.problems] == ["base.yaml: destinations.traces.credentials.apiKey"]
    assert CANARY not in str([*found, *base.problems])


def test_an_openrouter_key_may_be_a_receiver_s_credential_and_nothing_else() -> None:
    """It is in its place there, and misplaced as the name of one."""
    key = "sk-or-v1-" + "a" * 24
    assert list(misplaced_keys({"destinations": {"a": {"credentials": {"headers": {"Authorization": key}}}}})) == []
    assert len(list(misplaced_keys({"destinations": {"a": {"credentials": {key: "x"}, "settings": {"u": key}}}}))) == 2
