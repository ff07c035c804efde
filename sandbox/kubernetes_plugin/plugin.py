"""The Kubernetes provider as the sandbox has it."""

from pulumi_kubernetes.provider import ProviderArgs

from sandbox.kubernetes_plugin.cloud import KubernetesCloud
from sandbox.kubernetes_plugin.external_secret import ExternalSecret
from sandbox.kubernetes_plugin.secret import Secret
from sandbox.plugins.plugin import Plugin

PLUGIN = Plugin(
    name="kubernetes",
    title="Kubernetes",
    cloud=KubernetesCloud,
    arguments=ProviderArgs,
    resource_types=(Secret, ExternalSecret),
)
