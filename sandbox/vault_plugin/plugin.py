"""The Vault provider as the sandbox has it."""

from pulumi_vault.provider import ProviderArgs

from sandbox.plugins.plugin import Plugin
from sandbox.vault_plugin.cloud import VaultCloud
from sandbox.vault_plugin.policy import Policy
from sandbox.vault_plugin.secret_v2 import SecretV2

PLUGIN = Plugin(
    name="vault",
    title="Vault",
    cloud=VaultCloud,
    arguments=ProviderArgs,
    resource_types=(Policy, SecretV2),
)
