"""Which Vault a secret is in, and that only that one's answers are proof."""

import json
from collections.abc import Iterator
from typing import Any

import hvac
import pytest

from openrouter_provider.stores.custody import ask_store
from openrouter_provider.stores.value import Access, SecretUnreadable
from openrouter_provider.stores.vault.access import access_from, here, home, of_run, target_of, with_config
from openrouter_provider.stores.vault.reading import existing, open_client, read
from sandbox.serving import AppServer
from sandbox.vault.app import TOKEN, make_app

OURS, OTHER = "https://vault.example.com:8200", "https://other.example.com:8200"
NOTED: Access = {"address": OURS, "addressFrom": "environment"}
PATH = "acme/dev/checkout/openrouter"
REFERENCE = f"vault:secret/data/{PATH}"
KEY, LABEL = "sk-or-v1-" + "c0ffee" * 10, "sk-or-v1-c0f...ffee"
ANOTHER_LABEL = "sk-or-v1-bbb...cafe"


@pytest.mark.parametrize(
    ("own", "environment", "expected"),
    [
        ({"address": OURS}, {"VAULT_ADDR": OTHER}, {"address": OURS}),
        ({"address": OURS}, {"VAULT_NAMESPACE": "shop"}, {"address": OURS, "namespace": "shop"}),
        ({"address": OURS, "namespace": "a"}, {"VAULT_NAMESPACE": "b"}, {"address": OURS, "namespace": "a"}),
        ({}, {"VAULT_ADDR": OURS}, NOTED),
        ({"namespace": "a"}, {"VAULT_ADDR": OURS}, {**NOTED, "namespace": "a"}),
        ({}, {"VAULT_ADDR": OURS, "VAULT_TOKEN": "t"}, NOTED),
        ({}, {}, {}),
    ],
)
def test_a_provider_s_settings_win_over_the_environment(
    own: Access, environment: dict[str, str], expected: Access
) -> None:
    """An access says which Vault a run goes to, and whether that is by the environment alone; it has no token."""
    assert of_run(own, environment) == expected


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        ({}, ""),
        ({"namespace": "shop"}, ""),
        ({"address": "HTTPS://Vault.example.com:8200/"}, OURS),
        ({"address": "https://me:secret@vault.example.com:8200"}, OURS),
        (NOTED, OURS),
        ({"address": OURS, "namespace": "shop/"}, f"{OURS} (namespace shop)"),
    ],
)
def test_one_vault_has_one_spelling(access: Access, expected: str) -> None:
    """Case, a slash at the end and who says it make no other Vault; a namespace does; no password is told."""
    assert home(access) == expected


@pytest.mark.parametrize(
    ("access", "environment", "expected"),
    [
        ({"address": OURS}, {"VAULT_ADDR": OTHER}, OURS),
        ({"address": OURS}, {}, OURS),
        (NOTED, {"VAULT_ADDR": f"{OURS}/"}, f"{OURS}/"),
        ({}, {"VAULT_ADDR": OTHER}, OTHER),
    ],
)
def test_the_vault_that_was_noted_is_asked(access: Access, environment: dict[str, str], expected: str) -> None:
    """The provider's own address is gone to whatever the environment says; without one, the environment's."""
    assert target_of(access, environment) == expected


@pytest.mark.parametrize(
    ("access", "environment", "why"),
    [
        (
            NOTED,
            {"VAULT_ADDR": OTHER},
            f"stored in the Vault at {OURS}, and VAULT_ADDR is {OTHER}, which was not asked",
        ),
        (NOTED, {}, f"VAULT_ADDR is not set: set it to {OURS}"),
        ({}, {}, "VAULT_ADDR is not set: set it to Vault's address"),
    ],
)
def test_an_environment_s_token_goes_to_the_environment_s_address_alone(
    access: Access, environment: dict[str, str], why: str
) -> None:
    """Where the secret was stored at another one nobody is asked, and the line names both addresses."""
    with pytest.raises(SecretUnreadable, match=why) as caught:
        target_of(access, environment)
    assert not caught.value.gone


