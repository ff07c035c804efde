"""ServiceKey as a component for programs in YAML and other languages: its arguments as types that Pulumi can read."""

from typing import NotRequired, TypedDict

import pulumi
from pulumi.provider.experimental import component_provider_host

from openrouter_provider import RotationArgs, ServiceKey, ServiceKeyArgs


class ServiceArgs(TypedDict):
    """What a program may say of a service; add what you need of ServiceKeyArgs, under the same names."""

    secret_name: pulumi.Input[str]
    limit: NotRequired[pulumi.Input[float]]
    unlimited: NotRequired[pulumi.Input[bool]]
    limit_reset: NotRequired[pulumi.Input[str]]
    disabled: NotRequired[pulumi.Input[bool]]
    rotation: NotRequired[pulumi.Input[RotationArgs]]
    rotate_now: NotRequired[pulumi.Input[str]]
    recovery_window_in_days: NotRequired[pulumi.Input[int]]
    models: NotRequired[pulumi.Input[list[pulumi.Input[str]]]]
    max_price: NotRequired[pulumi.Input[float]]


class Service(pulumi.ComponentResource):
    """One service's key on OpenRouter and its secret in AWS."""

    key_hash: pulumi.Output[str]
    secret_reference: pulumi.Output[str]

    def __init__(self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the service."""
        super().__init__("openrouter-services:index:Service", name, {}, opts)
        service = ServiceKey(name, ServiceKeyArgs(**args), pulumi.ResourceOptions(parent=self))
        self.key_hash, self.secret_reference = service.api_key.hash, service.stored.reference
        self.register_outputs({"key_hash": self.key_hash, "secret_reference": self.secret_reference})


if __name__ == "__main__":
    component_provider_host([Service], "openrouter-services")
