"""For which services a failed creation may have left a secret."""

from typing import Any

import pytest

from openrouter_provider.operations.recovery.orphan_objects import missing_secrets
from openrouter_provider.operations.recovery.steps import Action, secret_step
from openrouter_provider.operations.stack.pending import SERVICE_TYPE
from openrouter_provider.stores.aws.access import PROVIDER_TYPE, SECRET_TYPE
from openrouter_provider.stores.aws.recovery import FoundSecret

PARENT = f"urn:pulumi:dev::openrouter-keys::{SERVICE_TYPE}::checkout"
URN = f"urn:pulumi:dev::openrouter-keys::{SERVICE_TYPE}${SECRET_TYPE}::checkout"
SERVICE = {"urn": PARENT, "type": SERVICE_TYPE}
PROVIDER = {"urn": "urn:pulumi:dev::p::pulumi:providers:aws::default", "type": PROVIDER_TYPE, "id": "id-1"}
SECRET = {"urn": URN, "type": SECRET_TYPE, "id": "arn:x"}
TAGS = {"ManagedBy": "openrouter-keys", "Service": "checkout", "Environment": "dev"}


@pytest.mark.parametrize(
    ("resources", "pending", "expected"),
    [
        ([SERVICE, PROVIDER], [], [URN]),
        ([SERVICE, PROVIDER, SECRET], [], []),
        ([SERVICE], [], []),
        ([PROVIDER], [], []),
        ([SERVICE, PROVIDER], [{"type": "creating", "resource": SECRET}], []),
    ],
    ids=["missing", "in the state", "no provider of AWS", "no service", "noted as pending"],
)
def test_secret_is_missing_where_the_state_has_the_service_alone(
    resources: list[Any], pending: list[Any], expected: list[str]
) -> None:
    """Neither a known secret, nor one that a pending operation names, nor one of another store is looked for."""
    deployment = {"resources": resources, "pending_operations": pending}
    assert [operation.urn for operation in missing_secrets(deployment, "acme/dev")] == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [(TAGS, Action.DELETE_SECRET), ({**TAGS, "Environment": "prod"}, Action.LEAVE), ({}, Action.LEAVE)],
)
def test_only_a_secret_with_all_of_this_stacks_tags_is_its_own(tags: dict[str, str], expected: Action) -> None:
    """The missing secret is looked for by the default name; another stack's tags, or none, are somebody else's."""
    (operation,) = missing_secrets({"resources": [SERVICE, PROVIDER]}, "acme/dev")
    assert (operation.physical_name, operation.parent) == ("acme/dev/checkout/openrouter", PARENT)
    assert secret_step(operation, FoundSecret("arn:y", tags), ()).action is expected
