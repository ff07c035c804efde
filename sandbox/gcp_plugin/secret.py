"""gcp:secretmanager/secret:Secret, whose id is projects/PROJECT/secrets/ID."""

from typing import Any, ClassVar

from pulumi_gcp import secretmanager

from sandbox.gcp_plugin.cloud import GcpCloud
from sandbox.plugins.cloud import CloudError
from sandbox.plugins.resource_type import Found, Problem, ResourceType
from sandbox.plugins.schema import Schema, input_names
from sandbox.plugins.wire import Properties

ATTRIBUTION = {"goog-pulumi-provisioned": "true"}
_UPDATABLE = ("labels", "annotations", "versionDestroyTtl", "versionAliases")
_UNSUPPORTED = ("expireTime", "rotation", "secretType", "tags", "topics", "ttl")


class Secret(ResourceType[GcpCloud]):
    """A secret without its values."""

    token = "gcp:secretmanager/secret:Secret"  # noqa: S105 - a type token
    schema = Schema(
        inputs=input_names(secretmanager.SecretArgs),
        required=frozenset({"replication", "secretId"}),
        replaces=frozenset({"project", "replication", "secretId", "tags"}),
        computed=frozenset({"expireTime", "project"}),
        secrets=frozenset({"effectiveLabels", "pulumiLabels"}),
        defaults={"deletionPolicy": "DELETE", "deletionProtection": False},
    )
    outputs: ClassVar[frozenset[str]] = frozenset(
        {"createTime", "effectiveAnnotations", "effectiveLabels", "name", "pulumiLabels"}
    )

    def validate(self, inputs: Properties) -> list[Problem]:
        """Return the problem of a replication that isn't exactly one kind, and of what the sandbox hasn't got."""
        problems = [Problem(name, f"the sandbox doesn't know {name}") for name in _UNSUPPORTED if name in inputs]
        given = inputs.get("replication")
        if isinstance(given, dict) and len(given) != 1:
            problems.append(Problem("replication", "exactly one of auto and userManaged must be given"))
        return problems

    def create(self, inputs: Properties) -> Found:
        """Make the secret; a name that is taken is an error."""
        project, secret_id = self.cloud.project(inputs.get("project")), inputs["secretId"]
        body = {name: inputs[name] for name in _UPDATABLE if inputs.get(name)}
        body |= {"labels": (inputs.get("labels") or {}) | ATTRIBUTION, "replication": _sent(inputs["replication"])}
        self.cloud.send("POST", f"projects/{project}/secrets", "creating Secret", body=body, secretId=secret_id)
        return self._existing(f"projects/{project}/secrets/{secret_id}", inputs)

    def read(self, identifier: str, state: Properties) -> Found | None:
        """Return the secret as Google has it; of its labels only those that the program manages."""
        answer = self.cloud.find(identifier, "reading Secret")
        if answer is None:
            return None
        _, project, _, secret_id = identifier.split("/")
        found = state | {
            "createTime": answer["createTime"],
            "effectiveAnnotations": answer.get("annotations", {}),
            "effectiveLabels": answer.get("labels", {}),
            "name": answer["name"],
            "project": project,
            "pulumiLabels": (state.get("labels") or {}) | ATTRIBUTION,
            "replication": state.get("replication") or _received(answer["replication"]),
            "secretId": secret_id,
            "versionDestroyTtl": answer.get("versionDestroyTtl", ""),
        }
        for name in ("labels", "annotations"):
            managed, actual = state.get(name) or {}, answer.get(name, {})
            found[name] = {key: actual[key] for key in managed if key in actual}
        return Found(identifier, found)

    def update(self, identifier: str, state: Properties, wanted: Properties) -> Found:
        """Change what may be changed, and only what differs."""
        changed = [name for name in _UPDATABLE if name in self.differences(state, wanted)]
        body = {name: wanted.get(name) for name in changed}
        if "labels" in changed:
            body["labels"] = (wanted.get("labels") or {}) | ATTRIBUTION
        if changed:
            self.cloud.send("PATCH", identifier, "updating Secret", body=body, updateMask=",".join(changed))
        return self._existing(identifier, wanted)

    def delete(self, identifier: str, state: Properties) -> None:
        """Delete the secret with its versions, unless it is protected."""
        if state.get("deletionProtection"):
            raise CloudError("cannot destroy secret manager secret without setting deletion_protection=false")
        self.cloud.remove("DELETE", identifier, "deleting Secret")

    def _existing(self, identifier: str, inputs: Properties) -> Found:
        found = self.read(identifier, inputs)
        if found is None:
            raise CloudError(f"Error reading Secret ({identifier}): it vanished while it was being changed")
        return found


def _sent(replication: Any) -> Properties:
    """Return a replication as the API spells it."""
    if "auto" in replication:
        return {"automatic": _renamed_key(replication["auto"] or {})}
    return {"userManaged": {"replicas": [_renamed_key(each) for each in replication["userManaged"]["replicas"]]}}


def _renamed_key(part: Any) -> Properties:
    return {("customerManagedEncryption" if name.startswith("customer") else name): part[name] for name in part}


def _received(replication: Any) -> Properties:
    """Return a replication as the provider spells it."""
    return {"auto": replication["automatic"]} if "automatic" in replication else dict(replication)
