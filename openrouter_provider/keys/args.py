"""What a key is: the arguments that ApiKey, ServiceKey and the config share, and what the resource gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from pulumi import Input, Output

from .known import known_then
from .nested import RotationArgs, refuse_at_once
from .schedule import DEFAULT_OVERLAP


@dataclass(frozen=True, kw_only=True)
class ApiKeyArgs:
    """What a key on OpenRouter is; each argument may be another resource's output.

    Attributes:
        name: its name on OpenRouter; drawn from `name_prefix` where it is left out.
        name_prefix: the name without its random suffix; default `<project>/<stack>/<resource name>`.
        limit: the credit limit in USD; exactly one of `limit` and `unlimited`.
        unlimited: True for a key without a credit limit.
        limit_reset: `daily`, `weekly` or `monthly`, at midnight UTC; left out, the limit never resets.
        include_byok_in_limit: whether usage through your own provider keys counts.
        disabled: whether the key is refused.
        expires_at: ISO 8601 UTC with seconds; a change rotates.
        workspace_id: the workspace that holds the key; left out, the account's default one.
        creator_user_id: the member who owns it, for organisations; a change rotates.
        rotation: `{"every": "90d", "overlap": "7d", "stagger": True}`, as RotationArgs has it; left out, the key stays.
        rotate_now: any token; changing it rotates in the next `up`.
        emergency: with `rotate_now`: superseded keys are disabled as soon as the new one is stored.
        adopt_hash: the hash of an existing key to take over instead of creating one.
        adopt_key: that key's value, as a secret.
    """

    name: Input[str] | None = None
    name_prefix: Input[str] | None = None
    limit: Input[float] | None = None
    unlimited: Input[bool] | None = None
    limit_reset: Input[str] | None = None
    include_byok_in_limit: Input[bool] | None = None
    disabled: Input[bool] | None = None
    expires_at: Input[str] | None = None
    workspace_id: Input[str] | None = None
    creator_user_id: Input[str] | None = None
    rotation: Input[RotationArgs] | None = None
    rotate_now: Input[str] | None = None
    emergency: Input[bool] | None = None
    adopt_hash: Input[str] | None = None
    adopt_key: Input[str] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse what is wrong by itself.

        Raises:
            ArgumentRefused: a part of an argument that isn't one, or a value that can't be.
        """
        refuse_at_once(self.rotation)

    def given(self) -> dict[str, Any]:
        """Return by its name what is not left out."""
        props = {each.name: getattr(self, each.name) for each in fields(ApiKeyArgs)}
        return {name: value for name, value in props.items() if value is not None}

    @property
    def overlap(self) -> Input[str | None]:
        """How long a superseded key stays valid; None for a key that does not rotate."""
        return known_then(self.rotation, _overlap)

    @property
    def emergency_token(self) -> Input[str | None]:
        """The token whose rotation disables at once what it supersedes; None where there is no emergency."""
        both: list[Any] = [self.emergency, self.rotate_now]
        return known_then(both, _emergency_token)


def _overlap(rotation: Mapping[str, Any] | None) -> str | None:
    return str(rotation.get("overlap") or DEFAULT_OVERLAP) if rotation else None


def _emergency_token(both: list[Any]) -> str | None:
    emergency, token = both
    return token if emergency else None


class ApiKeyOutputs:
    """What an ApiKey gives back: what it manages, and what the API decided."""

    name: Output[str]
    limit: Output[float | None]
    limit_reset: Output[str | None]
    include_byok_in_limit: Output[bool]
    disabled: Output[bool]
    expires_at: Output[str | None]
    workspace_id: Output[str | None]
    creator_user_id: Output[str | None]
    generation: Output[int]
    rotated_at: Output[str]
    next_rotation_at: Output[str | None]
    hash: Output[str]
    label: Output[str]
    created_at: Output[str]
    key: Output[str]
    superseded: Output[list[dict[str, Any]]]
