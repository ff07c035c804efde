"""The plugin's hold on AWS: configuration, one shared client a region, and errors as one clear line."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.plugins.cloud import Cloud, CloudError, parsed
from sandbox.plugins.wire import Properties

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

MAX_CONNECTIONS = 32
DEFAULT_RETRY_SECONDS = 120.0
RETRY_INTERVAL_SECONDS = 2.0


class AwsCloud(Cloud):
    """Regions, clients and tags of the configured AWS provider; safe to use from many threads.

    Args:
        settings: the provider's configuration, as checked.
        retry_seconds: how long a name that is scheduled for deletion is tried again.
        wait: waits that many seconds and says whether the deployment was cancelled meanwhile.
        monotonic: the clock that the retries go by.
    """

    def __init__(
        self,
        settings: Properties | None = None,
        *,
        retry_seconds: float | None = None,
        wait: Callable[[float], bool] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(settings)
        self.retry_seconds = _retry_seconds() if retry_seconds is None else retry_seconds
        self.wait = wait or self.cancelled.wait
        self.monotonic = monotonic
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def require_settings(self) -> None:
        """Require a region."""
        self.region  # noqa: B018 - looked up for its error

    @property
    def region(self) -> str:
        """The provider's region; CloudError when neither the configuration nor the environment has one."""
        for region in (self.settings.get("region"), os.environ.get("AWS_REGION"), os.environ.get("AWS_DEFAULT_REGION")):
            if region:
                return str(region)
        raise CloudError("no AWS region is configured: run `pulumi config set aws:region REGION` or set AWS_REGION")

    def secrets_manager(self, region: str | None = None) -> "SecretsManagerClient":
        """Return the shared Secrets Manager client of a region (default: the provider's)."""
        client: SecretsManagerClient = self.client("secretsmanager", region)
        return client

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the shared boto3 client of a service."""
        place = (service, region or self.region)
        with self._lock:
            if place not in self._clients:
                self._clients[place] = self._new_client(*place)
            return self._clients[place]

    def default_tags(self) -> dict[str, str]:
        """Return the tags that the provider gives to every resource."""
        given = parsed(self.settings.get("defaultTags")) or {}
        tags = given.get("tags") if isinstance(given, dict) else None
        return dict(tags or {})

    def is_ignored_tag(self, name: str) -> bool:
        """Say whether the provider was told to leave a tag alone; AWS's own tags always are."""
        ignored = parsed(self.settings.get("ignoreTags")) or {}
        prefixes = ["aws:", *ignored.get("keyPrefixes", [])]
        return name in ignored.get("keys", []) or name.startswith(tuple(prefixes))

    def _new_client(self, service: str, region: str) -> Any:
        retries: Any = {"mode": "standard", "max_attempts": int(self.settings.get("maxRetries", 5))}
        config = Config(max_pool_connections=MAX_CONNECTIONS, retries=retries)
        session: Any = self._session()
        return session.client(service, region_name=region, endpoint_url=self._endpoint(service), config=config)

    def _session(self) -> boto3.session.Session:
        """Return a session with the configured keys, or those of the role that they assume."""
        session = boto3.session.Session(
            aws_access_key_id=self.settings.get("accessKey"),
            aws_secret_access_key=self.settings.get("secretKey"),
            aws_session_token=self.settings.get("token"),
            profile_name=self.settings.get("profile"),
        )
        for role in parsed(self.settings.get("assumeRoles")) or []:
            sts = session.client("sts", region_name=self.region, endpoint_url=self._endpoint("sts"))
            name = role.get("sessionName") or "pulumi"
            answer = sts.assume_role(RoleArn=role["roleArn"], RoleSessionName=name)["Credentials"]
            session = boto3.session.Session(
                aws_access_key_id=answer["AccessKeyId"],
                aws_secret_access_key=answer["SecretAccessKey"],
                aws_session_token=answer["SessionToken"],
            )
        return session

    def _endpoint(self, service: str) -> str | None:
        for endpoints in parsed(self.settings.get("endpoints")) or []:
            if endpoints.get(service):
                return str(endpoints[service])
        return None


def error_code(error: ClientError) -> str:
    """Return AWS's name of an error."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


def error_message(error: ClientError) -> str:
    """Return AWS's words on an error, as one line."""
    return " ".join(str(error.response.get("Error", {}).get("Message", "")).split())


def is_gone(error: ClientError) -> bool:
    """Say whether an error means that the secret, or its version, is no longer there to use."""
    if error_code(error) == "ResourceNotFoundException":
        return True
    words = error_message(error)
    deleted = any(text in words for text in ("was deleted", "marked for deletion", "marked deleted"))
    return error_code(error) == "InvalidRequestException" and deleted


@contextmanager
def failing_as(operation: str, subject: str) -> Iterator[None]:
    """Turn what boto3 raises inside the block into one CloudError line."""
    try:
        yield
    except ClientError as error:
        raise CloudError(f"{operation} ({subject}): {error_code(error)}: {error_message(error)}") from None
    except BotoCoreError as error:
        raise CloudError(f"{operation} ({subject}): {type(error).__name__}: {error}") from None


def _retry_seconds() -> float:
    return float(os.environ.get("SANDBOX_AWS_RETRY_SECONDS", DEFAULT_RETRY_SECONDS))
