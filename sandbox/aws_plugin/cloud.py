"""The plugin's hold on AWS: configuration, one shared client a region, and errors as one clear line."""

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.plugins.cloud import Cloud, CloudError, parsed
from sandbox.plugins.wire import Properties

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

MAX_CONNECTIONS = 32
DEFAULT_RETRY_SECONDS = 120.0
DEFAULT_ATTEMPTS = 25
RETRY_INTERVAL_SECONDS = 2.0
RETRY_SECONDS_VARIABLE = "SANDBOX_AWS_RETRY_SECONDS"
ATTEMPTS_VARIABLE = "SANDBOX_AWS_MAX_ATTEMPTS"

T = TypeVar("T")
_numbers = itertools.count(1)


class AwsCloud(Cloud):
    """Regions, clients and tags of the configured AWS provider; safe to use from many threads.

    Args:
        settings: the provider's configuration, as checked.
        retry_seconds: how long is waited for what AWS may still be about to know or to forget.
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
        self.retry_seconds = _patience(RETRY_SECONDS_VARIABLE, DEFAULT_RETRY_SECONDS, retry_seconds)
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

    def patiently(self, work: Callable[[], T], may_pass: Callable[[Exception], bool]) -> T:
        """Return what a piece of work returns, trying again for a while where its failure may pass by itself."""
        deadline = self.monotonic() + self.retry_seconds
        while True:
            try:
                return work()
            except (ClientError, CloudError) as error:
                if not may_pass(error) or self.monotonic() >= deadline:
                    raise
            if self.wait(RETRY_INTERVAL_SECONDS):
                raise CloudError("the deployment was cancelled while this was being tried again")

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
        attempts = int(self.settings.get("maxRetries") or _patience(ATTEMPTS_VARIABLE, DEFAULT_ATTEMPTS))
        retries: Any = {"mode": "standard", "total_max_attempts": attempts}
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


def says(error: Exception, code: str, *words: str) -> bool:
    """Say whether an error is AWS's of this name, with one of these words."""
    return (
        isinstance(error, ClientError) and error_code(error) == code and any(w in error_message(error) for w in words)
    )


def unique_id() -> str:
    """Return an id as the real provider makes them, `terraform-` and digits: the time, and a number that counts up."""
    now = datetime.now(UTC)
    return f"terraform-{now:%Y%m%d%H%M%S}{now.microsecond // 100:04d}{next(_numbers):08x}"


def is_gone(error: ClientError) -> bool:
    """Say whether an error means that the secret, or its version, is no longer there to use."""
    if error_code(error) == "ResourceNotFoundException":
        return True
    words = error_message(error)
    deleted = any(text in words for text in ("was deleted", "marked for deletion", "marked deleted"))
    return error_code(error) == "InvalidRequestException" and deleted


@contextmanager
def failing_as(operation: str, subject: str) -> Iterator[None]:
    """Turn what boto3 raises inside the block into one CloudError line, worded as the real provider's."""
    try:
        yield
    except ClientError as error:
        raise CloudError(f"{operation} ({subject}): {_told(error)}") from None
    except BotoCoreError as error:
        raise CloudError(f"{operation} ({subject}): {type(error).__name__}: {error}") from None


def _told(error: ClientError) -> str:
    about: Any = error.response.get("ResponseMetadata", {})
    given_up = (
        f"exceeded maximum number of attempts, {about['RetryAttempts'] + 1}, " if about.get("RetryAttempts") else ""
    )
    answer = f"https response error StatusCode: {about.get('HTTPStatusCode')}, RequestID: {about.get('RequestId')}"
    code = f"{error_code(error)}: {error_message(error)}"
    return f"operation error Secrets Manager: {error.operation_name}, {given_up}{answer}, {code}"


def _patience(variable: str, default: float, given: float | None = None) -> float:
    """Return how patient to be: as told, as the sandbox's environment says, else as the real provider is."""
    return float(os.environ.get(variable, default)) if given is None else given
