"""Stacks that an earlier release deployed: this tree finds nothing to change in them, and goes on with them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from openrouter_provider.keys.schedule import format_instant, parse_instant
from sandbox.lifecycle import Sandbox
from tests.harness import PLAINTEXT, Stack
from tests.old_states.fixtures import FIXTURES, bring_back
from tests.old_states.google import google_of
from tests.old_states.vault import vault_of

NOTHING_CHANGES: tuple[tuple[str, ...], ...] = (
    ("preview", "--refresh", "--expect-no-changes", "--diff"),
    ("up", "--yes", "--skip-preview", "--expect-no-changes"),
)
RELEASES = sorted(path.name for path in FIXTURES.glob("stack-*"))


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox of the test's own with every store: an old stack keeps its names."""
    with Sandbox(tmp_path / "sandbox") as sandbox:
        for store in ("gcp", "vault"):
            sandbox.open_store(store)
        yield sandbox


@pytest.mark.parametrize("release", RELEASES)
def test_services_of_an_earlier_release_go_on(release: str, stores: Sandbox, tmp_path: Path) -> None:
    """Nothing changes at that instant; later the one due service rotates and no other; destroy leaves nothing."""
    stack = bring_back(FIXTURES / release / "services", tmp_path / "project", stores)
    assert_unchanged(stack)
    before, hashes = current(stack), living(stack)
    move(stack, days=19)
    stack.up()
    after = current(stack)
    assert {service for service in before if before[service] != after[service]} == {"monthly"}
    ended = {"by-default", "bound", "google", "vault", "leaked"}
    assert {name for name, count in living(stack).items() if count < hashes[name]} == ended
    assert all(stack.accepted(text) == (service != "off") for service, text in aws_texts(stack).items())
    assert not stack.drifted()
    stack.destroy()
    assert [stack.control.keys(), stack.control.guardrails(), stack.control.byok_keys()] == [[], [], []]
    assert [each["id"] for each in stack.control.workspaces()] == [stack.control.default_workspace_id]
    assert stack.aws().list_secrets()["SecretList"] == []
    with google_of(stack) as google:
        assert google.get("/secrets").json() == {"secrets": []}
    left = ("secret/metadata/acme/old/vault/openrouter", "sys/policies/acl/vault-openrouter")
    assert [vault_of(stack).read(path) for path in left] == [None, None]


@pytest.mark.parametrize("release", RELEASES)
def test_a_library_s_keys_of_an_earlier_release_go_on(release: str, stores: Sandbox, tmp_path: Path) -> None:
    """Nothing changes at that instant; later the one due key rotates and no other; destroy leaves nothing."""
    stack = bring_back(FIXTURES / release / "library", tmp_path / "project", stores)
    assert_unchanged(stack)
    before = stack.resources("ApiKey")
    move(stack, days=31)
    stack.up()
    after = stack.resources("ApiKey")
    assert {name for name in before if before[name]["outputs"]["hash"] != after[name]["outputs"]["hash"]} == {"drawn"}
    stack.destroy()
    assert stack.control.keys() == []


def assert_unchanged(stack: Stack) -> None:
    """No command finds anything to change, none writes to OpenRouter, and the state holds no value in the clear."""
    stack.control.clear_calls()
    for arguments in NOTHING_CHANGES:
        stack.pulumi(*arguments)
    assert [call for call in stack.control.calls() if call["method"] != "GET"] == []
    assert not PLAINTEXT.search(stack.pulumi("stack", "export").stdout)


def move(stack: Stack, *, days: int) -> None:
    """Let days pass, for the commands and for the API."""
    assert stack.now
    stack.now = format_instant(parse_instant(stack.now) + timedelta(days=days))
    stack.control.configure(now=stack.now)


def current(stack: Stack) -> dict[str, str]:
    """Return each service's key."""
    return {name: service["keyHash"] for name, service in stack.services().items()}


def living(stack: Stack) -> dict[str, int]:
    """Return how many keys each service has on OpenRouter."""
    services: dict[str, Any] = stack.services()
    return {name: len(stack.live(name)) for name in services}


def aws_texts(stack: Stack) -> dict[str, str]:
    """Return what each service whose secret is in AWS would read."""
    versions = stack.resources("SecretVersion")
    ours = {name: each["outputs"] for name, each in versions.items() if "arn" in each["outputs"]}
    return {name: stack.aws().get_secret_value(SecretId=each["arn"])["SecretString"] for name, each in ours.items()}
