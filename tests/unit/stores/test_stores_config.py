"""What is wrong with a service's wish for its store."""

from typing import Any

import pytest

from openrouter_provider.config.problems import StackConfigError
from openrouter_provider.config.stack import parse_stack_config
from openrouter_provider.stores.gcp import GcpSettings
from openrouter_provider.stores.refusals import default_secret_name, store_problems
from openrouter_provider.stores.vault import VaultSettings

ARN = "arn:aws:iam::123456789012:role/checkout"
MEMBER = "serviceAccount:checkout@acme.iam.gserviceaccount.com"
KMS_KEY = "projects/acme-prod/locations/europe-west1/keyRings/ours/cryptoKeys/openrouter"
GCP: dict[str, Any] = {"store": "gcp"}
VAULT: dict[str, Any] = {"store": "vault"}
KUBERNETES: dict[str, Any] = {"store": "kubernetes", "kubernetes": {"namespace": "shop"}}
COPY: dict[str, Any] = {"namespace": "shop", "clusterSecretStore": "aws"}
LATE = "externalSecret.refreshInterval"


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"readers": [ARN], "kmsKeyId": "alias/a", "recoveryWindowInDays": 7}, []),
        ({"readers": [ARN, MEMBER, 5]}, ["readers.1", "readers.2"]),
        ({"gcp": {"project": "acme-prod"}}, ["gcp"]),
        ({"vault": {"mount": "kv"}}, ["vault"]),
        (GCP | {"readers": [MEMBER, "group:a@acme.com", "domain:acme.com"], "tags": {"team": "shop"}}, []),
        (GCP | {"readers": ["principal://iam.googleapis.com/projects/1/locations/global/x"]}, []),
        (GCP | {"readers": [ARN, "allUsers", "allAuthenticatedUsers"]}, ["readers.0", "readers.1", "readers.2"]),
        (GCP | {"kmsKeyId": "alias/a", "recoveryWindowInDays": 0}, ["kmsKeyId", "recoveryWindowInDays"]),
        (GCP | {"secretName": "a/b"}, ["secretName"]),
        (GCP | {"tags": {"Team": "shop"}}, ["tags.Team"]),
        (GCP | {"gcp": {"kmsKeyName": KMS_KEY, "locations": ["europe-west1"]}}, []),
        (GCP | {"gcp": {"kmsKeyName": KMS_KEY, "locations": ["europe-west1", "us-east1"]}}, ["gcp.kmsKeyName"]),
        (GCP | {"gcp": {"kmsKeyName": KMS_KEY, "locations": 5}}, []),
        (VAULT | {"vault": {"mount": "kv"}, "secretName": "a/b", "tags": {"Team": "shop"}}, []),
        (VAULT | {"readers": [ARN]}, ["readers"]),
        (VAULT | {"format": "plain"}, ["format"]),
        (VAULT | {"secretName": "/a//b"}, ["secretName"]),
        (KUBERNETES | {"secretName": "checkout.openrouter", "tags": {"acme.com/Team": "Shop", "empty": ""}}, []),
        ({"store": "kubernetes"}, ["kubernetes.namespace"]),
        (KUBERNETES | {"readers": [ARN]}, ["readers"]),
        (KUBERNETES | {"format": "plain"}, ["format"]),
        (KUBERNETES | {"secretName": "Checkout"}, ["secretName"]),
        (KUBERNETES | {"secretName": "a" * 254}, ["secretName"]),
        (KUBERNETES | {"tags": {"a b": "c", "d": "e f"}}, ["tags.a b", "tags.d"]),
        (
            {"store": "kubernetes", "kubernetes": {"namespace": "a", "annotations": {"pulumi.com/x": "", "a b": ""}}},
            ["kubernetes.annotations.pulumi.com/x", "kubernetes.annotations.a b"],
        ),
        ({"kubernetes": {"namespace": "shop"}}, ["kubernetes"]),
        ({"externalSecret": COPY}, []),
        (VAULT | {"externalSecret": {"namespace": "shop", "secretStore": "vault"}}, []),
        ({"externalSecret": {}}, ["externalSecret.namespace", "externalSecret.secretStore"]),
        ({"externalSecret": COPY | {"secretStore": "aws"}}, ["externalSecret.secretStore"]),
        ({"externalSecret": COPY | {"refreshInterval": "168h"}}, [LATE]),
        ({"externalSecret": COPY | {"refreshInterval": "1h"}, "rotation": {"overlap": "1h"}}, [LATE]),
        ({"externalSecret": COPY | {"refreshInterval": "1h"}, "overlap": "30m"}, [LATE]),
        (KUBERNETES | {"externalSecret": COPY}, ["externalSecret"]),
        ({"externalSecret": "x"}, []),
        ({"store": "azure", "readers": ["whoever"]}, []),
        ({"store": ["aws"]}, []),
        (GCP | {"readers": "x", "tags": "y", "gcp": "z"}, []),
    ],
)
def test_what_a_store_has_not_is_named_by_its_setting(settings: dict[str, Any], wrong: list[str]) -> None:
    """Each contradiction is one problem of the setting to mend; what is malformed is left to its own field."""
    assert [name for name, _ in store_problems(settings)] == wrong


