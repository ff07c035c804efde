"""Where the key comes from, and what comes with it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

DEFAULT_BASE_URL = "https://openrouter.ai/api/v1"
KEY_PREFIX = "sk-or-"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_AWS_FIXES = {
    "ResourceNotFoundException": "there is no such secret: check its name, the account and the region",
    "AccessDeniedException": "this role may not read it: name the role in the service's readers (and in the KMS key)",
    "DecryptionFailure": "this role may not use the secret's KMS key: allow it kms:Decrypt",
}


class CredentialsUnreadable(Exception):
    """The source has no usable key; says why and the fix on one line, without the value."""


@dataclass(frozen=True)
class Credentials:
    """A key and what is sent along with it."""

    api_key: str = field(repr=False)
    base_url: str = DEFAULT_BASE_URL
    app_url: str | None = None
    app_title: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The headers that tell OpenRouter which application calls; a header takes ASCII only."""
        wanted = {"HTTP-Referer": self.app_url, "X-Title": self.app_title}
        return {name: value.encode("ascii", "replace").decode() for name, value in wanted.items() if value}


class Source(Protocol):
    """Something that holds the key, and may hold another one the next time it is read."""

    @property
    def name(self) -> str:
        """What a message calls it."""

    def read(self) -> Credentials:
        """Return what it holds now.

        Raises:
            CredentialsUnreadable: it holds no usable key.
        """


@dataclass(frozen=True)
class EnvironmentSource:
    """The variables of a process, for a laptop."""

    variables: Mapping[str, str]
    name: str = "OPENROUTER_API_KEY"

    def read(self) -> Credentials:
        """Return the credentials in the variables."""
        if not self.variables.get("OPENROUTER_API_KEY"):
            raise CredentialsUnreadable(
                "no key: set OPENROUTER_SECRET_ID to the secret's name or ARN, or OPENROUTER_API_KEY on a laptop"
            )
        return credentials_from(self.variables, self.name)


@dataclass(frozen=True)
class SecretsManagerSource:
    """A secret in AWS Secrets Manager, in either format.

    Args:
        secret_id: its name or ARN.
        base_url: the endpoint, where the secret names none (`format: plain`).
        region: the secret's region, where the ARN names none; without either it is boto3's own choice.
    """

    secret_id: str
    base_url: str = DEFAULT_BASE_URL
    region: str | None = None

    @property
    def name(self) -> str:
        """What a message calls it."""
        return f"the secret {self.secret_id}"

    def read(self) -> Credentials:
        """Return the credentials in the secret's current version."""
        return credentials_from(fields_of(self._text(), self.base_url), self.name)

    def _text(self) -> str:
        # A laptop that uses .env needs no AWS library, and pays nothing for it.
        import boto3  # noqa: PLC0415 - see above
        from botocore.config import Config  # noqa: PLC0415 - see above
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see above

        patience = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard"})
        try:
            region = region_of(self.secret_id) or self.region
            client = boto3.session.Session().client("secretsmanager", region_name=region, config=patience)
            return client.get_secret_value(SecretId=self.secret_id).get("SecretString") or ""
        except ClientError as error:
            code = error.response["Error"]["Code"]
            fix = _AWS_FIXES.get(code, "try again later")
            raise CredentialsUnreadable(f"{self.name}: AWS answered {code}: {fix}") from None
        except BotoCoreError as error:
            kind = type(error).__name__
            raise CredentialsUnreadable(
                f"{self.name}: AWS could not be asked ({kind}): check AWS's credentials, AWS_REGION and the network"
            ) from None


def source_for(variables: Mapping[str, str]) -> Source:
    """Return the secret that OPENROUTER_SECRET_ID names, or else the variables themselves."""
    secret_id = variables.get("OPENROUTER_SECRET_ID")
    if not secret_id:
        return EnvironmentSource(variables)
    base_url = variables.get("OPENROUTER_BASE_URL") or DEFAULT_BASE_URL
    # boto3 itself knows AWS_DEFAULT_REGION only; ECS, Lambda and the other SDKs say AWS_REGION.
    return SecretsManagerSource(secret_id, base_url, variables.get("AWS_REGION"))


def fields_of(text: str, base_url: str = DEFAULT_BASE_URL) -> dict[str, str]:
    """Return what a secret's text holds: an object of variables, or (`format: plain`) the bare key."""
    fields: dict[str, str] = {"OPENROUTER_BASE_URL": base_url}
    if not text.lstrip().startswith("{"):
        return fields | {"OPENROUTER_API_KEY": text.strip()}
    try:
        loaded = json.loads(text)
    except ValueError:
        return fields
    return fields | {name: value for name, value in loaded.items() if isinstance(value, str)}


def credentials_from(fields: Mapping[str, str], name: str) -> Credentials:
    """Return the credentials in a set of variables.

    Raises:
        CredentialsUnreadable: the key is missing or is no OpenRouter key, or the endpoint is not to be trusted with it.
    """
    key = fields.get("OPENROUTER_API_KEY", "").strip()
    if not key.startswith(KEY_PREFIX) or not key.isascii() or not key.isprintable() or " " in key:
        raise CredentialsUnreadable(
            f"{name} holds no OpenRouter key (one begins with {KEY_PREFIX}): nothing was sent; `pulumi up --refresh` "
            "restores a secret that was edited by hand"
        )
    base_url = fields.get("OPENROUTER_BASE_URL") or DEFAULT_BASE_URL
    if not keeps_secrets(base_url):
        raise CredentialsUnreadable("OPENROUTER_BASE_URL must begin with https://; plain HTTP is for loopback only")
    return Credentials(key, base_url, fields.get("OPENROUTER_APP_URL"), fields.get("OPENROUTER_APP_TITLE"))


def keeps_secrets(url: str) -> bool:
    """Return whether a key may be sent there: over TLS, or without leaving the machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))


def region_of(secret_id: str) -> str | None:
    """Return the region that an ARN names, None for a name."""
    parts = secret_id.split(":")
    return parts[3] or None if len(parts) > 3 and parts[0] == "arn" else None
