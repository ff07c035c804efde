"""A service in each store under Pulumi's mocks: its resources, their order, and what is exported."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

from openrouter_provider import ApiKeyArgs, SecretArgs, ServiceKey, ServiceKeyArgs
from openrouter_provider.stores.gcp import GcpSettings
from openrouter_provider.stores.gcp.declare import destroy_ttl, replication
from openrouter_provider.stores.gcp.labels import label_name, label_value
from openrouter_provider.stores.kubernetes import KubernetesSettings
from openrouter_provider.stores.kubernetes.reading import data_version
from openrouter_provider.stores.kubernetes.spelling import label_value as kubernetes_label
from openrouter_provider.stores.vault.declare import read_policy, version_id
from tests.program.mock_engine import (
    API_KEY,
    COMPONENT,
    GCP_BINDING,
    GCP_SECRET,
    GCP_VERSION,
    KUBERNETES_CONFIG,
    KUBERNETES_SECRET,
    POLICY,
    ROOT,
    SECRET,
    SUPERSEDED,
    VALUE,
    VAULT_POLICY,
    VAULT_SECRET,
    VERSION,
    Deployment,
    deploy,
    main,
    stack,
)

MEMBER = "serviceAccount:checkout@acme.iam.gserviceaccount.com"
KMS_KEY = "projects/acme-prod/locations/europe-west1/keyRings/ours/cryptoKeys/openrouter"
WISHES: Mapping[str, dict[str, Any]] = {
    "aws": {"readers": ["arn:aws:iam::123456789012:role/checkout"]},
    "gcp": {"store": "gcp", "readers": [MEMBER], "tags": {"team": "shop"}, "rotation": {"every": "30d"}},
    "vault": {"store": "vault", "vault": {"mount": "kv/team", "policy": "checkout-key"}, "tags": {"Team": "shop"}},
    "kubernetes": {
        "store": "kubernetes",
        "kubernetes": {"namespace": "shop", "annotations": {"acme.com/owner": "shop"}},
        "tags": {"acme.com/team": "shop"},
        "appTitle": "Shop",
    },
}
RESOURCES = {
    "aws": [SECRET, VERSION, POLICY],
    "gcp": [GCP_SECRET, GCP_VERSION, GCP_BINDING],
    "vault": [VAULT_SECRET, VAULT_POLICY],
    "kubernetes": [KUBERNETES_SECRET],
}
VALUES = {"aws": VERSION, "gcp": GCP_VERSION, "vault": VAULT_SECRET, "kubernetes": KUBERNETES_SECRET}


@pytest.fixture(scope="module", params=list(WISHES))
def store(request: pytest.FixtureRequest) -> str:
    """Each store in turn."""
    return str(request.param)


@pytest.fixture(scope="module")
def deployed(store: str) -> Deployment:
    """Deploy one service whose store has everything."""
    return deploy(main, {**stack({"checkout": WISHES[store]}), **KUBERNETES_CONFIG})


def test_a_service_has_its_store_s_resources_alone(deployed: Deployment, store: str) -> None:
    """Key, superseded keys and the store's own resources are the component's children, named after the service."""
    children = [each for each in deployed.registered if each.parent == f"{COMPONENT}::checkout"]
    assert sorted(each.type for each in children) == sorted([API_KEY, SUPERSEDED, *RESOURCES[store]])
    assert {each.name for each in children} == {"checkout"}


def test_superseded_keys_wait_for_the_stored_value(deployed: Deployment, store: str) -> None:
    """In every store the retirement of keys depends on what holds the value, by a version that changes with it."""
    superseded = deployed.one(SUPERSEDED)
    assert f"{VALUES[store]}::checkout" in superseded.depends_on
    assert superseded.inputs["version"]


def test_the_secret_goes_before_its_key(deployed: Deployment, store: str) -> None:
    """Deletion runs against dependencies: the secret and its value depend on the key."""
    for type_ in (RESOURCES[store][0], VALUES[store]):
        assert f"{API_KEY}::checkout" in deployed.one(type_).depends_on


def test_the_output_names_the_secret_and_never_the_value(deployed: Deployment, store: str) -> None:
    """The reference begins with the store's scheme; AWS's output is what it always was."""
    exported = deployed.outputs["services"]["checkout"]
    assert VALUE not in json.dumps(deployed.outputs)
    assert exported.get("store") == (None if store == "aws" else store)
    reference = exported["secretArn"] if store == "aws" else exported["secretReference"]
    assert reference.partition(":")[0] == {"aws": "arn"}.get(store, store)


def test_google_s_secret_has_labels_a_delayed_destruction_and_readers() -> None:
    """Tags become labels, a superseded version can be brought back for the overlap, exactly the members may read."""
    deployed = deploy(main, stack({"checkout": WISHES["gcp"]}))
    assert deployed.one(GCP_SECRET).inputs == {
        "secretId": "acme-dev-checkout-openrouter",
        "replication": {"auto": {}},
        "labels": {"managed-by": "openrouter-keys", "environment": "dev", "service": "checkout", "team": "shop"},
        "versionDestroyTtl": "604800s",
    }
    version = deployed.one(GCP_VERSION).inputs
    assert version["secret"] == "projects/sandbox/secrets/acme-dev-checkout-openrouter"
    assert json.loads(version["secretData"])["OPENROUTER_API_KEY"] == VALUE
    binding = deployed.one(GCP_BINDING).inputs
    assert (binding["role"], binding["members"]) == ("roles/secretmanager.secretAccessor", [MEMBER])


def test_vault_s_path_has_fields_marks_and_a_policy() -> None:
    """The value is an object of fields, the tags are custom metadata, and the policy reads this path alone."""
    deployed = deploy(main, stack({"checkout": WISHES["vault"]}))
    inputs = deployed.one(VAULT_SECRET).inputs
    assert json.loads(inputs.pop("dataJson"))["OPENROUTER_API_KEY"] == VALUE
    marks = {"ManagedBy": "openrouter-keys", "Environment": "dev", "Service": "checkout", "Team": "shop"}
    assert inputs == {
        "mount": "kv/team",
        "name": "acme/dev/checkout/openrouter",
        "customMetadata": {"data": marks},
        "deleteAllVersions": True,
    }
    assert deployed.one(VAULT_POLICY).inputs == {
        "name": "checkout-key",
        "policy": 'path "kv/team/data/acme/dev/checkout/openrouter" {\n  capabilities = ["read"]\n}\n',
    }


def test_kubernetes_secret_has_a_key_for_each_variable() -> None:
    """`envFrom` finds the variables by name; labels and annotations are the tags, the wish's own, and the store's."""
    deployed = deploy(main, {**stack({"checkout": WISHES["kubernetes"]}), **KUBERNETES_CONFIG})
    inputs = deployed.one(KUBERNETES_SECRET).inputs
    data = {name: base64.b64decode(value).decode() for name, value in inputs["data"].items()}
    assert {name: data[name] for name in ("OPENROUTER_API_KEY", "OPENROUTER_APP_TITLE")} == {
        "OPENROUTER_API_KEY": VALUE,
        "OPENROUTER_APP_TITLE": "Shop",
    }
    assert inputs["type"] == "Opaque"
    tags = {"ManagedBy": "openrouter-keys", "Environment": "dev", "Service": "checkout", "acme.com/team": "shop"}
    assert inputs["metadata"] == {
        "name": "acme-dev-checkout-openrouter",
        "namespace": "shop",
        "labels": tags,
        "annotations": {
            "acme.com/owner": "shop",
            "pulumi.com/patchForce": "true",
            "openrouter-keys/context": "prod",
            "openrouter-keys/version": " ".join([data_version(data), *sorted(data)]),
        },
    }
    exported = deployed.outputs["services"]["checkout"]
    assert exported["secretReference"] == "kubernetes:shop/acme-dev-checkout-openrouter@prod"
    superseded = deployed.one(SUPERSEDED).inputs
    assert superseded["version"] == data_version(data)
    expected = {"store": "kubernetes", "reference": exported["secretReference"]}
    assert superseded["stored_in"] == deployed.one(API_KEY).inputs["stored_in"] == expected


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({}, ["kubernetes:context", "kubernetes:enableSecretMutable"]),
        ({"enableSecretMutable": "false"}, ["kubernetes:context", "kubernetes:enableSecretMutable"]),
        ({"context": "prod", "enableSecretMutable": "True"}, ["kubernetes:enableSecretMutable"]),
        ({"context": "prod", "enableSecretMutable": "true", "kubeconfig": "x"}, ["kubernetes:kubeconfig"]),
        ({"context": "prod", "enableSecretMutable": "true", "cluster": "x"}, ["kubernetes:cluster"]),
        ({"context": "a", "enableSecretMutable": "true", "upsertExistingObjects": "true"}, ["upsertExistingObjects"]),
        ({"context": "a", "enableSecretMutable": "true", "renderYamlToDirectory": "x"}, ["renderYamlToDirectory"]),
    ],
)
def test_settings_of_kubernetes_that_would_lose_or_show_a_value_are_refused(
    config: dict[str, str], named: list[str]
) -> None:
    """Before anything is declared, each is named with the fix; the component refuses them outside the program too."""
    settings = {f"kubernetes:{name}": value for name, value in config.items()}
    with pytest.raises(pulumi.RunError) as caught:
        deploy(main, {**stack({"checkout": WISHES["kubernetes"]}), **settings})
    assert all(name in str(caught.value) for name in named)
    assert len(str(caught.value).splitlines()) == 1 + len(named)

    def program() -> None:
        own = KubernetesSettings(namespace="shop")
        wish = SecretArgs(secret_name="shop", store="kubernetes", store_settings=own)
        ServiceKey("shop", ServiceKeyArgs(key=ApiKeyArgs(name_prefix="shop", limit=1), secret=wish))

    with pytest.raises(pulumi.RunError) as caught:
        deploy(program, settings)
    assert len(str(caught.value).splitlines()) == len(named)


def test_a_program_s_own_provider_of_kubernetes_is_refused() -> None:
    """What reads the secret later could not tell which cluster it means."""

    def program() -> None:
        own = KubernetesSettings(namespace="shop")
        wish = SecretArgs(secret_name="shop", store="kubernetes", store_settings=own)
        arguments = ServiceKeyArgs(key=ApiKeyArgs(name_prefix="shop", limit=1), secret=wish)
        provider = kubernetes.Provider("elsewhere", context="elsewhere")
        ServiceKey("shop", arguments, pulumi.ResourceOptions(providers={"kubernetes": provider}))

    with pytest.raises(pulumi.RunError, match="gives the service a kubernetes"):
        deploy(program, KUBERNETES_CONFIG)


@pytest.mark.parametrize("name", ["gcp", "vault"])
def test_readers_are_the_store_s_own_matter_where_none_are_named(name: str) -> None:
    """Without readers, or a policy's name, nothing is declared of access."""
    types = {each.type for each in deploy(main, stack({"checkout": {"store": name}})).registered}
    assert not types & {GCP_BINDING, VAULT_POLICY}


