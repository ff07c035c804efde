"""The parts of External Secrets' resources that the example uses, by the fields of their published definitions."""

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
    creation_policy: Literal["Owner", "Orphan", "Merge", "None"] = Field(alias="creationPolicy")


class _Extract(_Strict):
    key: str


class _DataFrom(_Strict):
    extract: _Extract


class _ExternalSecretSpec(_Strict):
    refresh_interval: str = Field(alias="refreshInterval", pattern=r"^\d+[smh]$")
    secret_store_ref: _StoreRef = Field(alias="secretStoreRef")
    target: _Target
    data_from: list[_DataFrom] = Field(alias="dataFrom", min_length=1)


class ExternalSecret(_Strict):
    """Which secret becomes which."""

    api_version: Literal["external-secrets.io/v1"] = Field(alias="apiVersion")
    kind: Literal["ExternalSecret"]
    metadata: _Metadata
    spec: _ExternalSecretSpec
