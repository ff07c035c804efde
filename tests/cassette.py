"""Recordings of what OpenRouter answers: made once with a real account, redacted, and replayed ever after.

Nothing of the account stays in one. Of texts only those are kept that the conversation itself brought, timestamps, and
words of the API's own vocabulary; ids and hashes become made-up ones, the same for the same; sums of money become
nothing; rows of other keys are left out of listings.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import httpx

from openrouter_provider.api.models import wire_time
from openrouter_provider.api.scrub import scrub

KEPT_HEADERS = ("retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
_MONEY = re.compile(r"(byok_)?usage.*|total_.*|used|.*spend_usd|requests")
_COUNTED = ("total_count", "assigned_count", "unassigned_count")
HASH = re.compile(r"\b[0-9a-f]{64}\b")
UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_OWN_ID = re.compile(r"\b(?:user|org|member|team|ws|key)_\w+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
"""Ids as a sign-in service draws them, and addresses of people."""
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?")
_WORD = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+){0,3}")
_FREE_TEXT = ("name", "label", "key_name", "key_label", "description", "creator_user_id", "assigned_by", "slug")
"""Fields in which even a single word is somebody's own."""


@dataclass
class Exchange:
    """One request and its answer."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    as_service: bool
    status: int
    headers: dict[str, str]
    answer: Any

    @property
    def asked(self) -> tuple[Any, ...]:
        """What the request was."""
        return self.method, self.path, self.query, self.body, self.as_service


@dataclass
class Cassette:
    """A recording."""

    recorded_at: str
    exchanges: list[Exchange]

    def write(self, path: Path) -> None:
        """Write it as JSON that a person can read."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what was written."""
        told = json.loads(path.read_text(encoding="utf-8"))
        return cls(told["recorded_at"], [Exchange(**each) for each in told["exchanges"]])


class Recorder(httpx.BaseTransport):
    """Passes requests on and keeps them with their answers, in memory only.

    Args:
        inner: where they go.
        management_key: tells calls of the account from those with a service's key.
    """

    def __init__(self, inner: httpx.BaseTransport, management_key: str) -> None:
        self._inner = inner
        self._authorization = f"Bearer {management_key}"
        self.exchanges: list[Exchange] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and keep both sides."""
        answer = self._inner.handle_request(request)
        answer.read()
        self.exchanges.append(
            Exchange(
                request.method,
                request.url.path.partition("/v1")[2],
                dict(request.url.params),
                json_of(request.content),
                request.headers.get("authorization") != self._authorization,
                answer.status_code,
                {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers},
                json_of(answer.content),
            )
        )
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def cassette(self, recorded_at: datetime, own_texts: Iterable[str]) -> Cassette:
        """Return the recording, redacted."""
        redaction = Redaction(frozenset(own_texts), _made(self.exchanges))
        return Cassette(wire_time(recorded_at), [redaction.of(exchange) for exchange in self.exchanges])


def json_of(content: bytes) -> Any:
    """Return what a body says; of one that is no JSON only its length."""
    try:
        return json.loads(content) if content.strip() else None
    except ValueError:
        return {"not JSON": len(content)}


def _made(exchanges: Iterable[Exchange]) -> frozenset[str]:
    """Return the ids of what the conversation made: of everything else no row is kept."""
    created = [each.answer["data"] for each in exchanges if each.method == "POST" and _has_data(each.answer)]
    return frozenset(str(record.get("hash") or record.get("id")) for record in created)


def _has_data(answer: Any) -> bool:
    return isinstance(answer, Mapping) and isinstance(answer.get("data"), Mapping)


@dataclass
class Redaction:
    """Replaces what is an account's own, the same by the same.

    Attributes:
        own_texts: texts that are kept.
        made: ids of the objects whose rows are kept in listings.
    """

    own_texts: frozenset[str]
    made: frozenset[str]
    _known: dict[str, str] = field(default_factory=dict)

    def of(self, exchange: Exchange) -> Exchange:
        """Return an exchange without anything of the account."""
        return Exchange(
            exchange.method,
            self._ids_in(exchange.path),
            {name: self._ids_in(value) for name, value in exchange.query.items()},
            self._value("", exchange.body),
            exchange.as_service,
            exchange.status,
            exchange.headers,
            self._answer(exchange.answer),
        )

    def _answer(self, answer: Any) -> Any:
        if not isinstance(answer, Mapping) or not isinstance(answer.get("data"), list):
            return self._value("", answer)
        rows = [row for row in answer["data"] if isinstance(row, Mapping) and self._is_ours(row)]
        kept = {**answer, "data": rows}
        if isinstance(answer.get("total_count"), int):
            kept["total_count"] = answer["total_count"] - (len(answer["data"]) - len(rows))
        return self._value("", kept)

    def _is_ours(self, row: Mapping[str, Any]) -> bool:
        names = {str(row.get(name)) for name in ("hash", "id", "key_hash", "guardrail_id")}
        return bool(names & self.made) or not names & {str(row.get("hash")), str(row.get("id"))} - {"None"}

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self._value(key, part) for key, part in value.items()}
        if isinstance(value, list):
            return [self._value(name, part) for part in value]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int | float):
            return type(value)(0) if _MONEY.fullmatch(name) and name not in _COUNTED else value
        return self._text(name, str(value))

    def _text(self, name: str, text: str) -> str:
        if text in self.own_texts or _TIME.fullmatch(text):
            return text
        if name == "message":
            return self._ids_in(scrub(self._ids_in(text)))
        if HASH.fullmatch(text) or UUID.fullmatch(text):
            return self._ids_in(text)
        if name == "key":
            return self._replaced(text, _credential)
        if _OWN_ID.fullmatch(text):
            return self._ids_in(text)
        vocabulary = _WORD.fullmatch(text) and len(text) <= 40 and name not in _FREE_TEXT
        return text if vocabulary else self._replaced(text, lambda number: f"text-{number}")

    def _ids_in(self, text: str) -> str:
        """Return a text with each hash and UUID in it replaced by a made-up one of the same form."""

        def made_up(found: re.Match[str]) -> str:
            original = found.group()
            if original in self.own_texts:
                return original
            if "-" in original:
                return self._replaced(original, lambda number: str(uuid.uuid5(uuid.NAMESPACE_URL, str(number))))
            return self._replaced(original, lambda number: hashlib.sha256(str(number).encode()).hexdigest())

        def named(found: re.Match[str]) -> str:
            return self._replaced(found.group(), lambda number: f"text-{number}")

        return _OWN_ID.sub(named, UUID.sub(made_up, HASH.sub(made_up, text)))

    def _replaced(self, original: str, make: Callable[[int], str]) -> str:
        if original in self._known.values():
            return original
        return self._known.setdefault(original, make(len(self._known) + 1))


def _credential(number: int) -> str:
    return "sk-or-v1-" + hashlib.sha256(f"key {number}".encode()).hexdigest()
