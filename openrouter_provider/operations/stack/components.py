"""The services of a deployed stack, from its exported state: what it exports of them, and its ServiceKey components.

This project's program exports every service as `services`. Another program exports what it likes, and its ServiceKey
components say the same; so do those that a run of this project made and did not come to export.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...api.errors import ConfigurationError
from ...api.scrub import without_keys
from ...keys import tokens
from ...stores.custody import place_of

State = Mapping[str, Any]
Summary = Mapping[str, Any]
"""What the output `services` has of one service."""
STACK_TYPE = "pulumi:pulumi:Stack"
SECRET_MARK, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
_OF_THE_KEY = {
    "keyHash": "hash",
    "keyName": "name",
    "keyLabel": "label",
    "limit": "limit",
    "limitReset": "limit_reset",
    "disabled": "disabled",
    "expiresAt": "expires_at",
    "generation": "generation",
    "rotatedAt": "rotated_at",
    "nextRotationAt": "next_rotation_at",
}


@dataclass(frozen=True)
class DeployedService:
    """What the stack says of one service; identifiers and limits, never a value."""

    name: str
    key_hash: str
    key_name: str
    key_label: str
    secret_reference: str
    secret_name: str
    limit: float | None = None
    limit_reset: str | None = None
    disabled: bool = False
    expires_at: str | None = None
    generation: int = 1
    rotated_at: str | None = None
    next_rotation_at: str | None = None


@dataclass(frozen=True)
class Components:
    """The ServiceKey components of a state.

    Attributes:
        whole: by name, what the output `services` would have of each.
        unfinished: the names of those without a key or without a secret: a run that made them did not get to its end.
    """

    whole: Mapping[str, Summary]
    unfinished: tuple[str, ...] = ()


def components_in(state: State) -> Components:
    """Return the ServiceKey components of an exported state."""
    resources = [each for each in _resources(state) if not each.get("delete")]
    components = [each for each in resources if each.get("type") == tokens.SERVICE_KEY]
    named = Counter(_name(each) for each in components)
    children: dict[str, dict[str, State]] = {str(each.get("urn")): {} for each in components}
    for each in resources:
        if each.get("parent") in children:
            children[str(each["parent"])][str(each.get("type")).partition(":")[2]] = each
    whole, unfinished = {}, []
    for each in components:
        # A name stands once among its like; components of several kinds may have a ServiceKey of one name each.
        name = _name(each) if named[_name(each)] == 1 else _under_its_parent(each)
        summary = _summary(children[str(each.get("urn"))])
        if summary is None:
            unfinished.append(name)
        else:
            whole[name] = summary
    return Components(whole, tuple(unfinished))


def exported_services(state: State) -> Any:
    """Return the stack's output `services`, whatever it is; None where there is none."""
    stacks = (each for each in _resources(state) if each.get("type") == STACK_TYPE)
    return next(((each.get("outputs") or {}).get("services") for each in stacks), None)


def is_ours(exported: object) -> bool:
    """Return whether an output has the form that this project's program writes."""
    return isinstance(exported, Mapping) and all(
        isinstance(each, Mapping) and "keyHash" in each for each in exported.values()
    )


def is_encrypted(value: object) -> bool:
    """Return whether a value of an exported state, or a part of it, is a secret."""
    if isinstance(value, Mapping):
        return SECRET_MARK in value or any(is_encrypted(part) for part in value.values())
    return isinstance(value, list) and any(is_encrypted(part) for part in value)


def in_the_clear(value: Any) -> Any:
    """Return a value of a state that was exported with its secrets shown, as the program wrote it."""
    if isinstance(value, Mapping):
        if value.get(SECRET_MARK) == _SECRET and "plaintext" in value:
            return in_the_clear(json.loads(value["plaintext"]))
        return {name: in_the_clear(part) for name, part in value.items()}
    return [in_the_clear(part) for part in value] if isinstance(value, list) else value


def services_of(stack: str, exported: Mapping[str, Summary]) -> tuple[DeployedService, ...]:
    """Return what a stack's output `services` says.

    Raises:
        ConfigurationError: it has another form, as after a state was edited by hand.
    """
    try:
        return tuple(_service(name, values) for name, values in sorted(exported.items()))
    except (KeyError, TypeError, ValueError, AttributeError):
        hint = "was the state edited by hand? `pulumi up --refresh` writes it anew"
        raise ConfigurationError(
            f"stack {stack}: its output `services` lacks what this program writes; {hint}"
        ) from None


def _resources(state: State) -> Iterator[State]:
    yield from (state.get("deployment") or {}).get("resources") or []


def _name(resource: State) -> str:
    return str(resource.get("urn") or "").rpartition("::")[2]


def _under_its_parent(component: State) -> str:
    parent = str(component.get("parent") or "")
    return _name(component) if f"::{STACK_TYPE}::" in parent else f"{parent.rpartition('::')[2]}/{_name(component)}"


def _summary(children: Mapping[str, State]) -> Summary | None:
    key, superseded = children.get(tokens.API_KEY), children.get(tokens.SUPERSEDED_KEYS)
    if key is None or superseded is None:
        return None
    outputs, inputs = key.get("outputs") or {}, superseded.get("inputs") or {}
    reference = (place_of(inputs) or {}).get("reference")
    if reference is None or not outputs.get("hash"):
        return None
    of_the_key = {name: outputs.get(output) for name, output in _OF_THE_KEY.items()}
    return {**of_the_key, "secretReference": reference, "secretName": inputs.get("service") or reference}


def _service(name: str, values: Summary) -> DeployedService:
    return DeployedService(
        name=name,
        key_hash=_text(values["keyHash"]),
        key_name=_text(values["keyName"]),
        key_label=_text(values["keyLabel"]),
        secret_reference=_text(values.get("secretArn") or values["secretReference"]),
        secret_name=_text(values["secretName"]),
        limit=values.get("limit"),
        limit_reset=values.get("limitReset"),
        disabled=bool(values.get("disabled")),
        expires_at=values.get("expiresAt"),
        generation=int(values.get("generation") or 1),
        rotated_at=values.get("rotatedAt"),
        next_rotation_at=values.get("nextRotationAt"),
    )


def _text(value: object) -> str:
    """Return an identifier or a name; a state edited by hand may hold anything, and an old one a key as a name."""
    if not isinstance(value, str):
        raise TypeError
    return without_keys(value)
