"""How a service's key is stored: what the config, ServiceKey and the stores share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pulumi import Input, Output

from ..api.credentials import DEFAULT_BASE_URL
from ..keys.known import known_then
from ..settings import MANAGED_BY_TAG
from .contract import StoreSettings
from .external import ExternalSecretSettings
from .payload import SecretFormat
from .refusals import DEFAULT_STORE, StoreName

Own = TypeVar("Own", bound=StoreSettings)


@dataclass(frozen=True, kw_only=True)
class SecretArgs:
    """How a service's key is stored; each argument but `store` and `store_settings` may be another resource's output.

    Attributes:
        secret_name: the secret's name in its store.
        store: aws, gcp, vault or kubernetes; see docs/stores.md. It decides which resources there are: no output.
        store_settings: what only its store has, such as GcpSettings or VaultSettings; no output, for the same reason.
        external_secret: where the External Secrets Operator copies the secret to; no output either.
        format: json or plain.
        base_url: the API's base URL that the service shall use.
        app_url: sent by the service as HTTP-Referer; ASCII.
        app_title: sent by the service as X-Title; ASCII.
        readers: the principals that may read the secret, written as the store writes them; as an output never empty.
        kms_key_id: AWS: the KMS key that encrypts it; left out, AWS's own.
        recovery_window_in_days: AWS: 0, or 7 to 30; left out, AWS's 30.
        overlap: Google: for how long a superseded version can be brought back; ServiceKey sets it to the key's overlap.
        environment: the value of the Environment tag.
        service: the value of the Service tag; default the logical name.
        tags: the user's own tags, which win.
    """

    secret_name: Input[str]
    store: StoreName = DEFAULT_STORE
    store_settings: StoreSettings | None = None
    external_secret: ExternalSecretSettings | None = None
    format: Input[SecretFormat] = "json"
    base_url: Input[str] = DEFAULT_BASE_URL
    app_url: Input[str] | None = None
    app_title: Input[str] | None = None
    readers: Input[Sequence[Input[str]]] = ()
    kms_key_id: Input[str] | None = None
    recovery_window_in_days: Input[int] | None = None
    overlap: Input[str | None] = None
    environment: Input[str] | None = None
    service: Input[str] | None = None
    tags: Input[Mapping[str, Input[str]]] = field(default_factory=dict)

    def settings_as(self, kind: type[Own]) -> Own:
        """Return what only its store has, as that store's settings; the defaults where there are none."""
        return self.store_settings if isinstance(self.store_settings, kind) else kind()

    def standard_tags(self, name: str) -> dict[str, Input[str]]:
        """Return what marks the secret as this service's, under the names that AWS uses for tags."""
        tags = {**MANAGED_BY_TAG, "Environment": self.environment, "Service": self.service or name}
        return {tag: value for tag, value in tags.items() if value}

    def tags_over(self, standard: Mapping[str, Input[str]]) -> Any:
        """Return the user's own tags over the standard ones, however the store writes these."""
        if isinstance(self.tags, Mapping):
            return {**standard, **self.tags}
        both: Output[Any] = Output.all(standard, self.tags)
        return both.apply(lambda known: {**known[0], **known[1]})

    def sorted_readers(self) -> Input[list[str]]:
        """Return the readers in the one order in which equal sets of them are equal."""
        readers: Any = self.readers
        return known_then(readers, sorted)
