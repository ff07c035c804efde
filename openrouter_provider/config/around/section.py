"""What a section of what surrounds the keys is: its setting, its model, and the resource that it becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import GenericAlias
from typing import Any, ClassVar

from pydantic import Field

from ..fields import Name
from ..parsing import ConfigModel


class AroundConfig(ConfigModel):
    """One object around the keys.

    Attributes:
        hashes: the argument that takes the hashes of the keys of its services; empty where there is none.
        drawn: whether its name on OpenRouter is drawn from its name here.
    """

    hashes: ClassVar[str] = ""
    drawn: ClassVar[bool] = False

    workspace: Name = Field(default=None, description="the name of the workspace, in workspaces, that it is about")

    @property
    def services(self) -> Sequence[str] | None:
        """The services whose keys it is about; None for no choice of them."""
        return getattr(self, "allowed_services", None)

    def arguments(self) -> Mapping[str, Any]:
        """Return the resource's arguments beside its workspace, its name and the hashes of its services' keys."""
        raise NotImplementedError


@dataclass(frozen=True)
class Section:
    """One setting.

    Attributes:
        setting: its name.
        resource: the name of the resource's class.
        model: what stands under each name in it.
        example: how it looks, for messages.
        single: whether there is one of it, without a name.
        credentials: the setting within that holds credentials; empty for none.
        default_workspace: what its workspace is where none is named; None where the API knows that itself.
    """

    setting: str
    resource: str
    model: type[AroundConfig]
    example: str
    single: bool = False
    credentials: str = ""
    default_workspace: str | None = None

    @property
    def kind(self) -> Any:
        """The type of the setting's value."""
        return self.model if self.single else GenericAlias(dict, (str, self.model))
