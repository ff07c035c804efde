"""aws:secretsmanager/secretVersion:SecretVersion, whose id is `SECRET|VERSION`."""

import base64
from typing import TYPE_CHECKING, Any, ClassVar

from botocore.exceptions import ClientError
from pulumi_aws import secretsmanager

from sandbox.aws_plugin.cloud import failing_as, is_gone, unique_id
from sandbox.aws_plugin.regional import Regional
from sandbox.plugins.cloud import CloudError
from sandbox.plugins.resource_type import Found, Problem
from sandbox.plugins.schema import Schema, input_names, normal_set
from sandbox.plugins.wire import Properties

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

CURRENT = "AWSCURRENT"
PREVIOUS = "AWSPREVIOUS"
_VALUES = ("secretString", "secretBinary", "secretStringWo")


class SecretVersion(Regional):
    """One value of a secret, with its staging labels."""

    token = "aws:secretsmanager/secretVersion:SecretVersion"  # noqa: S105 - a type token
    schema = Schema(
        inputs=input_names(secretsmanager.SecretVersionArgs),
        required=frozenset({"secretId"}),
        replaces=frozenset({"secretId", "secretString", "secretBinary", "secretStringWoVersion", "region"}),
        computed=frozenset({"region", "versionStages"}),
        secrets=frozenset(_VALUES),
        normal_forms={"versionStages": normal_set},
    )
    outputs: ClassVar[frozenset[str]] = frozenset({"arn", "hasSecretStringWo", "secretArn", "versionId"})

    def validate(self, inputs: Properties) -> list[Problem]:
        """Return the problem of a version with two values, or a write-only one."""
        problems = []
        if len([name for name in _VALUES if name in inputs]) > 1:
            problems.append(Problem("secretString", "a version takes one of secretString and secretBinary"))
        if "secretStringWo" in inputs or "secretStringWoVersion" in inputs:
            problems.append(Problem("secretStringWo", "the sandbox knows no write-only values: use secretString"))
        return problems

    def create(self, inputs: Properties) -> Found:
        """Put the value as a new version, which takes AWSCURRENT unless other stages are given."""
        secret_id = inputs["secretId"]
        client = self.cloud.secrets_manager(inputs.get("region"))
        request: Any = {"SecretId": secret_id, "ClientRequestToken": unique_id()}
        if inputs.get("secretBinary"):
            request["SecretBinary"] = base64.b64decode(inputs["secretBinary"])
        if inputs.get("secretString"):
            request["SecretString"] = inputs["secretString"]
        if inputs.get("versionStages"):
            request["VersionStages"] = inputs["versionStages"]
        with failing_as("putting Secrets Manager Secret value", secret_id):
            version_id = client.put_secret_value(**request)["VersionId"]
        return self._existing(f"{secret_id}|{version_id}", inputs)

    def read(self, identifier: str, state: Properties) -> Found | None:
        """Return this very version, whether or not it is still the current one."""
        secret_id, version_id = _parts(identifier)
        client = self.cloud.secrets_manager(state.get("region"))
        with failing_as("reading Secrets Manager Secret Version", identifier):
            answer = _find(client, secret_id, version_id)
        if answer is None:
            return None
        binary = answer.get("SecretBinary", b"")
        found = {
            "arn": answer["ARN"],
            "hasSecretStringWo": False,
            "region": client.meta.region_name,
            "secretArn": answer["ARN"],
            "secretBinary": base64.b64encode(binary).decode(),
            "secretId": secret_id,
            "secretString": answer.get("SecretString", ""),
            "versionId": answer["VersionId"],
            "versionStages": sorted(answer.get("VersionStages", [])),
        }
        return Found(identifier, found)

    def update(self, identifier: str, state: Properties, wanted: Properties) -> Found:
        """Move the staging labels: wanted ones to this version, others off it, AWSCURRENT never off."""
        secret_id, version_id = _parts(identifier)
        client = self.cloud.secrets_manager(state.get("region"))
        old = set(state.get("versionStages") or [])
        new = set(wanted.get("versionStages") or old)
        with failing_as("updating Secrets Manager Secret Version", identifier):
            for stage in sorted(new - old):
                _attach(client, secret_id, version_id, stage)
            took_current = CURRENT in new - old
            for stage in sorted(old - new):
                # AWS itself moves AWSPREVIOUS when AWSCURRENT comes back.
                if stage != CURRENT and not (took_current and stage == PREVIOUS):
                    client.update_secret_version_stage(
                        SecretId=secret_id, VersionStage=stage, RemoveFromVersionId=version_id
                    )
        return self._existing(identifier, wanted)

    def delete(self, identifier: str, state: Properties) -> None:
        """Take every label but AWSCURRENT off this version; AWS itself drops versions without labels."""
        secret_id, version_id = _parts(identifier)
        client = self.cloud.secrets_manager(state.get("region"))
        with failing_as("deleting Secrets Manager Secret Version", identifier):
            for stage in sorted(set(state.get("versionStages", [])) - {CURRENT}):
                try:
                    client.update_secret_version_stage(
                        SecretId=secret_id, VersionStage=stage, RemoveFromVersionId=version_id
                    )
                except ClientError as error:
                    if not is_gone(error):
                        raise
                    return

    def _existing(self, identifier: str, inputs: Properties) -> Found:
        found = self.read(identifier, inputs)
        if found is None:
            raise CloudError(f"reading Secrets Manager secret version ({identifier}): it vanished while being changed")
        return found


def _attach(client: "SecretsManagerClient", secret_id: str, version_id: str, stage: str) -> None:
    request: Any = {"SecretId": secret_id, "VersionStage": stage, "MoveToVersionId": version_id}
    if stage == CURRENT:
        stages: dict[str, list[str]] = client.describe_secret(SecretId=secret_id).get("VersionIdsToStages", {})
        request["RemoveFromVersionId"] = next(key for key, labels in stages.items() if CURRENT in labels)
    client.update_secret_version_stage(**request)


def _find(client: "SecretsManagerClient", secret_id: str, version_id: str) -> Any:
    try:
        return client.get_secret_value(SecretId=secret_id, VersionId=version_id)
    except ClientError as error:
        if is_gone(error):
            return None
        raise


def _parts(identifier: str) -> tuple[str, str]:
    secret_id, separator, version_id = identifier.partition("|")
    if not (secret_id and separator and version_id):
        raise CloudError(f"{identifier!r} isn't the id of a secret version: it has the form SECRET|VERSION")
    return secret_id, version_id
