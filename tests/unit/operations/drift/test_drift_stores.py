"""What is found around the secrets of stores that say which properties to watch."""

from collections.abc import Mapping
from typing import Any

import pytest

from openrouter_provider.operations.drift.around_secrets import store_findings
from openrouter_provider.operations.drift.findings import Subject, commands_in
from openrouter_provider.operations.drift.plan import API_KEY, KINDS, PlannedResource
from openrouter_provider.operations.drift.secrets import expected_values
from openrouter_provider.stores.gcp.reading import READING as GCP
from openrouter_provider.stores.kubernetes.reading import READING as KUBERNETES
from openrouter_provider.stores.reading import READINGS
from openrouter_provider.stores.vault.reading import READING as VAULT
from tests.unit.operations.drift.test_drift_fixtures import NOW, resource, urn

CHECKOUT = Subject("dev", "checkout")
MEMBER, INTRUDER = "user:a@acme.com", "user:x@acme.com"
NAME = "projects/acme/secrets/checkout"
METADATA: Mapping[str, Any] = {
    "name": "checkout",
    "namespace": "shop",
    "labels": {"a": "b"},
    "resourceVersion": "3",
    "annotations": {"openrouter-keys/context": "prod", "openrouter-keys/version": "0e6f OPENROUTER_API_KEY"},
}
STATES: Mapping[str, dict[str, Any]] = {
    GCP.secret: {"name": NAME, "labels": {"a": "b"}, "versionDestroyTtl": "604800s"},
    GCP.value: {"secret": NAME, "version": "3", "enabled": True},
    GCP.readers: {"members": [MEMBER]},
    VAULT.secret: {"path": "secret/data/a", "name": "a", "metadata": {"version": "3"}, "customMetadata": {"data": {}}},
    VAULT.readers: {"policy": "old"},
    KUBERNETES.secret: {"type": "Opaque", "metadata": METADATA},
}


_ANNOTATED = ("secret.metadata.annotations.b", "notice")


def part(kind: str, **changes: Any) -> PlannedResource:
    """Return a resource of a store, the same on all sides but for what is given."""
    gone, operation = changes.pop("gone", False), changes.pop("operation", "same")
    differing = changes.pop("differing", ())
    state = STATES[kind]
    actual = None if gone else {**state, **changes}
    return PlannedResource(urn(kind), kind, "checkout", state, actual, state, operation, differing)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (part(GCP.secret), None),
        (part(GCP.secret, labels={"a": "c"}), ("secret.labels", "warning")),
        (part(GCP.secret, versionDestroyTtl=""), ("secret.versionDestroyTtl", "warning")),
        (part(GCP.value, enabled=False), ("secret.enabled", "warning")),
        (part(GCP.readers, members=[MEMBER, INTRUDER]), ("secret.members", "critical")),
        (part(GCP.readers, members=[]), ("secret.members", "warning")),
        (part(GCP.secret, operation="update", differing=("labels",)), ("secret.labels", "notice")),
        (part(GCP.readers, operation="delete"), ("secret.SecretIamBinding", "notice")),
        (part(VAULT.secret, customMetadata={}), ("secret.customMetadata", "warning")),
        (part(VAULT.secret, operation="update", differing=("dataJson",)), ("secret.dataJson", "notice")),
        (part(VAULT.readers, policy="new"), ("secret.policy", "critical")),
        (part(KUBERNETES.secret, metadata={**METADATA, "labels": {}}), ("secret.metadata.labels", "warning")),
        (part(KUBERNETES.secret, metadata={**METADATA, "resourceVersion": "4"}), None),
        (part(KUBERNETES.secret, operation="update", differing=("metadata.annotations.b",)), _ANNOTATED),
    ],
)
def test_each_change_is_one_finding(changed: PlannedResource, expected: tuple[str, str] | None) -> None:
    """What left the state is drift, what the program alone changed is not deployed yet, and nothing is said twice."""
    (store,) = (reading for reading in (GCP, VAULT, KUBERNETES) if changed.kind in reading.kinds)
    parts = {kind: part(kind) for kind in store.kinds} | {changed.kind: changed}
    found = list(store_findings(CHECKOUT, {API_KEY: resource(API_KEY), **parts}))
    assert [(each.property, each.severity.value) for each in found] == ([expected] if expected else [])


def test_a_value_edited_by_hand_is_left_to_whoever_reads_it() -> None:
    """Pulumi's plan to write the value again is no change of the program: the value's own finding says all."""
    edited = {VAULT.secret: {"version": "4"}, KUBERNETES.secret: {**METADATA, "resourceVersion": "4"}}
    for kind, metadata in edited.items():
        changes: dict[str, Any] = {"metadata": metadata, "operation": "update", "differing": ("data",)}
        parts = {API_KEY: resource(API_KEY), kind: part(kind, **changes)}
        assert list(store_findings(CHECKOUT, parts)) == []


def test_a_value_that_rotates_is_left_to_the_key() -> None:
    """A new value because of a new key is the rotation's finding."""
    secret = part(VAULT.secret, operation="update", differing=("dataJson",))
    assert list(store_findings(CHECKOUT, {API_KEY: resource(API_KEY, operation="update"), VAULT.secret: secret})) == []


def test_the_expected_version_is_the_state_s_in_every_store() -> None:
    """Reference, version and the way to heal come from the store that the resource's type names."""
    google = [resource(API_KEY), part(GCP.secret), part(GCP.value)]
    (expected,) = expected_values(google, NOW)
    assert (expected.reference, expected.version_id, expected.store) == (f"gcp:{NAME}", "3", GCP)
    assert commands_in(expected.store.heal("urn")) == ["pulumi up --replace 'urn'"]
    (expected,) = expected_values([resource(API_KEY), part(VAULT.secret)], NOW)
    assert (expected.reference, expected.version_id, expected.store) == ("vault:secret/data/a", "3", VAULT)
    (expected,) = expected_values([resource(API_KEY), part(KUBERNETES.secret)], NOW)
    assert (expected.reference, expected.version_id) == ("kubernetes:shop/checkout@prod", "0e6f")
    assert commands_in(expected.store.heal("urn")) == ["pulumi up --refresh"]


def test_every_store_s_resources_are_looked_at() -> None:
    """No store's resources are left out of the preview."""
    assert {kind for reading in READINGS for kind in reading.kinds} <= set(KINDS)