def test_a_stack_s_store_is_its_defaults_and_a_service_may_have_another() -> None:
    """Each service is in its own store, and the defaults of other stores don't reach it."""
    defaults = {"limit": 5, "store": "vault", "vault": {"mount": "kv"}, "kmsKeyId": "alias/ours"}
    services: dict[str, Any] = {"a": {}, "b": {"store": "aws"}, "c": {"store": "gcp"}}
    deployed = deploy(main, stack(services, defaults=defaults))
    assert deployed.one(VAULT_SECRET, "a").inputs["mount"] == "kv"
    assert deployed.one(SECRET, "b").inputs["kmsKeyId"] == "alias/ours"
    assert deployed.one(GCP_SECRET, "c").inputs["secretId"] == "acme-dev-c-openrouter"


def test_the_component_refuses_what_its_store_has_not() -> None:
    """Outside the program, too, a wish that a store can't fulfil is an error and not ignored."""

    def program() -> None:
        wish = ServiceKeyArgs(secret_name="a/b", key_name_prefix="a", limit=1, store="vault", readers=["somebody"])
        ServiceKey("shop", wish)

    with pytest.raises(Exception, match="a/b: readers have no meaning in store vault"):
        deploy(program)


def test_the_component_refuses_the_settings_of_another_store() -> None:
    """What only one store has is an error in a wish for another one."""
    own = GcpSettings(project="acme-prod")

    def program() -> None:
        wish = ServiceKeyArgs(secret_name="a/b", key_name_prefix="a", limit=1, store="vault", store_settings=own)
        ServiceKey("shop", wish)

    with pytest.raises(Exception, match="a/b: gcp is a setting of store gcp, and this service's store is vault"):
        deploy(program)


