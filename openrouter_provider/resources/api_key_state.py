"""ApiKey's state: which properties it has, and what of them the API says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..api.models import CreateKeyRequest, KeyRecord
from ..schedule import format_instant, kept_instant
from .checks import check_flag, check_instant, check_limit, check_limit_reset, check_text
from .fields import Field, Props, actual, present, storable
from .naming import check_name
from .sameness import same_id, same_moment, same_text


def _spelled(instant: datetime | None) -> str | None:
    return format_instant(instant) if instant else None


FIELDS = (
    Field("name", check_name, alike=same_text),
    Field("limit", check_limit),
    Field("limit_reset", check_limit_reset),
    Field("include_byok_in_limit", check_flag, default=False),
    Field("disabled", check_flag, default=False),
    Field("workspace_id", check_text, if_declared=True, alike=same_id),
    Field("expires_at", check_instant, replaces=True, read=_spelled, alike=same_moment),
    Field("creator_user_id", check_text, replaces=True, if_declared=True),
)
# Decided by the program or by check(), kept in the state, unknown to the API.
SCHEDULE = ("rotation", "rotate_now", "emergency", "generation", "rotated_at", "next_rotation_at", "rotation_reason")
NAMING = ("name_prefix", "name_seed")
ADOPTION = ("adopt_hash", "adopt_key")
INPUTS = (*(field.name for field in FIELDS), "unlimited", *SCHEDULE, *NAMING, *ADOPTION)
DECIDED = ("hash", "label", "created_at", "key", "superseded")


def request_for(props: Mapping[str, Any]) -> CreateKeyRequest:
    """Return the body that creates the key these inputs wish for."""
    at_creation = [field.name for field in FIELDS if field.name != "disabled"]
    return CreateKeyRequest(**present({name: props.get(name) for name in at_creation}))


def outputs(props: Mapping[str, Any], record: KeyRecord, key: str | None, superseded: list[Props]) -> Props:
    """Return the resource's state: its inputs, and what the API decided."""
    decided = {
        "hash": record.hash,
        "label": storable(record.label),
        "created_at": kept_instant(props.get("created_at"), record.created_at),
        "key": key,
        "superseded": superseded,
    }
    return present({**inputs_of(props), **decided})


def inputs_of(props: Mapping[str, Any]) -> Props:
    """Return those of a state's properties that are inputs."""
    return present({name: props.get(name) for name in INPUTS})


def known_outputs(news: Mapping[str, Any], olds: Mapping[str, Any], record: KeyRecord | None) -> Props:
    """Return the state after a change in place: the new inputs, and the identity that stays."""
    label = storable(record.label) if record else olds.get("label")
    return present({**inputs_of(news), **{name: olds.get(name) for name in DECIDED}, "label": label})


def refreshed(props: Mapping[str, Any], record: KeyRecord) -> Props:
    """Return the state with what the API now says of the managed fields; nothing else of it moves."""
    unlimited = True if record.limit is None else None
    superseded = props.get("superseded") or []
    return outputs(
        {**props, **actual(FIELDS, props, record), "unlimited": unlimited}, record, props.get("key"), superseded
    )
