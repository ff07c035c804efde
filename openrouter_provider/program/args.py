"""The arguments of one service's key and secret."""

from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from pulumi import Input

from ..keys.args import ApiKeyArgs
from ..keys.known import is_late, known_then
from ..stores.refusals import checked_later, refuse_contradictions
from ..stores.secret_args import SecretArgs

_KEY = {each.name for each in fields(ApiKeyArgs)}
_SECRET = {each.name for each in fields(SecretArgs)}


@dataclass(frozen=True, kw_only=True, init=False)
class ServiceKeyArgs:
    """The arguments of a ServiceKey: `ServiceKeyArgs(key=ApiKeyArgs(limit=5), secret=SecretArgs(secret_name="shop"))`.

    The same in one list is `ServiceKeyArgs(secret_name="shop", limit=5)`; there `key_name_prefix` is the key's
    `name_prefix`.

    Attributes:
        key: what the key is.
        secret: how it is stored.
        guardrail_id: the guardrail that binds the key; OpenRouter keeps one for each key.
    """

    key: ApiKeyArgs
    secret: SecretArgs
    guardrail_id: Input[str] | None = None

    def __init__(
        self,
        *,
        key: ApiKeyArgs | None = None,
        secret: SecretArgs | None = None,
        guardrail_id: Input[str] | None = None,
        **flat: Any,
    ) -> None:
        """Take the two parts, or the arguments of a part that is not given.

        Raises:
            TypeError: an argument that neither part has, or that belongs to a part that is given as well.
        """
        if "key_name_prefix" in flat:
            flat["name_prefix"] = flat.pop("key_name_prefix")
        of_key, of_secret = ({name: flat.pop(name) for name in own & {*flat}} for own in (_KEY, _SECRET))
        parts = {"key": (key, of_key), "secret": (secret, of_secret)}
        twice = [f"{name} (it is part of {part})" for part, (whole, own) in parts.items() if whole for name in own]
        if flat or twice:
            raise TypeError(f"ServiceKeyArgs takes no {', '.join(sorted([*flat, *twice]))}")
        object.__setattr__(self, "key", key or ApiKeyArgs(**of_key))
        object.__setattr__(self, "secret", secret or SecretArgs(**of_secret))
        object.__setattr__(self, "guardrail_id", guardrail_id)

    def refuse_contradictions(self) -> None:
        """Refuse what the store can't fulfil, and a key where it would be stored and shown.

        Raises:
            SecretArgsRefused: names every argument that is wrong, on a line of its own.
        """
        beside = {**self.key.given(), "adopt_key": None, "guardrail_id": self.guardrail_id}
        refuse_contradictions(self.secret, beside)

    def settled(self) -> "ServiceKeyArgs":
        """Return the arguments with each that is known only later refused then, before a resource gets it."""
        texts = {name: value for name, value in self.key.given().items() if name != "adopt_key" and is_late(value)}
        late: dict[str, Any] = {name: known_then(value, partial(self._checked, name)) for name, value in texts.items()}
        return replace(self, key=replace(self.key, **late), secret=checked_later(self.secret))

    def _checked(self, name: str, value: Any) -> Any:
        refuse_contradictions(self.secret, {name: value})
        return value