def test_the_example_of_the_page_on_stores_is_a_program() -> None:
    """What docs/stores.md shows for a program of one's own stores a key in the engine that it names."""
    page = (ROOT / "docs" / "stores.md").read_text(encoding="utf-8")
    example = page.partition("```python\n")[2].partition("```")[0]
    deployed = deploy(lambda: exec(example, {}))  # noqa: S102 - the page's own example
    assert deployed.one(VAULT_SECRET, "shop").inputs["mount"] == "kv"


def test_names_of_stores_that_do_not_exist_are_config_errors() -> None:
    """A store that nobody has written yet is named by its path, with those that exist."""
    with pytest.raises(pulumi.RunError, match=r"services\.a\.store: must be 'aws', 'gcp', 'vault' or 'kubernetes'"):
        deploy(main, stack({"a": {"store": "azure"}}))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (GcpSettings(), {"auto": {}}),
        (
            GcpSettings(kms_key_name=KMS_KEY),
            {"auto": {"customer_managed_encryption": {"kms_key_name": KMS_KEY}}},
        ),
        (
            GcpSettings(locations=("europe-west1", "us-east1")),
            {"user_managed": {"replicas": [{"location": "europe-west1"}, {"location": "us-east1"}]}},
        ),
    ],
)
def test_replication_is_google_s_choice_or_these_locations(settings: GcpSettings, expected: dict[str, Any]) -> None:
    """Without locations Google replicates where it likes; a key of one's own is named once a replica."""
    assert replication(settings) == expected


