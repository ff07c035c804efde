"""What a type checker knows of a ServiceKey; `make check` holds the assertions about types, the run the rest."""

from typing import assert_type

import pytest
from pulumi import CustomResource
from pulumi_aws.secretsmanager import Secret, SecretPolicy, SecretVersion

from openrouter_provider import ApiKey, ServiceKey, ServiceKeyArgs, SupersededKeys
from tests.program.mock_engine import deploy


def test_the_resources_of_the_store_have_their_types() -> None:
    """Whatever the store, they are resources; by their class, they are that class's."""

    def program() -> None:
        args = ServiceKeyArgs(secret_name="shop", limit=5, readers=["arn:aws:iam::123456789012:role/checkout"])
        service = ServiceKey("checkout", args)
        assert_type(service.api_key, ApiKey)
        assert_type(service.superseded, SupersededKeys)
        assert_type(service.secret, CustomResource)
        assert_type(service.policy, CustomResource | None)
        assert_type(service.store_resource(Secret), Secret)
        assert service.store_resource(Secret) is service.secret
        assert service.store_resource(SecretVersion) is service.version
        assert service.store_resource(SecretPolicy) is service.policy

    deploy(program)


def test_a_class_that_the_store_has_not_is_refused() -> None:
    """The message says which classes there are."""

    def program() -> None:
        service = ServiceKey("checkout", ServiceKeyArgs(secret_name="shop", limit=5))
        with pytest.raises(TypeError, match="checkout: its store aws has no SecretPolicy for it, only Secret, SecretV"):
            service.store_resource(SecretPolicy)

    deploy(program)
