"""Replays a recording to the client, and holds a simulator to one."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import httpx

from tests.cassette import HASH, UUID, Cassette, json_of


class Player(httpx.BaseTransport):
    """Answers with a recording; a request that is not the next one of it is an AssertionError."""

    def __init__(self, cassette: Cassette, management_key: str) -> None:
        self._left = list(cassette.exchanges)
        self._authorization = f"Bearer {management_key}"

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer the next request of the recording."""
        assert self._left, f"{request.method} {request.url.path} comes after the recording's end"
        known = self._left.pop(0)
        path, as_service = request.url.path.partition("/v1")[2], request.headers["authorization"] != self._authorization
        asked = (request.method, path, dict(request.url.params), json_of(request.content), as_service)
        assert asked == known.asked
        content = b"" if known.answer is None else json.dumps(known.answer).encode()
        return httpx.Response(known.status, content=content, headers=known.headers)

    @property
    def played(self) -> bool:
        """Whether all of it was asked for."""
        return not self._left


def differences(real: Cassette, simulated: Cassette) -> list[str]:
    """Return, a line each, where a simulator answers otherwise than a recording: status, fields, kinds of values."""
    found: list[str] = []
    for number, (one, other) in enumerate(zip(real.exchanges, simulated.exchanges, strict=False)):
        where = f"{number}: {one.method} {_template(one.path)}"
        if (one.method, _template(one.path)) != (other.method, _template(other.path)):
            return [*found, f"{where}: the simulator was asked {other.method} {_template(other.path)} here"]
        if one.status != other.status:
            found.append(f"{where}: recorded {one.status}, simulated {other.status}")
        else:
            found += [f"{where}: {line}" for line in _shapes(one.answer, other.answer, "answer")]
    if len(real.exchanges) != len(simulated.exchanges):
        found.append(f"recorded {len(real.exchanges)} exchanges, simulated {len(simulated.exchanges)}")
    return found


def _template(path: str) -> str:
    return UUID.sub("*", HASH.sub("*", path))


def _shapes(real: Any, simulated: Any, where: str) -> Iterable[str]:
    if isinstance(real, Mapping) and isinstance(simulated, Mapping):
        for name in sorted({*real, *simulated}):
            if name not in real or name not in simulated:
                yield f"{where}.{name} is only {'simulated' if name in simulated else 'recorded'}"
            else:
                yield from _shapes(real[name], simulated[name], f"{where}.{name}")
    elif isinstance(real, list) and isinstance(simulated, list):
        for one, other in zip(real[:1], simulated[:1], strict=False):
            yield from _shapes(one, other, f"{where}[0]")
    elif None not in (real, simulated) and _kind(real) != _kind(simulated):
        yield f"{where} is {_kind(real)} as recorded, and {_kind(simulated)} as simulated"


def _kind(value: Any) -> str:
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
