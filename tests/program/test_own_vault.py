"""A program's own Vault provider: the resources of its ServiceKey note the Vault that it goes to."""

from collections.abc import Callable
from typing import Any

import pytest
from pulumi import ResourceOptions
from pulumi_vault import Provider

from openrouter_provider import ServiceKey, ServiceKeyArgs
from tests.program.mock_engine import API_KEY, SUPERSEDED, deploy

OURS = "https://vault.example.com:8200"
REFERENCE = "vault:secret/data/shop/openrouter"


def own(**settings: Any) -> Callable[[], None]:
    """Return a program whose ServiceKey has a provider of its own."""

    def program() -> None:
        provider = Provider("own", token="hvs.canary", **settings)
        args = ServiceKeyArgs(secret_name="shop/openrouter", key_name_prefix="shop", limit=1, store="vault")
        ServiceKey("shop", args, ResourceOptions(providers={"vault": provider}))

    return program


@pytest.mark.parametrize(
    ("settings", "access"),
    [
        ({"address": OURS}, {"address": OURS}),
        ({"address": OURS, "namespace": "shop"}, {"address": OURS, "namespace": "shop"}),
        ({}, {"address": "https://environment:8200", "addressFrom": "environment"}),
    ],
)
def test_a_program_s_own_provider_says_which_vault(
    settings: dict[str, str], access: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its address and namespace, or the environment's; never its token, and not the address of the stack's config."""
    monkeypatch.setenv("VAULT_ADDR", "https://environment:8200")
    monkeypatch.delenv("VAULT_NAMESPACE", raising=False)
    deployed = deploy(own(**settings), {"vault:address": "https://config:8200"})
    expected = {"store": "vault", "reference": REFERENCE, "access": access}
    assert deployed.one(API_KEY, "shop").inputs["stored_in"] == expected
    assert deployed.one(SUPERSEDED, "shop").inputs["stored_in"] == expected
