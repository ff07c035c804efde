"""The ExternalSecrets of a cluster, where the External Secrets Operator is installed; what it copies, a test does."""

from pydantic import ValidationError

from sandbox.kubernetes.definitions import ExternalSecretSpec
from sandbox.kubernetes.objects import Json, Objects


class ExternalSecrets(Objects):
    """All ExternalSecrets; each part of a spec has an owner, and lists are filled in as its definition says."""

    api_version = "external-secrets.io/v1"
    kind = "ExternalSecret"
    plural = "externalsecrets"
    content = "spec"

    def checked(self, body: Json) -> Json:
        """Return the object with its defaults, and with the status that the operator gives it."""
        found = super().checked(body)
        name = found["metadata"]["name"]
        try:
            spec = ExternalSecretSpec.model_validate(found.get("spec"))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            self.require(False, name, ".".join(["spec", *map(str, first["loc"])]) + f": {first['msg']}")
        condition = {"type": "Ready", "status": "True", "reason": "SecretSynced"}
        return found | {
            "spec": spec.model_dump(by_alias=True, exclude_none=True),
            "status": {"conditions": [condition]},
        }
