"""aws:secretsmanager/secret:Secret, whose id is its ARN."""

import hashlib
import re
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pulumi_aws import secretsmanager

from sandbox.aws_plugin.cloud import failing_as, says, unique_id
from sandbox.aws_plugin.policies import normal_policy
from sandbox.aws_plugin.putting import put_policy, valid_policy
from sandbox.aws_plugin.regional import Regional
from sandbox.plugins.cloud import CloudError
from sandbox.plugins.resource_type import Found, PartlyCreatedError, Problem
from sandbox.plugins.schema import DEFAULTS_NAME, Difference, Schema, input_names, normal_json
from sandbox.plugins.wire import UNKNOWN, Properties, has_unknown

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

RECOVERY_DAYS: Final = (0, *range(7, 31))
_NAME = re.compile(r"[0-9A-Za-z/_+=.@-]{1,512}")
_OF_THE_PROGRAM = ("forceOverwriteReplicaSecret", "recoveryWindowInDays")
_DELETED_WORDS = ("scheduled for deletion", "was deleted")


class Secret(Regional):
    """A secret without its values."""

    token = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type token
    schema = Schema(
        inputs=input_names(secretsmanager.SecretArgs),
        replaces=frozenset({"name", "namePrefix", "region", "type"}),
        computed=frozenset({"name", "namePrefix", "policy", "region", "replicas", "type"}),
        defaults={"forceOverwriteReplicaSecret": False, "recoveryWindowInDays": 30},
        normal_forms={"policy": normal_policy},
    )
    outputs: ClassVar[frozenset[str]] = frozenset({"arn", "tagsAll"})
    autonamed = "name"

    def computed_defaults(self, name: str, inputs: Properties, previous: Properties, seed: bytes) -> Properties:
        """Return the name, chosen once when none was given, and the tags with the provider's defaults."""
        chosen: Properties = {"tagsAll": self._all_tags(inputs.get("tags"))}
        if "name" not in inputs and "namePrefix" not in inputs:
            kept = previous.get("name") if "name" in previous.get(DEFAULTS_NAME, []) else None
            chosen["name"] = kept or f"{name}-{_seven_hex(seed)}"
        return chosen

    def validate(self, inputs: Properties) -> list[Problem]:
        """Return the problems in name, namePrefix, recovery window and policy."""
        problems = []
        if "name" in inputs and "namePrefix" in inputs:
            problems.append(Problem("namePrefix", "a secret takes name or namePrefix, not both"))
        for field in ("name", "namePrefix"):
            value = inputs.get(field)
            if isinstance(value, str) and not _NAME.fullmatch(value):
                problems.append(Problem(field, f"{value!r} isn't 1 to 512 letters, digits or any of /_+=.@-"))
        days = inputs.get("recoveryWindowInDays", 30)
        if days not in RECOVERY_DAYS:
            problems.append(Problem("recoveryWindowInDays", f"{days} is neither 0 nor from 7 to 30 days"))
        policy = inputs.get("policy") or "{}"
        if isinstance(normal_json(policy), str):
            problems.append(Problem("policy", "the policy isn't a JSON document"))
        if inputs.get("replicas"):
            problems.append(Problem("replicas", "the sandbox doesn't replicate secrets: leave replicas out"))
        return problems

    def differences(self, state: Properties, wanted: Properties) -> dict[str, Difference]:
        """Return what has to change, tags that the provider adds included."""
        found = super().differences(state, wanted)
        tags = Schema(inputs=frozenset({"tagsAll"}))
        return found | tags.differences(state, wanted)

    def create(self, inputs: Properties) -> Found:
        """Make the secret, waiting for a name that is still scheduled for deletion, then set its policy."""
        name = inputs.get("name") or f"{inputs.get('namePrefix', '')}{secrets.token_hex(13)}"
        client = self.cloud.secrets_manager(inputs.get("region"))
        with failing_as("creating Secrets Manager Secret", name):
            arn = self._create(client, name, inputs)
        try:
            self._put_policy(client, arn, inputs)
            return self._existing(arn, inputs)
        except CloudError as failure:
            state = inputs | {"arn": arn, "name": name}
            raise PartlyCreatedError(Found(arn, state), str(failure)) from None

    def read(self, identifier: str, state: Properties) -> Found | None:
        """Return the secret as AWS has it; one that is marked for deletion is gone."""
        region = state.get("region") or _region_of(identifier)
        client = self.cloud.secrets_manager(region)
        with failing_as("reading Secrets Manager Secret", identifier):
            described = _describe(client, identifier)
            if described is None or described.get("DeletedDate"):
                return None
            policy = valid_policy(self.cloud, client, identifier)
        return Found(described["ARN"], self._state(described, policy, state, client.meta.region_name))

    def update(self, identifier: str, state: Properties, wanted: Properties) -> Found:
        """Change description, key, policy and tags; the recovery window is only remembered."""
        client = self.cloud.secrets_manager(state.get("region"))
        changed = set(self.differences(state, wanted))
        with failing_as("updating Secrets Manager Secret", state.get("name", identifier)):
            if changed & {"description", "kmsKeyId"}:
                key: Any = {"KmsKeyId": wanted["kmsKeyId"]} if wanted.get("kmsKeyId") else {}
                client.update_secret(SecretId=identifier, Description=wanted.get("description", ""), **key)
            if "policy" in changed:
                self._put_policy(client, identifier, wanted)
            if changed & {"tags", "tagsAll"}:
                self._retag(client, identifier, state.get("tagsAll", {}), wanted.get("tagsAll", {}))
        return self._existing(identifier, wanted)

    def delete(self, identifier: str, state: Properties) -> None:
        """Delete at once with a recovery window of 0, else mark the secret for deletion."""
        client = self.cloud.secrets_manager(state.get("region"))
        # The real provider takes what an import left out for 0.
        days = int(state.get("recoveryWindowInDays") or 0)
        manner: Any = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
        gone = suppress(client.exceptions.ResourceNotFoundException)
        with failing_as("deleting Secrets Manager Secret", state.get("name", identifier)), gone:
            client.delete_secret(SecretId=identifier, **manner)

    def _create(self, client: "SecretsManagerClient", name: str, inputs: Properties) -> str:
        tags = [{"Key": key, "Value": value} for key, value in sorted(inputs.get("tagsAll", {}).items())]
        request: Any = {"Name": name, "Description": inputs.get("description", ""), "Tags": tags}
        if inputs.get("kmsKeyId"):
            request["KmsKeyId"] = inputs["kmsKeyId"]
        request["ClientRequestToken"] = unique_id()
        return self.cloud.patiently(lambda: client.create_secret(**request), _is_being_deleted)["ARN"]

    def _put_policy(self, client: "SecretsManagerClient", arn: str, inputs: Properties) -> None:
        policy = inputs.get("policy")
        with failing_as("putting Secrets Manager Secret policy", arn):
            if policy and normal_json(policy) != {}:
                put_policy(self.cloud, client, SecretId=arn, ResourcePolicy=policy)
            elif policy:
                client.delete_resource_policy(SecretId=arn)

    def _retag(self, client: "SecretsManagerClient", arn: str, old: dict[str, str], new: dict[str, str]) -> None:
        removed = sorted(set(old) - set(new))
        if removed:
            client.untag_resource(SecretId=arn, TagKeys=removed)
        added = [{"Key": key, "Value": value} for key, value in sorted(new.items()) if old.get(key) != value]
        if added:
            tags: Any = added
            client.tag_resource(SecretId=arn, Tags=tags)

    def _existing(self, arn: str, inputs: Properties) -> Found:
        found = self.read(arn, inputs)
        if found is None:
            raise CloudError(f"reading Secrets Manager secret ({arn}): it vanished while it was being changed")
        return found

    def _all_tags(self, tags: object) -> object:
        if tags is not None and not isinstance(tags, dict):
            return UNKNOWN
        merged = self.cloud.default_tags() | (tags or {})
        if has_unknown(merged):
            return UNKNOWN
        return {key: value for key, value in merged.items() if not self.cloud.is_ignored_tag(key)}

    def _state(self, described: Any, policy: str, previous: Properties, region: str) -> Properties:
        present = {tag["Key"]: tag["Value"] for tag in described.get("Tags", [])}
        managed = {key: value for key, value in present.items() if not self.cloud.is_ignored_tag(key)}
        defaults, given = self.cloud.default_tags(), previous.get("tags") or {}
        own = {key: value for key, value in managed.items() if key in given or defaults.get(key) != value}
        remembered = previous.get("policy") or ""
        found = {
            "arn": described["ARN"],
            "description": described.get("Description", ""),
            "kmsKeyId": described.get("KmsKeyId", ""),
            "name": described["Name"],
            "namePrefix": previous.get("namePrefix", ""),
            "policy": remembered if normal_policy(remembered) == normal_policy(policy) else policy,
            "region": region,
            "replicas": [],
            "tags": own,
            "tagsAll": managed,
        }
        # AWS knows nothing of these: an import has neither.
        return found | {name: previous[name] for name in _OF_THE_PROGRAM if name in previous}


def _describe(client: "SecretsManagerClient", identifier: str) -> Any:
    try:
        return client.describe_secret(SecretId=identifier)
    except client.exceptions.ResourceNotFoundException:
        return None


def _is_being_deleted(error: Exception) -> bool:
    return says(error, "InvalidRequestException", *_DELETED_WORDS)


def _region_of(identifier: str) -> str | None:
    parts = identifier.split(":")
    return parts[3] if parts[0] == "arn" and len(parts) > 3 else None


def _seven_hex(seed: bytes) -> str:
    return hashlib.sha256(seed).hexdigest()[:7] if seed else secrets.token_hex(4)[:7]