@pytest.mark.parametrize(("overlap", "seconds"), [("7d", "604800s"), ("1h", "86400s"), ("36h", "129600s")])
def test_a_superseded_version_can_be_brought_back_through_the_overlap(overlap: str, seconds: str) -> None:
    """The destruction waits as long as the superseded key lives, at least the API's 24 hours."""
    assert destroy_ttl(overlap) == seconds


@pytest.mark.parametrize(("text", "label"), [("Shop.v2", "shop-v2"), ("x" * 70, "x" * 63), ("a_b-1", "a_b-1")])
def test_any_name_becomes_a_label(text: str, label: str) -> None:
    """A service's name always makes a label that Google takes."""
    assert label_value(text) == label
    assert label_name("ManagedBy") == "managed-by"


@pytest.mark.parametrize(("text", "label"), [("Shop (v2)", "Shop--v2"), ("-x-", "x"), ("y" * 70, "y" * 63), ("é", "")])
def test_any_name_becomes_a_label_of_kubernetes(text: str, label: str) -> None:
    """A value begins and ends with a letter or a digit, or is empty."""
    assert kubernetes_label(text) == label


def test_every_write_to_vault_is_another_version() -> None:
    """The version that superseded keys wait for changes with each write, and is known before the first."""
    assert version_id("kv/data/a", {"version": "2"}) != version_id("kv/data/a", {"version": "3"})
    assert version_id("kv/data/a", None) == "kv/data/a|None"


def test_a_policy_s_path_is_quoted() -> None:
    """What a path may hold can't end the policy's text early."""
    assert read_policy("kv", 'a"b').startswith('path "kv/data/a\\"b"')
