"""What the plugin asks of a resource type, and the checks that all of them share."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from sandbox.plugins.cloud import Cloud
from sandbox.plugins.schema import DEFAULTS_NAME, Difference, Schema
from sandbox.plugins.wire import UNKNOWN, Properties, has_unknown

C = TypeVar("C", bound=Cloud)


@dataclass(frozen=True)
class Problem:
    """Why one property can't be accepted."""

    property_name: str
    reason: str


@dataclass(frozen=True)
class Found:
    """A resource as the cloud has it: its id and all its properties."""

    id: str
    state: Properties


class PartlyCreatedError(Exception):
    """The resource exists, but a step after its creation failed."""

    def __init__(self, found: Found, reason: str) -> None:
        super().__init__(reason)
        self.found = found
        self.reason = reason


class ResourceType(ABC, Generic[C]):
    """One kind of resource, made of plain properties; safe to use from many threads."""

    token: ClassVar[str]
    schema: ClassVar[Schema]
    outputs: ClassVar[frozenset[str]] = frozenset()
    autonamed: ClassVar[str] = ""
    """The property that the real provider fills with a name where a program gives none."""

    def __init__(self, cloud: C) -> None:
        self.cloud = cloud

    def check(
        self, name: str, given: Properties, previous: Properties, seed: bytes
    ) -> tuple[Properties, list[Problem]]:
        """Return the inputs with their defaults, and every problem found in them."""
        inputs = {key: value for key, value in given.items() if not key.startswith("__") and value is not None}
        problems = self._unknown_names(inputs) + self._missing(inputs)
        problems += [problem for problem in self.validate(inputs) if not has_unknown(inputs.get(problem.property_name))]
        missing = {key: value for key, value in self.schema.defaults.items() if key not in inputs}
        missing |= self.computed_defaults(name, inputs, previous, seed)
        defaulted = sorted(set(missing) - self.outputs)
        return inputs | missing | {DEFAULTS_NAME: defaulted}, problems

    def differences(self, state: Properties, wanted: Properties) -> dict[str, Difference]:
        """Return what has to change for `state` to become `wanted`."""
        return self.schema.differences(state, wanted)

    def must_delete_first(self, state: Properties, wanted: Properties) -> bool:  # noqa: ARG002 - most types ask the inputs alone
        """Say whether the old resource goes before its replacement comes: where a program itself chose the name."""
        return self.autonamed in wanted and self.autonamed not in wanted.get(DEFAULTS_NAME, [])

    def imported_defaults(self) -> Properties:
        """Return the inputs that an import has although the cloud knows nothing of them."""
        return dict(self.schema.defaults)

    def refreshed_inputs(self, inputs: Properties, state: Properties) -> Properties:
        """Return the inputs as the cloud has them now; those of an import, which had none, from the state."""
        if inputs:
            return {name: state.get(name, value) for name, value in inputs.items()}
        defaults = self.imported_defaults()
        given = {name: state[name] for name in self.schema.inputs if state.get(name) not in (None, "", [], {})}
        return given | defaults | {DEFAULTS_NAME: sorted(defaults)}

    def preview(self, inputs: Properties, state: Properties | None = None) -> Properties:
        """Return the state as far as it is known before the operation."""
        unknown = dict.fromkeys(self.outputs | self.schema.computed, UNKNOWN)
        return unknown | (state or {}) | _without_marks(inputs)

    def computed_defaults(self, name: str, inputs: Properties, previous: Properties, seed: bytes) -> Properties:  # noqa: ARG002 - most types have none
        """Return the inputs that are derived from others, or chosen once and kept."""
        return {}

    def validate(self, inputs: Properties) -> list[Problem]:  # noqa: ARG002 - most types have no more rules
        """Return the problems in the values of known properties."""
        return []

    @abstractmethod
    def create(self, inputs: Properties) -> Found:
        """Make the resource and return it as the cloud then has it."""

    @abstractmethod
    def read(self, identifier: str, state: Properties) -> Found | None:
        """Return the resource as the cloud has it now, or nothing when it is gone."""

    @abstractmethod
    def update(self, identifier: str, state: Properties, wanted: Properties) -> Found:
        """Change the resource from `state` to `wanted` and return it as the cloud then has it."""

    @abstractmethod
    def delete(self, identifier: str, state: Properties) -> None:
        """Remove the resource; one that is gone already is no error."""

    def _unknown_names(self, inputs: Properties) -> list[Problem]:
        strangers = sorted(set(inputs) - self.schema.inputs)
        return [Problem(name, f"{self.token} has no property {name!r}") for name in strangers]

    def _missing(self, inputs: Properties) -> list[Problem]:
        absent = sorted(self.schema.required - set(inputs))
        return [Problem(name, f"{self.token} needs the property {name!r}") for name in absent]


def _without_marks(inputs: Properties) -> Properties:
    return {name: value for name, value in inputs.items() if not name.startswith("__")}
