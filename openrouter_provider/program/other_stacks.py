"""What other stacks declared, read from their outputs."""

from collections.abc import Mapping
from functools import partial

import pulumi
from pulumi import Input, StackReference

from ..config.sharing.elsewhere import MaybeElsewhere


class StackReferences:
    """The other stacks that a program reads from: one resource a stack, whatever is read from it."""

    def __init__(self) -> None:
        self._found: dict[str, StackReference] = {}

    def ids(self, section: str, wishes: Mapping[str, MaybeElsewhere]) -> dict[str, Input[str]]:
        """Return the ids of what is not this stack's to declare, by its name in the config.

        Args:
            section: where it stands: workspaces or guardrails, and the same in the other stack's outputs.
            wishes: the whole section.
        """
        found: dict[str, Input[str]] = {}
        for name, wish in wishes.items():
            if wish.id:
                found[name] = wish.id
            elif wish.stack:
                exported = self._of(wish.stack).get_output(section)
                found[name] = exported.apply(partial(_id_in, section, wish.stack, name))
        return found

    def _of(self, stack: str) -> StackReference:
        if stack not in self._found:
            self._found[stack] = StackReference(stack)
        return self._found[stack]


def _id_in(section: str, stack: str, name: str, ids: object) -> str:
    found = ids.get(name) if isinstance(ids, Mapping) else None
    if not isinstance(found, str):
        raise pulumi.RunError(
            f"{section}.{name}: stack {stack} has no output {section} with it: deploy that stack first, "
            "and declare it there"
        )
    return found
