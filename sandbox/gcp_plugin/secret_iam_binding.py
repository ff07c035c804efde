"""gcp:secretmanager/secretIamBinding:SecretIamBinding, whose id is the secret's with the role behind it."""

from typing import Any, ClassVar

from pulumi_gcp import secretmanager

from sandbox.gcp_plugin.cloud import GcpCloud
from sandbox.plugins.resource_type import Found, Problem, ResourceType
from sandbox.plugins.schema import Schema, input_names, normal_set
from sandbox.plugins.wire import Properties


class SecretIamBinding(ResourceType[GcpCloud]):
    """Everyone who has one role on a secret; other roles are left alone."""

    token = "gcp:secretmanager/secretIamBinding:SecretIamBinding"  # noqa: S105 - a type token
    schema = Schema(
        inputs=input_names(secretmanager.SecretIamBindingArgs),
        required=frozenset({"members", "role", "secretId"}),
        replaces=frozenset({"condition", "project", "role", "secretId"}),
        computed=frozenset({"project"}),
        normal_forms={"members": normal_set},
    )
    outputs: ClassVar[frozenset[str]] = frozenset({"etag"})

    def validate(self, inputs: Properties) -> list[Problem]:
        """Return the problem of a condition, which the sandbox doesn't know."""
        return [Problem("condition", "the sandbox knows no conditions")] if "condition" in inputs else []

    def create(self, inputs: Properties) -> Found:
        """Give the role to exactly these members."""
        return self._set(inputs)

    def read(self, identifier: str, state: Properties) -> Found | None:
        """Return the role's members; a secret that is gone has no binding, one without it no members."""
        secret, _, role = identifier.partition("/roles/")
        policy = self.cloud.find(f"{secret}:getIamPolicy", "reading the IAM policy")
        if policy is None:
            return None
        project = secret.split("/")[1]
        members: list[str] = next(
            (each["members"] for each in _bindings(policy) if each["role"] == f"roles/{role}"), []
        )
        known = {"secretId": secret, "project": project, "role": f"roles/{role}"} | state
        return Found(identifier, known | {"etag": policy["etag"], "members": sorted(members), "project": project})

    def update(self, identifier: str, state: Properties, wanted: Properties) -> Found:  # noqa: ARG002 - the base's signature
        """Give the role to exactly these members."""
        return self._set(wanted)

    def delete(self, identifier: str, state: Properties) -> None:
        """Take the role from everyone."""
        secret = identifier.partition("/roles/")[0]
        if self.cloud.find(secret, "reading Secret") is not None:
            self._replace(secret, state["role"], [])

    def _set(self, inputs: Properties) -> Found:
        secret = self._path(inputs)
        self._replace(secret, inputs["role"], inputs["members"])
        found = self.read(f"{secret}/{inputs['role']}", inputs)
        return found or Found(f"{secret}/{inputs['role']}", dict(inputs))

    def _path(self, inputs: Properties) -> str:
        secret = str(inputs["secretId"])
        return secret if "/" in secret else f"projects/{self.cloud.project(inputs.get('project'))}/secrets/{secret}"

    def _replace(self, secret: str, role: str, members: list[str]) -> None:
        policy = self.cloud.send("GET", f"{secret}:getIamPolicy", "reading the IAM policy")
        others = [each for each in _bindings(policy) if each["role"] != role]
        own = [{"role": role, "members": sorted(members)}] if members else []
        body = {"policy": policy | {"bindings": others + own}}
        self.cloud.send("POST", f"{secret}:setIamPolicy", "setting the IAM policy", body=body)


def _bindings(policy: Properties) -> list[dict[str, Any]]:
    bindings: list[dict[str, Any]] = policy.get("bindings") or []
    return bindings