CONFIGS = {"address": OURS, "token": "hvs.config"}


@pytest.mark.parametrize(
    ("access", "address", "expected"),
    [
        ({"address": OURS}, OURS, CONFIGS),
        (NOTED, OURS, {**NOTED, **CONFIGS}),
        ({"address": OTHER}, OURS, {"address": OTHER}),
        ({"address": OURS, "namespace": "a"}, OURS, {"address": OURS, "namespace": "a"}),
        ({}, OURS, {**CONFIGS, "unnoted": "true"}),
        ({}, None, {"token": "hvs.config"}),
        ({"address": OTHER}, None, {"address": OTHER}),
    ],
)
def test_the_config_s_token_goes_to_the_config_s_vault_alone(
    access: Access, address: str | None, expected: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret that was stored in another one is asked for without it; one of which nobody knows is asked for there."""
    monkeypatch.setenv("VAULT_ADDR", "https://environment:8200")
    config = {"vault:address": address, "vault:token": "hvs.config"}
    assert with_config(access, config.get) == expected
    assert home(with_config(access, config.get)) == home(access)
    assert "token" not in {**here(config.get), **access_from({"token": "t"}.get)}


@pytest.fixture
def vault() -> Iterator[str]:
    """The address of a Vault that holds the key."""
    with AppServer(make_app()) as server:
        client = hvac.Client(server.url, TOKEN).secrets.kv.v2
        client.create_or_update_secret(PATH, {"OPENROUTER_API_KEY": KEY})
        yield server.url


@pytest.fixture
def empty() -> Iterator[str]:
    """The address of a Vault that has nothing."""
    with AppServer(make_app()) as server:
        yield server.url


def held_in(access: Access) -> Any:
    """Return what is known of the secret that was stored by an access."""
    return ask_store({"store": "vault", "reference": REFERENCE, "access": access})


def test_nothing_in_another_vault_is_no_proof(vault: str, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """That there is no such path counts in the Vault that the secret was stored in, and in no other."""
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    monkeypatch.setenv("VAULT_ADDR", empty)
    noted = {"address": vault, "addressFrom": "environment"}
    for access in ({}, noted):
        held = held_in(access)
        assert (held.is_nothing, held.may_be(LABEL)) == (False, True)
        assert (empty in held.problem, "\n" in held.problem) == (True, False)
        with pytest.raises(SecretUnreadable) as caught:
            existing(REFERENCE, access)
        assert not caught.value.gone
    assert vault in held_in(noted).problem
    assert held_in({"address": vault}).is_of(LABEL)
    assert held_in({"address": empty}).is_nothing
    assert held_in({"address": empty, "addressFrom": "environment"}).is_nothing
    with pytest.raises(SecretUnreadable, match=f"Vault at {empty} has nothing") as caught:
        read(REFERENCE, {"address": empty})
    assert caught.value.gone


def test_another_key_in_a_vault_that_nobody_noted_is_no_proof(vault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older copy of the path may be all that it has: it shows what it holds, and not what it doesn't."""
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    monkeypatch.setenv("VAULT_ADDR", vault)
    held = held_in({})
    assert (held.is_of(LABEL), held.may_be(LABEL), held.may_be(ANOTHER_LABEL)) == (True, True, True)
    assert held_in({"address": vault}).may_be(ANOTHER_LABEL) is False
    assert KEY not in repr(held) + json.dumps(held.problem)


def test_the_namespace_is_the_one_that_was_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's is asked only where nobody noted a Vault."""
    monkeypatch.setenv("VAULT_NAMESPACE", "environments")
    monkeypatch.setenv("VAULT_ADDR", OTHER)
    for access, expected in (
        ({"address": OURS}, None),
        ({"address": OURS, "namespace": "shop"}, "shop"),
        ({}, "environments"),
    ):
        assert open_client(access).adapter.namespace == expected
