"""Physical names: unique, chosen when an object is first checked, and computable again after a crash."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from .fields import Field, Props, is_unknown


class Named(Protocol):
    """Something that bears a name."""

    @property
    def name(self) -> str | None:
        """The name."""
        ...


Bearer = TypeVar("Bearer", bound=Named)

NAME_MAX_LENGTH = 255
SUFFIX_LENGTH = 7
SLUG_LENGTH = 50
NAME_MISSING = "is missing: give a name, or a name_prefix to draw one from"


def name_up_to(length: int) -> Callable[[object], str]:
    """Return a check of names that, with a drawn suffix, have at most that many characters."""
    allowed = length - SUFFIX_LENGTH - 1

    def check(value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise ValueError("must be a text that is not empty")
        if len(value) > allowed:
            raise ValueError(f"must have at most {allowed} characters")
        if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in value):
            raise ValueError("must not have control or direction characters")
        # Sent trimmed, so that what a lost create made is found under exactly the name that was sent.
        return value.strip()

    return check


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
    """Return the physical name of a generation, and the seed it was drawn from: unique, and computable again.

    The random seed is drawn once for an object, the way Pulumi draws an autoname; each later generation's suffix is
    derived from it. A run that dies between a rotation's create and its checkpoint leaves a key whose exact name the
    next run computes again, finds and deletes.
    """
    if inputs.get("name") is not None:
        name = inputs["name"]
        derived = name if generation == 1 else f"{name}-{derived_suffix(name, inputs['generation'])}"
        return {"name": name if is_unknown(name) else derived}
    prefix = inputs.get("name_prefix")
    seed = olds.get("name_seed") or secrets.token_hex(4)[:SUFFIX_LENGTH]
    suffix = seed if generation == 1 else derived_suffix(seed, generation)
    return {"name_seed": seed, "name": prefix if is_unknown(prefix) else f"{prefix}-{suffix}"}


def slug_of(name: str) -> str | None:
    """Return the slug that a resource's name makes, or None where nothing of it may be in one."""
    groups = re.findall(r"[a-z0-9]+", name.lower())
    return "-".join(groups)[:SLUG_LENGTH].strip("-") or None


def derived_suffix(seed: str, generation: int) -> str:
    """Return the end of the name of a later generation: always the same for the same seed."""
    return hashlib.sha256(f"{seed}:{generation}".encode()).hexdigest()[:SUFFIX_LENGTH]
