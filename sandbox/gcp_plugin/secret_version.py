"""gcp:secretmanager/secretVersion:SecretVersion, whose id is its name with the project's number."""

import base64
from typing import Any, ClassVar

from pulumi_gcp import secretmanager

from sandbox.gcp_plugin.cloud import GcpCloud
from sandbox.plugins.cloud import CloudError
from sandbox.plugins.resource_type import Found, Problem, ResourceType
from sandbox.plugins.schema import Schema, input_names
from sandbox.plugins.wire import Properties

_ENDS = {"DELETE": "destroy", "DISABLE": "disable"}


class SecretVersion(ResourceType[GcpCloud]):
    """One value of a secret."""

    token = "gcp:secretmanager/secretVersion:SecretVersion"  # noqa: S105 - a type token
    schema = Schema(
        inputs=input_names(secretmanager.SecretVersionArgs),
        required=frozenset({"secret"}),
        replaces=frozenset({"isSecretDataBase64", "secret", "secretData", "secretDataWoVersion"}),
        computed=frozenset({"project"}),
        secrets=frozenset({"secretData", "secretDataWo"}),
        defaults={"deletionPolicy": "DELETE", "enabled": True, "isSecretDataBase64": False},
    )
    outputs: ClassVar[frozenset[str]] = frozenset({"createTime", "destroyTime", "name", "version"})

    def validate(self, inputs: Properties) -> list[Problem]:
        """Return the problem of a write-only value or of an unknown way to delete."""
        problems = []
        if "secretDataWo" in inputs:
            problems.append(Problem("secretDataWo", "the sandbox knows no write-only values: use secretData"))
        if inputs.get("deletionPolicy", "DELETE") not in (*_ENDS, "ABANDON"):
            problems.append(Problem("deletionPolicy", "must be DELETE, DISABLE or ABANDON"))
        return problems

    def create(self, inputs: Properties) -> Found:
        """Add the value, which `latest` means from now on, then enable or disable it."""
        data = inputs.get("secretData", "")
        sent = data if inputs.get("isSecretDataBase64") else base64.b64encode(data.encode()).decode()
        path = f"{inputs['secret']}:addVersion"
        name = self.cloud.send("POST", path, "creating SecretVersion", body={"payload": {"data": sent}})["name"]
        return self._moved(name, inputs)

    def read(self, identifier: str, state: Properties) -> Found | None:
        """Return this very version, whether or not it is the latest; a destroyed one is gone."""
        answer = self.cloud.find(identifier, "reading SecretVersion")
        if answer is None or answer["state"] == "DESTROYED":
            return None
        enabled = answer["state"] == "ENABLED"
        found = state | {
            "createTime": answer["createTime"],
            "destroyTime": "",
            "enabled": enabled,
            "name": answer["name"],
            "secret": state.get("secret") or identifier.rpartition("/versions/")[0],
            "version": identifier.rpartition("/")[2],
        }
        # A disabled version's value can't be had: what is known of it stands.
        return Found(identifier, found | (self._value(identifier, state) if enabled else {}))

    def update(self, identifier: str, state: Properties, wanted: Properties) -> Found:  # noqa: ARG002 - the base's signature
        """Enable or disable the version."""
        return self._moved(identifier, wanted)

    def delete(self, identifier: str, state: Properties) -> None:
        """Destroy the version, disable it or leave it, as its policy says."""
        verb = _ENDS.get(state.get("deletionPolicy", "DELETE"))
        if verb:
            self.cloud.remove("POST", f"{identifier}:{verb}", "deleting SecretVersion")

    def _moved(self, identifier: str, inputs: Properties) -> Found:
        verb = "enable" if inputs.get("enabled", True) else "disable"
        self.cloud.send("POST", f"{identifier}:{verb}", "updating SecretVersion")
        found = self.read(identifier, inputs)
        if found is None:
            raise CloudError(f"Error reading SecretVersion ({identifier}): it vanished while it was being changed")
        return found

    def _value(self, identifier: str, state: Properties) -> dict[str, Any]:
        payload = self.cloud.send("GET", f"{identifier}:access", "reading SecretVersion")["payload"]["data"]
        is_base64 = bool(state.get("isSecretDataBase64"))
        return {"secretData": payload if is_base64 else base64.b64decode(payload).decode()}
