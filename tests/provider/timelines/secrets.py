"""The service's secret in AWS: what its store's plugin, its service and a person at a keyboard do with it."""

from typing import Any

from openrouter_provider.stores.custody import Held, StoredIn
from openrouter_provider.stores.payload import key_in
from openrouter_provider.stores.value import StoredValue

CURRENT = "AWSCURRENT"


class PutFailed(Exception):
    """AWS did not confirm the secret's new value, or the label's move."""


class Secret:
    """One secret, by its ARN."""

    def __init__(self, aws: Any, arn: str) -> None:
        self.id = arn
        self._aws = aws
        self._errors = aws.exceptions

    def put(self, text: str) -> str:
        """Store a value as the current one; return its version.

        Raises:
            PutFailed: AWS did not confirm it.
        """
        try:
            return str(self._aws.put_secret_value(SecretId=self.id, SecretString=text)["VersionId"])
        except self._errors.ClientError:
            raise PutFailed from None

    def make_current(self, version: str) -> None:
        """Move AWSCURRENT to a version.

        Raises:
            PutFailed: AWS did not confirm it.
        """
        holder = next((id_ for id_, labels in self.versions().items() if CURRENT in labels), None)
        if holder == version:
            return
        given_up = {"RemoveFromVersionId": holder} if holder else {}
        try:
            self._aws.update_secret_version_stage(
                SecretId=self.id, VersionStage=CURRENT, MoveToVersionId=version, **given_up
            )
        except self._errors.ClientError:
            raise PutFailed from None

    def versions(self) -> dict[str, list[str]]:
        """Return the labels of each version."""
        listed = self._aws.list_secret_version_ids(SecretId=self.id, IncludeDeprecated=True, MaxResults=100)
        return {version["VersionId"]: version.get("VersionStages") or [] for version in listed["Versions"]}

    def labels(self, version: str) -> list[str] | None:
        """Return the labels of a version, None where it is gone."""
        return self.versions().get(version)

    def key(self) -> str | None:
        """Return the key that the service would read now."""
        try:
            return key_in(self._aws.get_secret_value(SecretId=self.id)["SecretString"])
        except self._errors.ResourceNotFoundException:
            return None

    def held(self, place: StoredIn | None) -> Held:
        """Return what the store named by a resource holds, as the provider would be told."""
        if not place:
            return Held()
        try:
            answer = self._aws.get_secret_value(SecretId=place["reference"])
        except self._errors.ResourceNotFoundException:
            return Held()
        except self._errors.ClientError as error:
            return Held(problem=f"AWS refused GetSecretValue: {error.response['Error']['Code']}")
        stored = StoredValue.of(answer["VersionId"], answer["SecretString"])
        return Held(stored.key, version_id=stored.version_id)
