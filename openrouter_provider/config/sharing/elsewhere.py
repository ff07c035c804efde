"""What a stack may declare itself or refer to: workspaces and guardrails that several stacks use."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field

from ..fields import OptionalId
from ..parsing import ConfigModel

_STACK = re.compile(r"(?:[A-Za-z0-9_.-]{1,100}/){0,2}[A-Za-z0-9_.-]{1,100}")


def _stack(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _STACK.fullmatch(value):
        raise ValueError("must be a stack's name, like base or acme/openrouter-keys/base")
    return value


StackName = Annotated[str | None, BeforeValidator(_stack)]


class MaybeElsewhere(ConfigModel):
    """What a stack declares itself, or only refers to."""

    stack: StackName = Field(default=None, description="the stack that declares it; the others read its id from there")
    id: OptionalId = Field(default=None, description="the id of one that is not declared here")

    @property
    def elsewhere(self) -> bool:
        """Whether it is declared outside of this stack."""
        return bool(self.stack or self.id)

    @classmethod
    def wrong_together(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with several settings at once."""
        if settings.get("id") and settings.get("stack"):
            yield "id", "contradicts stack: give one of the two"
        said = {name for name, value in settings.items() if value is not None} - {"id", "stack", "workspace"}
        if settings.get("id") and said:
            yield "id", f"refers to what is declared elsewhere: take out {', '.join(sorted(map(str, said)))[:80]}"


Elsewhere = TypeVar("Elsewhere", bound=MaybeElsewhere)


def declared_here(wishes: Mapping[str, Elsewhere], place: str) -> dict[str, Elsewhere]:
    """Return the wishes; of those that name a stack, this one's are its own to declare.

    Args:
        wishes: by name.
        place: `<project>/<stack>`.
    """
    return {
        name: wish.model_copy(update={"stack": None}) if _is_named(wish.stack, place) else wish
        for name, wish in wishes.items()
    }


def _is_named(stack: str | None, place: str) -> bool:
    parts = stack.split("/") if stack else []
    return bool(parts) and place.split("/")[-len(parts[-2:]) :] == parts[-2:]
