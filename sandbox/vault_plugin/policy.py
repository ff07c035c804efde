"""vault:index/policy:Policy, whose id is its name."""

from hvac.exceptions import InvalidPath
from pulumi_vault.policy import PolicyArgs

from sandbox.plugins.resource_type import Found, ResourceType
from sandbox.plugins.schema import DEFAULTS_NAME, Schema, input_names
from sandbox.plugins.wire import Properties
from sandbox.vault_plugin.cloud import VaultCloud, failing_as


class Policy(ResourceType[VaultCloud]):
    """An ACL policy: what a token that holds it may do."""

    token = "vault:index/policy:Policy"  # noqa: S105 - a type token
    schema = Schema(
        inputs=input_names(PolicyArgs),
        required=frozenset({"policy"}),
        replaces=frozenset({"name", "namespace"}),
    )
    autonamed = "name"

    def computed_defaults(self, name: str, inputs: Properties, previous: Properties, seed: bytes) -> Properties:
        """Return the name, which is the logical one with a suffix where none was given."""
        kept = previous.get("name") if "name" in previous.get(DEFAULTS_NAME, []) else None
        return {} if "name" in inputs else {"name": kept or f"{name}-{seed.hex()[:7]}"}

    def create(self, inputs: Properties) -> Found:
        """Write the policy, over one of that name too, as the real provider does by default."""
        return self._write(inputs)

    def read(self, identifier: str, state: Properties) -> Found | None:
        """Return the policy as Vault has it."""
        with failing_as("reading the policy", identifier):
            try:
                answer = self.cloud.client().sys.read_acl_policy(identifier)
            except InvalidPath:
                return None
        return Found(identifier, state | {"name": identifier, "policy": answer["data"]["policy"]})

    def update(self, identifier: str, state: Properties, wanted: Properties) -> Found:  # noqa: ARG002 - the base's signature
        """Write the new text."""
        return self._write(wanted)

    def delete(self, identifier: str, state: Properties) -> None:  # noqa: ARG002 - the base's signature
        """Remove the policy."""
        with failing_as("deleting the policy", identifier):
            self.cloud.client().sys.delete_acl_policy(identifier)

    def _write(self, inputs: Properties) -> Found:
        name = str(inputs["name"])
        with failing_as("writing the policy", name):
            self.cloud.client().sys.create_or_update_acl_policy(name, inputs["policy"])
        return Found(name, dict(inputs))
