"""A service whose secret is copied into a cluster, under Pulumi's mocks."""

from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

from openrouter_provider import ApiKeyArgs, SecretArgs, ServiceKey, ServiceKeyArgs
from openrouter_provider.stores.external import ExternalSecretSettings
from openrouter_provider.stores.external.place import EXTERNAL_SECRET_TYPE
from tests.program.mock_engine import COMPONENT, SECRET, VERSION, deploy, main, stack

COPY: dict[str, Any] = {"namespace": "shop", "clusterSecretStore": "aws"}
OWN = ExternalSecretSettings(namespace="shop", secret_store="aws", name="key")
CONTEXT = {"kubernetes:context": "prod"}
AS_IT_IS = {"conversionStrategy": "Default", "decodingStrategy": "None", "metadataPolicy": "None"}


def service(wish: SecretArgs, opts: pulumi.ResourceOptions | None = None) -> ServiceKey:
    """Declare one service of a program's own."""
    return ServiceKey("shop", ServiceKeyArgs(key=ApiKeyArgs(name_prefix="shop", limit=1), secret=wish), opts)


def test_a_config_s_copy_is_declared_beside_the_secret() -> None:
    """It is in the component, waits for the secret and its value, and is marked as the service's."""
    deployed = deploy(main, {**stack({"checkout": {"externalSecret": COPY}}), **CONTEXT})
    copy = deployed.one(EXTERNAL_SECRET_TYPE)
    assert copy.parent == f"{COMPONENT}::checkout"
    assert {f"{SECRET}::checkout", f"{VERSION}::checkout"} <= set(copy.depends_on)
    metadata = copy.inputs["metadata"]
    assert (metadata["namespace"], metadata["name"]) == ("shop", "acme-dev-checkout-openrouter")
    assert metadata["labels"] == {"ManagedBy": "openrouter-keys", "Environment": "dev", "Service": "checkout"}
    assert set(metadata["annotations"]) == {"openrouter-keys/version", "pulumi.com/patchForce"}
    assert copy.inputs["spec"] == {
        "refreshInterval": "1h",
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": "aws"},
        "target": {"name": "acme-dev-checkout-openrouter", "creationPolicy": "Owner", "deletionPolicy": "Retain"},
        "dataFrom": [{"extract": {"key": "acme/dev/checkout/openrouter", **AS_IT_IS}}],
    }


@pytest.mark.parametrize("late", [False, True])
def test_a_service_s_own_mark_counts(late: bool) -> None:
    """A moved service's Environment is written out as its tag; other tags stay with the secret."""
    tags = {"Environment": "prod 1", "Owner": "Any text, which a label can't be"}

    def program() -> None:
        given: Any = pulumi.Output.from_input(tags) if late else tags
        service(SecretArgs(secret_name="shop/key", external_secret=OWN, environment="dev", tags=given))

    labels = deploy(program, CONTEXT).one(EXTERNAL_SECRET_TYPE, "shop").inputs["metadata"]["labels"]
    assert labels == {"ManagedBy": "openrouter-keys", "Environment": "prod-1", "Service": "shop"}


@pytest.mark.parametrize("late", [False, True])
def test_a_plain_secret_is_one_entry(late: bool) -> None:
    """A secret in format plain has no fields to extract; so it is too where the format comes as an output."""

    def program() -> None:
        given: Any = pulumi.Output.from_input("plain") if late else "plain"
        service(SecretArgs(secret_name="shop/key", external_secret=OWN, format=given))

    spec = deploy(program, CONTEXT).one(EXTERNAL_SECRET_TYPE, "shop").inputs["spec"]
    assert spec["data"] == [{"secretKey": "OPENROUTER_API_KEY", "remoteRef": {"key": "shop/key", **AS_IT_IS}}]
    assert "dataFrom" not in spec
    assert (spec["secretStoreRef"]["kind"], spec["target"]["name"]) == ("SecretStore", "key")


def test_a_program_s_own_cluster_needs_no_settings() -> None:
    """A kubernetes.Provider of the program says where the copy goes; store_resource finds the object."""
    found: list[kubernetes.apiextensions.CustomResource] = []

    def program() -> None:
        provider = kubernetes.Provider("elsewhere", context="elsewhere")
        opts = pulumi.ResourceOptions(providers={"kubernetes": provider})
        own = service(SecretArgs(secret_name="shop/key", external_secret=OWN), opts)
        found.append(own.store_resource(kubernetes.apiextensions.CustomResource))

    deployed = deploy(program)
    assert deployed.one(EXTERNAL_SECRET_TYPE, "shop")
    assert len(found) == 1


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({}, "kubernetes:context:? is missing"),
        (
            {**CONTEXT, "kubernetes:upsertExistingObjects": "true"},
            "kubernetes:upsertExistingObjects:? must not be true",
        ),
    ],
)
def test_an_unsettled_cluster_is_refused(config: dict[str, str], words: str) -> None:
    """Nothing but the component is registered before the settings are known to lead to one cluster."""

    def program() -> None:
        service(SecretArgs(secret_name="shop/key", external_secret=OWN))

    with pytest.raises(pulumi.RunError, match=words):
        deploy(program, config)
    with pytest.raises(pulumi.RunError, match=words):
        deploy(main, {**stack({"checkout": {"externalSecret": COPY}}), **config})


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"external_secret": ExternalSecretSettings(namespace="shop")}, "externalSecret.secretStore is one of two"),
        ({"external_secret": OWN, "store": "kubernetes"}, "externalSecret has no meaning in store kubernetes"),
        ({"external_secret": {"namespace": "shop"}}, "external_secret must be ExternalSecretSettings"),
    ],
)
def test_a_program_s_wrong_wish_is_refused(wish: dict[str, Any], words: str) -> None:
    """As the config's, in the words of the arguments."""

    def program() -> None:
        service(SecretArgs(secret_name="shop-key", **wish))

    with pytest.raises(pulumi.RunError, match=words):
        deploy(program, CONTEXT)
