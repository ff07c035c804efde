"""What the program refuses or warns of when a service is to be removed, renamed or kept."""

import pulumi
import pytest

from openrouter_provider import ServiceKey, ServiceKeyArgs
from tests.program.mock_engine import (
    API_KEY,
    COMPONENT,
    GCP_SECRET,
    GCP_VERSION,
    POLICY,
    SECRET,
    SUPERSEDED,
    VAULT_SECRET,
    VERSION,
    Deployment,
    deploy,
    main,
    stack,
)

ASSIGNMENT = "pulumi-python:dynamic/openrouter:GuardrailAssignment"
READER = "arn:aws:iam::123456789012:role/checkout"
HASH = "a" * 64


def protected(deployment: Deployment) -> dict[str, bool]:
    """Return by type whether Pulumi protects the service's resource."""
    return {each.type: each.protect for each in deployment.registered if each.name == "checkout"}


def test_all_but_what_a_rotation_replaces_is_protected() -> None:
    """The key, the secret and its readers are; the version, and what binds the key to a guardrail, are not."""
    wish = {"protect": True, "readers": [READER], "guardrails": ["cheap"]}
    guardrails = {"cheap": {"limit": 1, "limitReset": "daily"}}
    found = protected(deploy(main, stack({"checkout": wish}, guardrails=guardrails)))
    kept = {COMPONENT, API_KEY, SECRET, POLICY, SUPERSEDED}
    assert found == {**dict.fromkeys(kept, True), VERSION: False, ASSIGNMENT: False}


@pytest.mark.parametrize(
    ("store", "wanted"), [("gcp", {GCP_SECRET: True, GCP_VERSION: False}), ("vault", {VAULT_SECRET: True})]
)
def test_so_it_is_in_every_store(store: str, wanted: dict[str, bool]) -> None:
    """Google's version is replaced by a rotation; Vault's value is part of the secret, and is updated."""
    found = protected(deploy(main, stack({"checkout": {"protect": True, "store": store}})))
    assert {type_: found[type_] for type_ in wanted} == wanted


def test_pulumi_s_own_option_does_the_same() -> None:
    """A program that protects a ServiceKey by its options can rotate it all the same."""

    def program() -> None:
        args = ServiceKeyArgs(secret_name="acme/checkout", limit=5)
        ServiceKey("checkout", args, pulumi.ResourceOptions(protect=True))

    found = protected(deploy(program))
    assert (found[SECRET], found[API_KEY], found[VERSION]) == (True, True, False)


def test_a_protected_service_says_so_in_the_output() -> None:
    """The next run reads it there; a service without it has no such field."""
    services = deploy(main, stack({"checkout": {"protect": True}, "search": {}})).outputs["services"]
    assert [services[name].get("protect") for name in ("checkout", "search")] == [True, None]


def test_a_protected_service_may_not_be_left_out() -> None:
    """One line names it and the way on, before anything is declared; a renamed one is not left out."""
    before = {"checkout": {"protect": True, "keyHash": HASH}}
    with pytest.raises(pulumi.RunError, match=r"services.checkout: is protected and may not be removed"):
        deploy(main, stack({"search": {}}), before=before)
    renamed = deploy(main, stack({"shop": {"aliases": ["checkout"]}}), before=before)
    assert renamed.one(COMPONENT, "shop").aliases == ["checkout"]
