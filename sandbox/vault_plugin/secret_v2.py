"""vault:kv/secretV2:SecretV2, whose id is the API path MOUNT/data/NAME; a new value is written in place."""

import json
import re
from typing import Any, ClassVar

from hvac.exceptions import InvalidPath
from pulumi_vault import kv

from sandbox.plugins.cloud import CloudError
from sandbox.plugins.resource_type import Found, Problem, ResourceType
from sandbox.plugins.schema import DEFAULTS_NAME, Schema, input_names, normal_json
from sandbox.plugins.wire import Properties
from sandbox.vault_plugin.cloud import VaultCloud, failing_as

_ID = re.compile(r"(.+?)/data/(.+)")


def _given(custom: Any) -> Any:
    """Return custom metadata without the values that say nothing, which Vault answers and a program leaves out."""
    return {name: value for name, value in custom.items() if value} if isinstance(custom, dict) else custom


class SecretV2(ResourceType[VaultCloud]):
    """A path with its newest version."""

    token = "vault:kv/secretV2:SecretV2"  # noqa: S105 - a type token
    schema = Schema(
        inputs=input_names(kv.SecretV2Args),
        required=frozenset({"mount"}),
        replaces=frozenset({"mount", "name", "namespace"}),
        computed=frozenset({"customMetadata"}),
        secrets=frozenset({"data", "dataJson", "dataJsonWo"}),
        defaults={"deleteAllVersions": False, "disableRead": False},
        normal_forms={"dataJson": normal_json, "customMetadata": _given},
    )
    outputs: ClassVar[frozenset[str]] = frozenset({"data", "metadata", "path"})
    autonamed = "name"

    def computed_defaults(self, name: str, inputs: Properties, previous: Properties, seed: bytes) -> Properties:
        """Return the path's name, which is the logical one with a suffix where none was given."""
        kept = previous.get("name") if "name" in previous.get(DEFAULTS_NAME, []) else None
        return {} if "name" in inputs else {"name": kept or f"{name}-{seed.hex()[:7]}"}

    def validate(self, inputs: Properties) -> list[Problem]:
        """Return the problem of data that is no JSON object, or is write-only."""
        problems = []
        if isinstance(inputs.get("dataJson"), str) and not isinstance(normal_json(inputs["dataJson"]), dict):
            problems.append(Problem("dataJson", "the data isn't a JSON object"))
        if "dataJsonWo" in inputs or "dataJsonWoVersion" in inputs:
            problems.append(Problem("dataJsonWo", "the sandbox knows no write-only values: use dataJson"))
        return problems

    def create(self, inputs: Properties) -> Found:
        """Write a version, whatever the path held before, then its metadata."""
        return self._write(f"{inputs['mount']}/data/{inputs['name']}", inputs)

    def read(self, identifier: str, state: Properties) -> Found | None:
        """Return the newest version; a deleted one has the data null, a path without versions is gone."""
        mount, name = _parts(identifier)
        known = state | {"mount": mount, "name": name, "path": identifier}
        if state.get("disableRead"):
            return Found(identifier, known)
        kv = self.cloud.client().secrets.kv.v2
        with failing_as("reading the KV secret", identifier):
            try:
                found = kv.read_secret_version(name, mount_point=mount, raise_on_deleted_version=False)["data"]
                described = kv.read_secret_metadata(name, mount_point=mount)["data"]
            except InvalidPath:
                return None
        return Found(identifier, known | _outputs(found, described))

    def update(self, identifier: str, state: Properties, wanted: Properties) -> Found:  # noqa: ARG002 - the base's signature
        """Write a version and the metadata, as a creation does."""
        return self._write(identifier, wanted)

    def delete(self, identifier: str, state: Properties) -> None:
        """Delete the newest version softly, or with deleteAllVersions the whole path."""
        mount, name = _parts(identifier)
        kv = self.cloud.client().secrets.kv.v2
        with failing_as("deleting the KV secret", identifier):
            if state.get("deleteAllVersions"):
                kv.delete_metadata_and_all_versions(name, mount_point=mount)
            else:
                kv.delete_latest_version_of_secret(name, mount_point=mount)

    def _write(self, identifier: str, inputs: Properties) -> Found:
        mount, name = _parts(identifier)
        client = self.cloud.client()
        body = {"data": json.loads(inputs.get("dataJson") or "{}"), "options": inputs.get("options") or {}}
        with failing_as("writing the KV secret", identifier):
            client.adapter.post(f"/v1/{identifier}", json=body)
            custom = inputs.get("customMetadata")
            if custom:
                client.secrets.kv.v2.update_metadata(
                    name, mount_point=mount, custom_metadata=custom.get("data"), max_versions=custom.get("maxVersions")
                )
        found = self.read(identifier, inputs)
        if found is None:
            raise CloudError(f"reading the KV secret ({identifier}): it vanished while it was being written")
        return found


def _outputs(found: Properties, described: Properties) -> Properties:
    outputs: Properties = {
        "dataJson": json.dumps(found["data"], sort_keys=True, separators=(",", ":")),
        "data": _texts(found["data"] or {}),
        "metadata": _texts(found["metadata"]),
    }
    if found["metadata"].get("custom_metadata"):
        outputs["customMetadata"] = {
            "casRequired": described["cas_required"],
            "data": described["custom_metadata"],
            "deleteVersionAfter": 0,
            "maxVersions": described["max_versions"],
        }
    return outputs


def _texts(values: Properties) -> dict[str, str]:
    """Return a map as the real provider keeps it: texts as they are, anything else as JSON."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}


def _parts(identifier: str) -> tuple[str, str]:
    found = _ID.fullmatch(identifier)
    if found is None:
        raise CloudError(f"{identifier!r} isn't the id of a KV secret: it has the form MOUNT/data/NAME")
    return found[1], found[2]
