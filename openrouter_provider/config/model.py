"""What every section of the stack's config is: a model that takes no setting it doesn't know."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


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
