"""ApiKey's state: which properties it has, and what of them the API says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..api.models import CreateKeyRequest, KeyRecord
from .checks import check_flag, check_instant, check_limit, check_limit_reset, check_text
from .fields import UNKNOWN, Field, Props, actual, present, shown, storable
from .naming import SUFFIX_LENGTH, check_name, drawn_name, lineage
from .sameness import same_id, same_moment, same_text
from .schedule import format_instant, kept_instant


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
STORED_IN = "stored_in"
"""The input that says in which secret the key is; the store is asked before the key is harmed."""
# Decided by the program or by check(), kept in the state, unknown to the API.
SCHEDULE = ("rotation", "rotate_now", "emergency", "generation", "rotated_at", "next_rotation_at", "rotation_reason")
NAMING = ("name_prefix", "name_seed")
ADOPTION = ("adopt_hash", "adopt_key")
INPUTS = (*(field.name for field in FIELDS), "unlimited", *SCHEDULE, *NAMING, *ADOPTION, STORED_IN)
GENERATIONS_AHEAD = 64
"""How many generations a restored state may be behind for its keys to be known as this resource's."""
DECIDED = ("hash", "label", "created_at", "key", "superseded")
OUTPUTS = (*(field.name for field in FIELDS), "generation", "rotated_at", "next_rotation_at", *DECIDED)
"""What a program may read of an ApiKey; ApiKeyOutputs says of which type."""


def request_for(props: Mapping[str, Any]) -> CreateKeyRequest:
    """Return the body that creates the key these inputs wish for, under a name that no other object has.

    A name that the program gave may be borne by others: the key gets it once it is known to be ours.
    """
    at_creation = [field.name for field in FIELDS if field.name != "disabled"]
    wished = {name: props.get(name) for name in at_creation} | {"name": name_at_creation(props)}
    return CreateKeyRequest(**present(wished))


def name_at_creation(props: Mapping[str, Any]) -> str:
    """Return the unique name under which the key of these inputs is made."""
    name, seed = str(props["name"]), props.get("name_seed")
    is_unique = props.get("name_prefix") is not None or int(props.get("generation") or 1) > 1
    return name if is_unique or not seed else drawn_name(name, str(seed), 1)


def family(olds: Mapping[str, Any], news: Mapping[str, Any]) -> frozenset[str]:
    """Return every name under which this resource may have made a key: what bears one, and no state knows, is its own.

    Names go by the seed that the state recorded, not by what they look like. A restored state may be many generations
    behind.
    """
    seed = olds.get("name_seed")
    bases = {str(base) for props in (olds, news) if (base := _base_of(props)) is not None}
    if not seed:
        return frozenset()
    return lineage(bases, str(seed), int(news.get("generation") or 1) + GENERATIONS_AHEAD)


def _base_of(props: Mapping[str, Any]) -> Any:
    """Return what the physical names begin with; a given name of a later generation has its suffix cut off."""
    if props.get("name_prefix") is not None:
        return props["name_prefix"]
    name, generation = str(props.get("name") or ""), int(props.get("generation") or 1)
    return name if generation == 1 else name[: -SUFFIX_LENGTH - 1]


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


def rotates(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Return whether an update makes another key current."""
    return olds.get("generation") != news.get("generation") and news.get("adopt_hash") != olds.get("hash")


def gives_value(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Return whether the program gives the value of a key that was imported without it."""
    return olds.get("key") is None and news.get("adopt_key") is not None and news.get("adopt_hash") == olds.get("hash")


def given_value(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Props:
    """Return the value that the program gives of an imported key, as an output; nothing where it gives none."""
    return {"key": news["adopt_key"]} if gives_value(olds, news) else {}


def planned(news: Mapping[str, Any], superseded: Any = UNKNOWN) -> Props:
    """Return what a preview knows of the state with a new key: one that is adopted is known, but for its label."""
    decided = dict.fromkeys(DECIDED, UNKNOWN) | {"superseded": superseded}
    if news.get("adopt_hash"):
        decided |= {"hash": news["adopt_hash"], "key": news.get("adopt_key")}
    return present({**inputs_of(news), **decided})


def imported(record: KeyRecord) -> Props:
    """Return the state of an existing key that is taken into a stack: its first generation, its value unknown."""
    found = {name: storable(value) for name, value in shown(FIELDS, record).items()}
    begun = {"generation": 1, "rotated_at": format_instant(record.created_at), "adopt_hash": record.hash}
    unlimited = True if record.limit is None else None
    return outputs({**found, **begun, "unlimited": unlimited}, record, None, [])


def refreshed(props: Mapping[str, Any], record: KeyRecord) -> Props:
    """Return the state with what the API now says of the managed fields; nothing else of it moves."""
    unlimited = True if record.limit is None else None
    superseded = props.get("superseded") or []
    return outputs(
        {**props, **actual(FIELDS, props, record), "unlimited": unlimited}, record, props.get("key"), superseded
    )
