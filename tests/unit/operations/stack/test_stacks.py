"""What a stack's output says of its services."""

from typing import Any

import pytest

from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.operations.stack.stacks import services_of

SERVICE: dict[str, Any] = {
    "keyHash": "a" * 64,
    "keyName": "acme/dev/checkout-1234567",
    "keyLabel": "sk-or-v1-abc...def",
    "secretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme/dev/checkout/openrouter-AbCdEf",
    "secretName": "acme/dev/checkout/openrouter",
}


def test_services_come_in_the_order_of_their_names() -> None:
    """Each has its name, and what the program exports of it."""
    found = services_of("dev", {"search": SERVICE, "checkout": {**SERVICE, "limit": 5}})
    assert [(service.name, service.limit) for service in found] == [("checkout", 5), ("search", None)]


@pytest.mark.parametrize("lost", SERVICE)
@pytest.mark.parametrize("how", ["absent", "null", "a list"])
def test_a_state_edited_by_hand_is_one_line(lost: str, how: str) -> None:
    """Whatever identifier is gone or odd, the error names the stack and the way out."""
    kept = {name: value for name, value in SERVICE.items() if name != lost}
    values = kept if how == "absent" else {**SERVICE, lost: None if how == "null" else []}
    with pytest.raises(ConfigurationError, match=r"stack dev: .* `pulumi up --refresh`"):
        services_of("dev", {"checkout": values})


@pytest.mark.parametrize(
    "exported", [None, [], {"checkout": None}, {"checkout": "x"}, {"checkout": {**SERVICE, "generation": "x"}}]
)
def test_an_output_of_another_form_is_one_line(exported: Any) -> None:
    """It may hold anything at all."""
    with pytest.raises(ConfigurationError, match="stack dev"):
        services_of("dev", exported)
