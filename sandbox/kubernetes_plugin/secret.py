"""kubernetes:core/v1:Secret.

The real provider replaces a Secret whose data changes, and deletes it first where a program chose its name, unless
`enableSecretMutable` is set.
"""

import base64

from pulumi_kubernetes.core import v1 as core

from sandbox.kubernetes.secrets import Secrets
from sandbox.kubernetes_plugin.manifest import INPUTS, Manifest
from sandbox.plugins.schema import Schema, input_names
from sandbox.plugins.wire import Properties, has_unknown

_CONTENT = ("data", "stringData")


class Secret(Manifest):
    """A Secret."""

    token = "kubernetes:core/v1:Secret"  # noqa: S105 - a type token
    schema = Schema(
        inputs=input_names(core.SecretInitArgs), secrets=frozenset({"data", "stringData", INPUTS}), defaults={}
    )
    path = Secrets().path

    def normal(self, inputs: Properties) -> Properties:
        """Return the inputs with stringData as data."""
        text = inputs.get("stringData")
        if not isinstance(text, dict) or has_unknown(text):
            return inputs
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in text.items()}
        rest = {key: value for key, value in inputs.items() if key != "stringData"}
        return {**rest, "data": (inputs.get("data") or {}) | encoded}

    def replaces(self, path: str, wanted: Properties) -> bool:
        """Return whether a change of this property makes another Secret."""
        in_place = self.cloud.mutable_secrets and not wanted.get("immutable")
        content = not in_place and path.partition(".")[0].partition("[")[0] in _CONTENT
        return content or path == "type" or super().replaces(path, wanted)
