"""The arguments of one service's key and secret."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from pulumi import Input

from ..keys.allowed.prices import check_max_price, check_slugs
from ..keys.args import ApiKeyArgs
from ..keys.known import is_late, known_then
from ..stores.refusals import SecretArgsRefused, checked_later, name_of, refuse_contradictions
from ..stores.secret_args import SecretArgs

_KEY = {each.name for each in fields(ApiKeyArgs)}
_CHECKS: Mapping[str, Callable[[Any], Any]] = {"models": check_slugs, "max_price": check_max_price}
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
        models: the only models that the key may call, by their slugs: it gets a guardrail of its own.
        max_price: USD for a million tokens, or `{"prompt": …, "completion": …}`: what its models may cost, in that
            guardrail; without `models` it may call all that cost no more when this was set.
        protect: True: Pulumi refuses to remove or to replace the key and its secret; a rotation goes on. No output.
    """

    key: ApiKeyArgs
    secret: SecretArgs
    guardrail_id: Input[str] | None = None
    models: Input[Sequence[Input[str]]] | None = None
    max_price: Input[float | Mapping[str, Input[float]]] | None = None
    protect: bool = False

    def __init__(
        self,
        *,
        key: ApiKeyArgs | None = None,
        secret: SecretArgs | None = None,
        guardrail_id: Input[str] | None = None,
        models: Input[Sequence[Input[str]]] | None = None,
        max_price: Input[float | Mapping[str, Input[float]]] | None = None,
        protect: bool = False,
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
        object.__setattr__(self, "models", models)
        object.__setattr__(self, "max_price", max_price)
        object.__setattr__(self, "protect", protect)

    @property
    def own_guardrail(self) -> bool:
        """Whether the key gets a guardrail of its own."""
        return self.models is not None or self.max_price is not None

    def refuse_contradictions(self) -> None:
        """Refuse what the store can't fulfil, a key where it would be stored and shown, and two guardrails of one key.

        Raises:
            SecretArgsRefused: names every argument that is wrong, on a line of its own.
        """
        beside = {**self.key.given(), "adopt_key": None, "guardrail_id": self.guardrail_id}
        refuse_contradictions(self.secret, beside)
        if self.own_guardrail and self.guardrail_id is not None:
            raise SecretArgsRefused(
                f"{name_of(self.secret)}: guardrail_id contradicts models and max_price, which make a guardrail of the "
                "key's own: OpenRouter keeps one for each key; give the guardrail's allowed_models, or take it out"
            )
        for name in _CHECKS:
            value = getattr(self, name)
            if value is not None and not is_late(value):
                self._bound(name, value)

    def _bound(self, name: str, value: Any) -> Any:
        """Return what bounds the key's models, once it is known: a guardrail of nothing would bind it to nothing."""
        try:
            return _CHECKS[name](list(value) if isinstance(value, tuple) else [] if value is None else value)
        except ValueError as error:
            raise SecretArgsRefused(f"{name_of(self.secret)}: {name} {error}") from None

    def settled(self) -> "ServiceKeyArgs":
        """Return the arguments with each that is known only later refused then, before a resource gets it."""
        texts = {name: value for name, value in self.key.given().items() if name != "adopt_key" and is_late(value)}
        late: dict[str, Any] = {name: known_then(value, partial(self._checked, name)) for name, value in texts.items()}
        bounds = {name: getattr(self, name) for name in _CHECKS if is_late(getattr(self, name))}
        known: dict[str, Any] = {name: known_then(value, partial(self._bound, name)) for name, value in bounds.items()}
        return replace(self, key=replace(self.key, **late), secret=checked_later(self.secret), **known)

    def _checked(self, name: str, value: Any) -> Any:
        refuse_contradictions(self.secret, {name: value})
        return value