@pytest.mark.parametrize(
    ("wish", "path", "words"),
    [
        (GCP | {"gcp": {"project": "X"}}, "gcp.project", "a project's id"),
        (GCP | {"gcp": {"locations": ["Europe"]}}, "gcp.locations.0", "a region"),
        (GCP | {"gcp": {"kmsKeyName": KMS_KEY, "locations": 5}}, "gcp.locations", "must be a list"),
        (GCP | {"gcp": {"kmsKeyName": "ours"}}, "gcp.kmsKeyName", "cryptoKeys"),
        (GCP | {"gcp": {"projct": "a"}}, "gcp.projct", "did you mean project?"),
        (GCP | {"gcp": {"kms_key_name": KMS_KEY}}, "gcp.kms_key_name", "did you mean kmsKeyName?"),
        (VAULT | {"vault": {"mount": "/kv/"}}, "vault.mount", "KV version 2 engine"),
        (VAULT | {"vault": {"policy": "A B"}}, "vault.policy", "at most 128"),
        ({"store": "kubernetes", "kubernetes": {"namespace": "Shop"}}, "kubernetes.namespace", "a namespace's name"),
        ({"store": "kubernetes"}, "kubernetes.namespace", "is missing: name the namespace"),
        (KUBERNETES | {"kubernetes": {"namespace": "a", "annotations": 5}}, "kubernetes.annotations", "must be"),
        (KUBERNETES | {"readers": [ARN]}, "readers", "where RBAC says who may read"),
        (GCP | {"readers": [ARN]}, "readers.0", "one member, like serviceAccount:"),
        ({"externalSecret": COPY | {"refreshInterval": "0"}}, "externalSecret.refreshInterval", "and not 0"),
        ({"externalSecret": COPY | {"refreshInterval": "7d"}}, "externalSecret.refreshInterval", "units h, m, s"),
        ({"externalSecret": COPY | {"namespaces": "a"}}, "externalSecret.namespaces", "did you mean namespace?"),
        ({"externalSecret": COPY | {"name": "A b"}}, "externalSecret.name", "must be a name"),
        ({"externalSecret": {"namespace": "a"}}, "externalSecret.secretStore", "which reads aws"),
        ({"readers": [MEMBER]}, "readers.0", "must be the ARN of one role, user or account"),
        ({"store": "azure"}, "store", "must be 'aws', 'gcp', 'vault' or 'kubernetes'"),
    ],
)
def test_a_problem_has_the_full_path_and_the_fix(wish: dict[str, Any], path: str, words: str) -> None:
    """A store's settings are checked with the others, before any call."""
    with pytest.raises(StackConfigError) as caught:
        parse_stack_config({"services": {"checkout": {"limit": 1, **wish}}}, "p/dev")
    (problem,) = caught.value.problems
    assert problem.path == f"services.checkout.{path}"
    assert words in problem.what


