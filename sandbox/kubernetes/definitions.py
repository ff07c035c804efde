"""The parts of External Secrets' resources that we use, by the fields and the defaults of their published definitions.

https://external-secrets.io/latest/api/spec/
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Metadata(_Strict):
    name: str = Field(pattern=r"[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
    namespace: str


class _ServiceAccountRef(_Strict):
    name: str


class _Jwt(_Strict):
    service_account_ref: _ServiceAccountRef = Field(alias="serviceAccountRef")


class _Auth(_Strict):
    jwt: _Jwt


class _Aws(_Strict):
    service: Literal["SecretsManager", "ParameterStore"]
    region: str
    auth: _Auth


class _Provider(_Strict):
    aws: _Aws


class _SecretStoreSpec(_Strict):
    provider: _Provider


class SecretStore(_Strict):
    """Where secrets come from."""

    api_version: Literal["external-secrets.io/v1"] = Field(alias="apiVersion")
    kind: Literal["SecretStore"]
    metadata: _Metadata
    spec: _SecretStoreSpec


class _StoreRef(_Strict):
    kind: Literal["SecretStore", "ClusterSecretStore"]
    name: str


class _Target(_Strict):
    name: str
    creation_policy: Literal["Owner", "Orphan", "Merge", "None"] = Field("Owner", alias="creationPolicy")
    deletion_policy: Literal["Delete", "Merge", "Retain"] = Field("Retain", alias="deletionPolicy")


class _Source(_Strict):
    key: str
    conversion_strategy: Literal["Default", "Unicode"] = Field("Default", alias="conversionStrategy")
    decoding_strategy: Literal["Auto", "Base64", "Base64URL", "None"] = Field("None", alias="decodingStrategy")
    metadata_policy: Literal["None", "Fetch"] = Field("None", alias="metadataPolicy")
    null_byte_policy: Literal["Ignore", "Fail"] = Field("Ignore", alias="nullBytePolicy")
    """Of newer releases alone: an object that says all it can still gets a field that it didn't say."""


class _DataFrom(_Strict):
    extract: _Source


class _Data(_Strict):
    secret_key: str = Field(alias="secretKey", min_length=1)
    remote_ref: _Source = Field(alias="remoteRef")


class ExternalSecretSpec(_Strict):
    """What is copied, from which store, to which Secret."""

    refresh_interval: str = Field("1h0m0s", alias="refreshInterval", pattern=r"^(\d+[smh])+$")
    secret_store_ref: _StoreRef = Field(alias="secretStoreRef")
    target: _Target
    data: list[_Data] | None = None
    data_from: list[_DataFrom] | None = Field(None, alias="dataFrom")


class ExternalSecret(_Strict):
    """Which secret becomes which."""

    api_version: Literal["external-secrets.io/v1"] = Field(alias="apiVersion")
    kind: Literal["ExternalSecret"]
    metadata: _Metadata
    spec: ExternalSecretSpec
