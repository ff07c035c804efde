"""From a section of the config to its model; what is wrong comes back as faults, in words that name the fix."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from .problems import Problem, problem_at


class ConfigModel(BaseModel):
    """Unknown settings are errors, names are camelCase, and no error quotes a value."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, hide_input_in_errors=True, defer_build=True
    )
    inner: ClassVar[Mapping[str, type["ConfigModel"]]] = {}
    """The models of those settings that have settings of their own."""

    @classmethod
    def wrong_together(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:  # noqa: ARG003 - for others
        """Yield what is wrong with several settings at once: the one to mend, and how.

        Args:
            settings: the checked settings; as they came where one of them is wrong by itself.
        """
        yield from ()


_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62})")
Model = TypeVar("Model", bound=ConfigModel)


@dataclass(frozen=True)
class Fault:
    """What is wrong with one setting of a section: the steps that lead to it, and what to do."""

    steps: tuple[str, ...]
    what: str


def checked(model: type[Model], raw: Mapping[str, Any]) -> tuple[Model | None, list[Fault]]:
    """Return the section, None where anything is wrong with it, and all that is wrong."""
    parsed, faults = _validated(model, raw)
    reported = {fault.steps for fault in faults}
    together = model.wrong_together(parsed.model_dump(by_alias=True) if parsed else raw)
    faults += [Fault((name,), what) for name, what in together if (name,) not in reported]
    return None if faults else parsed, faults


def parse_section(model: type[Model], raw: Mapping[str, Any], path: str, problems: list[Problem]) -> Model | None:
    """Return the section, or add what is wrong with it to the problems."""
    parsed, faults = checked(model, raw)
    problems += [problem_at(path, fault.steps, fault.what) for fault in faults]
    return parsed


def parse_named(model: type[Model], raw: object, path: str, example: str, problems: list[Problem]) -> dict[str, Model]:
    """Return the sections that stand under names of the user's own, or add what is wrong to the problems.

    Args:
        model: what each of them is.
        raw: the sections by name; None for none.
        path: where they stand.
        example: how one looks, for the message.
        problems: takes what is wrong.
    """
    noun = path[:-1] if path.endswith("s") else path
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        problems.append(Problem(path, f"must be an object of {path} by name, like {example}"))
        return {}
    wishes = named_wishes(raw, path, noun, example, problems)
    found = {name: parse_section(model, wish, f"{path}.{name}", problems) for name, wish in wishes}
    return {name: section for name, section in found.items() if section is not None}


def named_wishes(
    raw: Mapping[Any, Any], path: str, noun: str, example: str, problems: list[Problem]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each name with its settings; a bad name, and what is no object, is added to the problems instead.

    Args:
        raw: the settings by name.
        path: where they stand.
        noun: what has the name.
        example: how one looks, for the message.
        problems: takes what is wrong.
    """
    for name, wish in raw.items():
        if not is_name(name):
            what = f"is no {noun} name: use up to 63 letters, digits, . _ - (a letter or digit first)"
            problems.append(Problem(f"{path}.{_escaped(name)}"[:80], what))
        elif wish is not None and not isinstance(wish, Mapping):
            settings = example.partition(": ")[2].removesuffix("}")
            problems.append(Problem(f"{path}.{name}", f"must be an object of settings, like {settings}"))
        else:
            yield name, wish or {}


def is_name(name: object) -> bool:
    """Return whether a section's entry may have this name; a key that somebody pasted is none."""
    return isinstance(name, str) and bool(_NAME.fullmatch(name)) and not name.lower().startswith("sk-or-")


def _escaped(name: object) -> str:
    text = str(name) if isinstance(name, str | int | float | None) else ""
    shown = text[:80].encode("unicode_escape").decode()
    return "sk-or-…" if "sk-or-" in shown.lower() else shown


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """Return the hint for a name that does not exist.

    Args:
        name: what was written.
        known: the names that exist.
        otherwise: what to say before the list of all of them where none sounds like it.
    """
    names = sorted(known)
    close = get_close_matches(name[:80], names, n=1)
    return f"did you mean {close[0]}?" if close else f"{otherwise}: {', '.join(names) or 'none'}"


def _validated(model: type[Model], raw: Mapping[str, Any]) -> tuple[Model | None, list[Fault]]:
    try:
        return model.model_validate(raw), []
    except ValidationError as error:
        return None, [_fault(model, detail) for detail in error.errors(include_url=False)]


def _fault(model: type[ConfigModel], detail: Mapping[str, Any]) -> Fault:
    cause = detail.get("ctx", {}).get("error")
    steps = tuple(str(step) for step in detail["loc"])
    if detail["type"] == "extra_forbidden":
        section = model.inner.get(steps[0], model) if steps[1:] else model
        return Fault(steps, _unknown_setting(section, steps[-1]))
    return Fault(steps, str(cause) if cause else _plain(detail))


def _plain(detail: Mapping[str, Any]) -> str:
    expected = {
        "bool_type": "must be true or false",
        "bool_parsing": "must be true or false",
        "string_type": "must be a text: put it in quotes",
        "string_too_short": "must be a text that is not empty",
        "invalid_key": "is not a known setting: names are texts",
        "missing": "is missing",
        "model_type": "must be an object of settings, or null",
        "dict_type": "must be an object of texts by name",
        "tuple_type": "must be a list",
    }
    return expected.get(detail["type"]) or str(detail["msg"]).replace("Input should be", "must be")


def _unknown_setting(model: type[ConfigModel], name: str) -> str:
    known = {to_camel(field) for field in model.model_fields}
    return f"is not a known setting; {did_you_mean(name, known, 'known settings')}"
