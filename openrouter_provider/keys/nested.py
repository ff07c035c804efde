"""Arguments that have arguments of their own: a name that isn't one is refused, with the one that was meant.

No message quotes a value: it may be a secret.
"""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from inspect import isawaitable
from typing import Any, NotRequired, TypedDict

from pulumi import Input, Output, RunError
from pulumi.runtime.rpc import UNKNOWN

from ..api.errors import ConfigurationError
from ..api.scrub import printable, scrub
from .credential_checks import places_of_keys
from .known import is_late
from .sameness import has_unknown, is_unknown
from .schedule import DEFAULT_OVERLAP, check_overlap, parse_duration

LONGEST_NAME = 40


class ArgumentRefused(ConfigurationError, RunError):
    """An argument of a resource is wrong by itself; Pulumi shows the message without a traceback."""


class RotationArgs(TypedDict):
    """When a key is replaced, and how long the one before stays valid.

    Attributes:
        every: a key is replaced before it is older than this: `90d`, `12h`, `1w2d`.
        overlap: how long the superseded key stays valid; default `7d`, and shorter than `every`.
        stagger: whether keys made together rotate apart, over a tenth of the period; default True.
    """

    every: Input[str]
    overlap: NotRequired[Input[str]]
    stagger: NotRequired[Input[bool]]


class StoredInArgs(TypedDict):
    """The secret that is asked before a key is harmed.

    Attributes:
        store: aws, gcp, vault or kubernetes.
        reference: names the secret in that store.
        access: how the store is reached, by the names of its Pulumi provider's settings; default: the environment's.
    """

    store: Input[str]
    reference: Input[str]
    access: NotRequired[Input[Mapping[str, Any]]]


def name_problem(names: Collection[str], required: Collection[str], optional: Collection[str] = ()) -> str:
    """Return what is wrong with an argument's own names; empty where nothing is.

    >>> name_problem(["evry"], ["every"], ["overlap"])
    'has no `evry`: did you mean `every`?'
    """
    known = [*required, *optional]
    for name in names:
        if name not in known:
            close = get_close_matches(str(name)[:LONGEST_NAME], known, n=1)
            hint = f"did you mean `{close[0]}`?" if close else f"it must have only {', '.join(known)}"
            return f"has no `{scrub(printable(str(name), length=LONGEST_NAME))}`: {hint}"
    missing = next((name for name in required if name not in names), None)
    return f"lacks `{missing}`" if missing else ""


def _refuse(problem: str) -> None:
    if problem:
        raise ValueError(problem)


def check_rotation(value: object) -> Any:
    """Return a schedule whole, with its defaults; unknown where a part of it is.

    Raises:
        ValueError: it has other parts than RotationArgs, or one of them is wrong.
    """
    if not isinstance(value, Mapping):
        raise ValueError("must be an object with `every` and `overlap`")
    given = {name: part for name, part in value.items() if part is not None}
    _refuse(name_problem([*given], ["every"], ["overlap", "stagger"]))
    if has_unknown(value):
        return UNKNOWN
    overlap, stagger = given.get("overlap", DEFAULT_OVERLAP), given.get("stagger", True)
    for name, duration in {"every": given["every"], "overlap": overlap}.items():
        try:
            parse_duration(duration)
        except ValueError as error:
            raise ValueError(f"has a wrong `{name}`: it {error}") from None
    check_overlap(given["every"], overlap)
    if not isinstance(stagger, bool):
        raise ValueError("has a wrong `stagger`: it must be true or false")
    return {"every": given["every"], "overlap": overlap, "stagger": stagger}


def check_stored_in(value: object) -> Any:
    """Return where a key is stored, as it is.

    Raises:
        ValueError: it has other parts than StoredInArgs.
    """
    if not isinstance(value, Mapping):
        raise ValueError("must be an object with `store` and `reference`")
    _refuse(name_problem([*value], ["store", "reference"], ["access"]))
    return value


def refuse_at_once(rotation: object) -> None:
    """Refuse a schedule that the program knows and that is wrong, where the program says it.

    Raises:
        ArgumentRefused: names the part of it.
    """
    if rotation is None or is_unknown(rotation) or isinstance(rotation, Output) or isawaitable(rotation):
        return
    parts = rotation
    if isinstance(rotation, Mapping):
        parts = {name: UNKNOWN if is_late(part) else part for name, part in rotation.items()}
    if [*places_of_keys(parts)]:
        return  # Who stores the key says so with the service's name, or else the provider.
    try:
        check_rotation(parts)
    except ValueError as error:
        raise ArgumentRefused(f"rotation {error} (docs/library.md#nested-arguments)") from None
