"""Reads answers into models; another shape is InvalidResponse, and none of its values are shown."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from openrouter_provider.api.answers import Call, wrong_shape
from openrouter_provider.api.listing import Page
from openrouter_provider.api.models import ChatReply, CreatedKey
from openrouter_provider.api.scrub import printable

Model = TypeVar("Model", bound=BaseModel)
Answer = dict[str, object]


def one(call: Call, model: type[Model]) -> Callable[[Answer], Model]:
    """Return a reader of the object in an answer's data."""
    return lambda answer: _validated(call, model, answer.get("data"), "data")


def many(call: Call, model: type[Model]) -> Callable[[Answer], list[Model]]:
    """Return a reader of the list in an answer's data."""

    def read(answer: Answer) -> list[Model]:
        data = answer.get("data")
        if not isinstance(data, list):
            raise wrong_shape(call, "data")
        return [_validated(call, model, item, f"data[{index}]") for index, item in enumerate(data)]

    return read


def paged(call: Call, model: type[Model]) -> Callable[[Answer], Page[Model]]:
    """Return a reader of one page of a listing, and of how many rows the whole listing has where that is told."""

    def read(answer: Answer) -> Page[Model]:
        total = answer.get("total_count")
        counted = isinstance(total, int) and not isinstance(total, bool)
        return Page(many(call, model)(answer), int(str(total)) if counted else None)

    return read


def read_created(call: Call) -> Callable[[Answer], CreatedKey]:
    """Return a reader of a new key and its value."""

    def read(answer: Answer) -> CreatedKey:
        return _validated(call, CreatedKey, {"record": answer.get("data"), "key": answer.get("key")}, "")

    return read


def read_deleted(call: Call) -> Callable[[Answer], None]:
    """Return a reader that accepts the confirmation of a deletion, or 204's silence."""

    def read(answer: Answer) -> None:
        if answer and answer.get("deleted") is not True:
            raise wrong_shape(call, "deleted")

    return read


def read_chat(call: Call) -> Callable[[Answer], ChatReply]:
    """Return a reader of the first choice of a completion."""

    def read(answer: Answer) -> ChatReply:
        try:
            choice = answer["choices"][0]  # type: ignore[index]  # whatever isn't indexable is caught
            text = choice["message"]["content"]
        except (KeyError, IndexError, TypeError):
            raise wrong_shape(call, "choices") from None
        return _validated(call, ChatReply, {"model": answer.get("model"), "text": text or ""}, "")

    return read


def _validated(call: Call, model: type[Model], value: object, where: str) -> Model:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        path = ".".join([where, *(str(part) for part in problem["loc"])]).strip(".")
    raise wrong_shape(call, printable(path, length=80) or "data")
