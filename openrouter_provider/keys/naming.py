"""Physical names: unique, chosen when an object is first checked, and computable again after a crash."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from ..host.drawing import drawn_hex
from .checks import check_printable, text_up_to
from .fields import UNKNOWN, Field, Props, is_unknown


class Named(Protocol):
    """Something that bears a name."""

    @property
    def name(self) -> str | None:
        """The name."""
        ...


Bearer = TypeVar("Bearer", bound=Named)

NAME_MAX_LENGTH = 255
GUARDRAIL_NAME_LENGTH = 200
SUFFIX_LENGTH = 7
SLUG_LENGTH = 50
NAME_MISSING = "is missing: give a name, or a name_prefix to draw one from"


def name_up_to(length: int) -> Callable[[object], str]:
    """Return a check of names that, with a drawn suffix, have at most that many characters."""
    bounded = text_up_to(length - SUFFIX_LENGTH - 1, check_printable)
    # Sent trimmed, so that what a lost create made is found under exactly the name that was sent.
    return lambda value: bounded(value).strip()


check_name = name_up_to(NAME_MAX_LENGTH)
NAME_PREFIX = Field("name_prefix", check_name)


def namesakes(props: Mapping[str, Any], listing: Callable[[], Iterable[Bearer]]) -> list[Bearer]:
    """Return the objects that bear the wished name already; none where it was drawn, which is unique.

    A name that the program gave is shared by what a replacement supersedes: reconciling a lost answer must not take
    that for its remains.
    """
    if props.get("name_seed"):
        return []
    return [record for record in listing() if record.name == props.get("name")]


def physical_name(olds: Mapping[str, Any], inputs: Mapping[str, Any], generation: int = 1) -> Props:
    """Return the physical name of a generation, and the seed it is drawn from: unique, and computable again.

    A name that the program gave is the first generation's as it stands; later ones add a suffix, as drawn names have.

    The random seed is drawn once for an object, the way Pulumi draws an autoname; each later generation's suffix is
    derived from it. A run that dies between a rotation's create and its checkpoint leaves a key whose exact name the
    next run computes again, finds and deletes.
    """
    seed = str(olds.get("name_seed") or drawn_hex(SUFFIX_LENGTH))
    given = inputs.get("name")
    base = inputs.get("name_prefix") if given is None else given
    if is_unknown(base):
        return {"name_seed": seed, "name": base}
    if given is None:
        return {"name_seed": seed, "name": drawn_name(str(base), seed, generation)}
    return {"name_seed": seed, "name": _given_name(olds, str(given), seed, generation)}


def drawn_now(inputs: Mapping[str, Any]) -> Props:
    """Return, as unknown, what of a new object's name each preview draws anew, and the deployment once more."""
    names = ("name_seed", "name") if inputs.get("name_prefix") is not None else ("name_seed",)
    return dict.fromkeys(names, UNKNOWN)


def _given_name(olds: Mapping[str, Any], given: str, seed: str, generation: int) -> str:
    if generation == 1:
        return given
    # Before seeds were drawn for given names too, these suffixes came of the name alone; such a name stays.
    without_seed = f"{given}-{derived_suffix(given, generation)}"
    return without_seed if olds.get("name") == without_seed else drawn_name(given, seed, generation)


def drawn_name(base: str, seed: str, generation: int) -> str:
    """Return the one name that an object with this seed has, or may have left behind, in a generation."""
    return f"{base}-{seed if generation == 1 else derived_suffix(seed, generation)}"


def lineage(bases: Iterable[str], seed: str, generations: int) -> frozenset[str]:
    """Return every name that an object may have drawn up to a generation: what bears one of them is its own."""
    return frozenset(drawn_name(base, seed, number) for base in bases for number in range(1, generations + 1))


def slug_of(name: str) -> str | None:
    """Return the slug that a resource's name makes, or None where nothing of it may be in one."""
    groups = re.findall(r"[a-z0-9]+", name.lower())
    return "-".join(groups)[:SLUG_LENGTH].strip("-") or None


def derived_suffix(seed: str, generation: int) -> str:
    """Return the end of the name of a later generation: always the same for the same seed."""
    # Pulumi hands numbers back as 2.0.
    return hashlib.sha256(f"{seed}:{int(generation)}".encode()).hexdigest()[:SUFFIX_LENGTH]
