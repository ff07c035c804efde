"""The Google Cloud provider as the sandbox has it."""

from pulumi_gcp.provider import ProviderArgs

from sandbox.gcp_plugin.cloud import GcpCloud
from sandbox.gcp_plugin.secret import Secret
from sandbox.gcp_plugin.secret_iam_binding import SecretIamBinding
from sandbox.gcp_plugin.secret_version import SecretVersion
from sandbox.plugins.plugin import Plugin

PLUGIN = Plugin(
    name="gcp",
    title="Google Cloud",
    cloud=GcpCloud,
    arguments=ProviderArgs,
    resource_types=(Secret, SecretIamBinding, SecretVersion),
)
