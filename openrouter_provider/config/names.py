"""The settings that there are, in both namespaces; a name beside them is a misspelt one."""

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

from ..api.scrub import holds_key
from ..settings import BASE_URL_CONFIG, MANAGEMENT_KEY_CONFIG, PROJECT
from .around import SETTINGS
from .files import settings_in
from .parsing import did_you_mean
from .problems import Problem, problem_at

SETTING_NAMES = (
    "extends",
    "namePrefix",
    "environment",
    "expiryNotice",
    "maxLimit",
    "budget",
    "defaults",
    "services",
    "servicesFrom",
    "policy",
    "workspaces",
    "guardrails",
    "byokKeys",
    *SETTINGS,
)
KNOWN_SETTINGS = (*(f"{PROJECT}:{name}" for name in SETTING_NAMES), MANAGEMENT_KEY_CONFIG, BASE_URL_CONFIG)
NAMESPACES = frozenset(name.partition(":")[0] for name in KNOWN_SETTINGS)
NEW_MANAGEMENT_KEY = "make a new management key, since this one may be in your history"


def setting_names(told: Iterable[str], project: Path, stack: str, name: str) -> list[str]:
    """Return the full names of the program's settings, other namespaces' too.

    Args:
        told: those that the SDK tells. Where there are none, the files tell, and those of environments are missing.
        project: the project's folder.
        stack: the stack's name.
        name: the project's name, the namespace of the settings that have none in its file.
    """
    files = (project / f"Pulumi.{stack}.yaml", project / "Pulumi.yaml")
    here = {each if ":" in each else f"{name}:{each}" for file in files for each in settings_in(file)}
    return sorted(set(told) or here)


def unknown_names(
    names: Iterable[str], get: Callable[[str], object | None], is_secret: Callable[[str], bool]
) -> Iterator[Problem]:
    """Yield each name in our namespaces that no setting has; it would be ignored without a word.

    Args:
        names: the full names of all settings of the stack, others' too.
        get: returns a setting's text.
        is_secret: tells of a full name whether any part of its value is encrypted.
    """
    for name in sorted(names):
        namespace, _, setting = name.partition(":")
        if namespace in NAMESPACES and name not in KNOWN_SETTINGS:
            plaintext = not is_secret(name) and _is_credential(name, str(get(name) or ""))
            what = f"is not a known setting; {_hint(namespace, setting)}"
            what += f"; its value is in plaintext: take it out, and {NEW_MANAGEMENT_KEY}" if plaintext else ""
            yield problem_at("", [name], what)


def _hint(namespace: str, setting: str) -> str:
    """Return what was probably meant: a setting of this namespace, or of the other one under exactly this name."""
    elsewhere = [name for name in KNOWN_SETTINGS if name.partition(":")[2] == setting]
    if elsewhere:
        return f"did you mean {elsewhere[0]}?"
    here = [name.partition(":")[2] for name in KNOWN_SETTINGS if name.startswith(f"{namespace}:")]
    return did_you_mean(setting, here, "known settings")


def _is_credential(name: str, value: str) -> bool:
    """Whether the value may be a management key: it looks like one, or stands under a name that is nearly its."""
    meant = [known.partition(":")[2] for known in KNOWN_SETTINGS]
    return holds_key(value) or get_close_matches(name.partition(":")[2][:80], meant, n=1) == ["managementKey"]
