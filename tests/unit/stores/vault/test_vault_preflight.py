"""The look at a path of Vault before it is written for the first time."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hvac
import pytest
from pulumi import ResourceHookArgs

from openrouter_provider.stores.vault.declare import VaultPathTaken, refuse_taken_path
from sandbox.environment import store_variables
from sandbox.serving import AppServer
from sandbox.vault.app import make_app

MARKS = {"ManagedBy": "openrouter-keys", "Environment": "dev", "Service": "checkout", "Team": "shop"}
PATH = "acme/dev/checkout/openrouter"
ABOUT_TO_CREATE = ResourceHookArgs(
    "urn", "", "checkout", "vault:kv/secretV2:SecretV2", {"mount": "secret", "name": PATH}
)


@pytest.fixture
def kv(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The KV engine of a Vault, where the environment points to."""
    with AppServer(make_app()) as server:
        variables = store_variables("vault", server.url, Path())
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield hvac.Client(variables["VAULT_ADDR"], variables["VAULT_TOKEN"]).secrets.kv.v2


@pytest.mark.usefixtures("kv")
def test_a_free_path_is_written() -> None:
    """A path that never had a value is nobody's."""
    refuse_taken_path(ABOUT_TO_CREATE, MARKS)


def test_somebody_s_value_is_not_overwritten(kv: Any) -> None:
    """A path with a value that is not marked as ours fails, with the command that gives it up."""
    kv.create_or_update_secret(PATH, {"password": "hunter2"})
    with pytest.raises(VaultPathTaken, match=f"vault kv metadata delete -mount=secret {PATH}") as caught:
        refuse_taken_path(ABOUT_TO_CREATE, MARKS)
    assert "hunter2" not in str(caught.value)


def test_another_stack_s_value_is_not_overwritten(kv: Any) -> None:
    """A path that the same program wrote for another stack is not this one's."""
    kv.create_or_update_secret(PATH, {"OPENROUTER_API_KEY": "x"})
    kv.update_metadata(PATH, custom_metadata=MARKS | {"Environment": "prod"})
    with pytest.raises(VaultPathTaken):
        refuse_taken_path(ABOUT_TO_CREATE, MARKS)


def test_what_an_interrupted_run_left_is_written_again(kv: Any) -> None:
    """A value with this service's marks is ours: a run was killed before its state was written."""
    kv.create_or_update_secret(PATH, {"OPENROUTER_API_KEY": "x"})
    kv.update_metadata(PATH, custom_metadata=MARKS)
    refuse_taken_path(ABOUT_TO_CREATE, MARKS | {"Team": "renamed"})


def test_a_look_that_fails_is_no_reason_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Vault can't be asked, the provider's own attempt says what is wrong."""
    for name, value in store_variables("vault", "http://127.0.0.1:9", Path()).items():
        monkeypatch.setenv(name, value)
    refuse_taken_path(ABOUT_TO_CREATE, MARKS)


def test_the_look_goes_where_the_write_goes(kv: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider's own Vault is looked into, whatever the environment names."""
    kv.create_or_update_secret(PATH, {"password": "hunter2"})
    ours = os.environ["VAULT_ADDR"]
    monkeypatch.setenv("VAULT_ADDR", "http://127.0.0.1:9")
    refuse_taken_path(ABOUT_TO_CREATE, MARKS)
    with pytest.raises(VaultPathTaken):
        refuse_taken_path(ABOUT_TO_CREATE, MARKS, {"address": ours})
