"""kubernetes:external-secrets.io/v1:ExternalSecret: a CustomResource, of which the provider knows no property."""

from sandbox.kubernetes.external_secrets import ExternalSecrets
from sandbox.kubernetes_plugin.manifest import INPUTS, Manifest
from sandbox.plugins.schema import Schema


class ExternalSecret(Manifest):
    """An ExternalSecret."""

    token = "kubernetes:external-secrets.io/v1:ExternalSecret"  # noqa: S105 - a type token
    schema = Schema(
        inputs=frozenset({"apiVersion", "kind", "metadata", "spec"}), secrets=frozenset({INPUTS}), defaults={}
    )
    path = ExternalSecrets().path
