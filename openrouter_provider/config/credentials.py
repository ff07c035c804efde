"""Refuses an OpenRouter key in a setting that is no place for one: names, tags and tokens are stored and printed."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..resources.credential_checks import HOLDS_KEY, places_of_keys
from .problems import Problem, problem_at


def misplaced_keys(settings: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield each setting, by its full path, that has an OpenRouter key in it or in its name.

    An adopted key's and a provider key's value are in their place; that they are encrypted is for plaintext.py to say.

    Args:
        settings: the project's settings by name.
    """
    for steps in places_of_keys(settings):
        if not _is_place_of_one(steps):
            yield problem_at("", steps, HOLDS_KEY)


def _is_place_of_one(steps: tuple[str, ...]) -> bool:
    match steps:
        case ("services", _, "adopt", "key") | ("byokKeys", _, "key"):
            return True
    return False
