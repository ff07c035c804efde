"""The section of who is in a workspace."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from ..fields import Printable
from .section import AroundConfig, Section


class MemberConfig(AroundConfig):
    """A person of the organisation in a workspace."""

    user_id: Printable = Field(default=None, description="the person, as OpenRouter's list of members tells")

    @classmethod
    def wrong_together(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield what is missing."""
        if settings.get("userId") is None:
            yield "userId", "is missing: the person's id, as OpenRouter's list of members tells"
        if settings.get("workspace") is None:
            yield "workspace", "is missing: everybody is in the account's default one"


SECTION = Section("members", "WorkspaceMember", MemberConfig, "{alice: {userId: user_1, workspace: payments}}")
