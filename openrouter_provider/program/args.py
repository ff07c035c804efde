"""What one service wishes of its key and its secret."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pulumi import Input

from ..api.credentials import DEFAULT_BASE_URL
from ..keys.schedule import DEFAULT_OVERLAP
from ..settings import MANAGED_BY_TAG
from ..stores.contract import StoreSettings
from ..stores.payload import SecretFormat
from ..stores.refusals import DEFAULT_STORE, StoreName

Own = TypeVar("Own", bound=StoreSettings)


@dataclass(frozen=True, kw_only=True)
class ServiceKeyArgs:
    """What one service wishes: the key's limits, its rotation, and its secret.

    Attributes:
        secret_name: the secret's name in its store.
        key_name_prefix: the key's name on OpenRouter without its random suffix.
        limit: the credit limit in USD; exactly one of `limit` and `unlimited`.
        unlimited: True for a key without a credit limit.
        limit_reset: daily, weekly, monthly or None.
        include_byok_in_limit: whether usage through your own provider keys counts.
        disabled: whether the key is refused.
        expires_at: ISO 8601 UTC with seconds.
        workspace_id: the workspace that holds the key.
        guardrail_id: the guardrail that binds the key; OpenRouter keeps one for each key.
        creator_user_id: the member who owns it.
        rotation: {"every": "90d", "overlap": "7d", "stagger": True}, or None; what is left out is as shown.
        rotate_now: any token; changing it rotates.
        emergency: superseded keys of that rotation are disabled at once.
        adopt_hash: an existing key to take over.
        adopt_key: its value.
        base_url: the API's base URL that the service shall use.
        app_url: sent by the service as HTTP-Referer; ASCII.
        app_title: sent by the service as X-Title; ASCII.
        format: json or plain.
        store: aws, gcp or vault; see docs/stores.md.
        readers: the principals that may read the secret, in the store's own spelling.
        kms_key_id: AWS: the KMS key that encrypts it; None for AWS's own.
        recovery_window_in_days: AWS: 0, or 7 to 30; None for AWS's 30.
        store_settings: what only its store has, such as GcpSettings or VaultSettings.
        environment: the value of the Environment tag.
        service: the value of the Service tag.
        tags: the user's own tags, which win.
    """

    secret_name: str
    key_name_prefix: str
    limit: float | None = None
    unlimited: bool | None = None
    limit_reset: str | None = None
    include_byok_in_limit: bool | None = None
    disabled: bool | None = None
    expires_at: str | None = None
    workspace_id: Input[str] | None = None
    guardrail_id: Input[str] | None = None
    creator_user_id: str | None = None
    rotation: Mapping[str, Any] | None = None
    rotate_now: str | None = None
    emergency: bool | None = None
    adopt_hash: str | None = None
    adopt_key: str | None = field(default=None, repr=False)
    base_url: str = DEFAULT_BASE_URL
    app_url: str | None = None
    app_title: str | None = None
    format: SecretFormat = "json"
    store: StoreName = DEFAULT_STORE
    readers: Sequence[str] = ()
    kms_key_id: str | None = None
    recovery_window_in_days: int | None = None
    store_settings: StoreSettings | None = None
    environment: str | None = None
    service: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def overlap(self) -> str | None:
        """How long a superseded key stays valid; None for a key that does not rotate."""
        return str(self.rotation.get("overlap") or DEFAULT_OVERLAP) if self.rotation else None

    def settings_as(self, kind: type[Own]) -> Own:
        """Return what only its store has, as that store's settings; the defaults where the wish has none."""
        return self.store_settings if isinstance(self.store_settings, kind) else kind()

    def standard_tags(self, name: str) -> dict[str, str]:
        """Return what marks the secret as this service's, under the names that AWS uses for tags."""
        tags = {**MANAGED_BY_TAG, "Environment": self.environment, "Service": self.service or name}
        return {tag: value for tag, value in tags.items() if value}