def test_a_copy_in_the_defaults_is_merged_and_left_out() -> None:
    """A service adds to the stack's externalSecret; one in store kubernetes has none, nor one that says null."""
    services: dict[str, Any] = {
        "a": {"externalSecret": {"namespace": "own"}},
        "b": {"externalSecret": None},
        "d": {"store": "vault", "externalSecret": {"secretStore": "vault"}},
        "c": {"store": "kubernetes", "kubernetes": {"namespace": "shop"}},
    }
    wishes = parse_stack_config(
        {"defaults": {"limit": 1, "externalSecret": COPY}, "services": services}, "p/dev"
    ).services
    copy = wishes["a"].external_secret
    assert copy is not None
    assert (copy.namespace, copy.cluster_secret_store, copy.refresh_interval) == ("own", "aws", "1h")
    assert (wishes["b"].external_secret, wishes["c"].external_secret) == (None, None)
    other = wishes["d"].external_secret
    assert other is not None
    assert (other.namespace, other.secret_store, other.cluster_secret_store) == ("shop", "vault", None)


def test_defaults_of_other_stores_do_not_reach_a_service() -> None:
    """Defaults may hold the settings of several stores; a service takes those of its own, merged with its own."""
    defaults = {
        "limit": 1,
        "kmsKeyId": "alias/ours",
        "gcp": {"project": "acme-prod", "locations": ["us-east1"]},
        "vault": {"mount": "kv"},
    }
    services: dict[str, Any] = {"a": {}, "b": {"store": "gcp", "gcp": {"locations": []}}, "c": {"store": "vault"}}
    wishes = parse_stack_config({"defaults": defaults, "services": services}, "p/dev").services
    assert (wishes["a"].kms_key_id, wishes["a"].store_settings) == ("alias/ours", None)
    assert wishes["b"].kms_key_id is None
    google, vault = wishes["b"].store_settings, wishes["c"].store_settings
    assert isinstance(google, GcpSettings)
    assert (google.project, google.locations) == ("acme-prod", ())
    assert isinstance(vault, VaultSettings)
    assert vault.mount == "kv"


def test_names_that_a_store_makes_equal_are_found() -> None:
    """Two services whose names differ only in what Google's names can't hold would share a secret."""
    services = {"a.b": {"limit": 1, **GCP}, "a-b": {"limit": 1, **GCP}}
    with pytest.raises(StackConfigError, match=r"services\.a-b\.secretName: is the secret of a\.b too"):
        parse_stack_config({"services": services}, "p/dev")


def test_one_name_in_two_namespaces_is_two_secrets() -> None:
    """A Secret may be called the same in each namespace; twice in one is one secret for two services."""
    elsewhere = KUBERNETES | {"kubernetes": {"namespace": "bots"}}
    services = {"a": KUBERNETES, "b": elsewhere, "c": KUBERNETES}
    named = {name: {"limit": 1, "secretName": "openrouter", **wish} for name, wish in services.items()}
    with pytest.raises(StackConfigError) as caught:
        parse_stack_config({"services": named}, "p/dev")
    (problem,) = caught.value.problems
    assert str(problem) == "services.c.secretName: is the secret of a too: give each its own"


def test_a_store_without_readers_can_not_keep_the_policy_of_readers() -> None:
    """The policy is told of the service's store, since no setting could satisfy it there."""
    raw = {"services": {"a": {"limit": 1, **KUBERNETES}}, "policy": {"requireReaders": True}}
    with pytest.raises(
        StackConfigError, match=r"services\.a\.store: has no readers, which policy.requireReaders demands"
    ):
        parse_stack_config(raw, "p/dev")


def test_default_names_have_the_store_s_characters() -> None:
    """A path where the store has folders, dashes where it has none."""
    assert default_secret_name("aws", "acme/dev", "a.b") == "acme/dev/a.b/openrouter"
    assert default_secret_name("vault", "acme/dev", "a.b") == "acme/dev/a.b/openrouter"
    assert default_secret_name("gcp", "acme/dev", "a.b") == "acme-dev-a-b-openrouter"
    assert default_secret_name("kubernetes", "+Acme/dev", "a.b_c") == "acme-dev-a-b-c-openrouter"
