"""What a section of what surrounds the keys is: its setting, its model, and the resource that it becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import GenericAlias
from typing import Any, ClassVar

from pydantic import Field
from pydantic.alias_generators import to_camel

from ..fields import Name
from ..parsing import ConfigModel


class AroundConfig(ConfigModel):
    """One object around the keys.

    Attributes:
        hashes: the argument that takes the hashes of the keys of its services; empty where there is none.
        drawn: whether its name on OpenRouter is drawn from its name here.
        called: by setting, the resource's argument where that has another name.
    """

    hashes: ClassVar[str] = ""
    drawn: ClassVar[bool] = False
    called: ClassVar[Mapping[str, str]] = {}

    workspace: Name = Field(default=None, description="the name of the workspace, in workspaces, that it is about")

    @property
    def services(self) -> Sequence[str] | None:
        """The services whose keys it is about; None for no choice of them."""
        return getattr(self, "allowed_services", None)

    def arguments(self) -> Mapping[str, Any]:
        """Return the resource's arguments beside its workspace, its name and the hashes of its services' keys."""
        return {argument: getattr(self, name) for name, argument in self._arguments().items()}

    @classmethod
    def _arguments(cls) -> Mapping[str, str]:
        apart = ("workspace", "allowed_services")
        return {name: cls.called.get(name, name) for name in cls.model_fields if name not in apart}

    @classmethod
    def settings_of(cls, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings under which an existing object stays as it is; what shows nothing isn't among them.

        Args:
            shown: what OpenRouter shows of it, by the resource's arguments.
        """
        return {to_camel(name): shown[argument] for name, argument in cls._arguments().items() if argument in shown}


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
