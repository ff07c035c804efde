"""The OpenAI SDK's client, with a key that may change under it."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar

import openai

from openrouter_service import failures
from openrouter_service.credentials import Credentials, Source
from openrouter_service.failures import Refusal, ServiceError

DEFAULT_MODEL = "meta-llama/llama-3.3-70b-instruct:free"
DEFAULT_TIMEOUT_SECONDS = 60.0

# What a key that was rotated away meets: 401 once it is deleted, 403 when an emergency disabled it, 402 when it has
# spent the share of the limit that its overlap leaves it.
_MAY_BE_THE_OLD_KEY = frozenset({401, 402, 403})

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class KeyStatus:
    """What OpenRouter says of the key.

    Attributes:
        label: its masked form.
        limit_usd: its credit limit, None without one.
        remaining_usd: what is left of it.
        limit_reset: daily, weekly, monthly or None.
    """

    label: str
    limit_usd: float | None
    remaining_usd: float | None
    limit_reset: str | None

    def __str__(self) -> str:
        if self.limit_usd is None or self.remaining_usd is None:
            return f"key {self.label}: no limit"
        reset = f", resets {self.limit_reset}" if self.limit_reset else ""
        used_up = "; only free models answer" if self.remaining_usd <= 0 else ""
        return f"key {self.label}: ${self.remaining_usd:.2f} of ${self.limit_usd:.2f} left{reset}{used_up}"


@dataclass(frozen=True)
class _Connection:
    credentials: Credentials
    client: openai.OpenAI


class OpenRouterService:
    """Asks models with the key that the source holds, and reads the source again when the key is refused.

    One instance serves all threads of a process, for as long as the process lives.

    Args:
        source: where the key comes from.
        model: the model that is asked.
        timeout_seconds: how long OpenRouter may stay silent.

    Raises:
        CredentialsUnreadable: the source has no usable key.
    """

    def __init__(
        self, source: Source, *, model: str = DEFAULT_MODEL, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    ) -> None:
        self._source = source
        self._model = model
        self._timeout_seconds = timeout_seconds
        self._lock = Lock()
        self._connection = self._connect(source.read())

    def key_status(self) -> KeyStatus:
        """Return what OpenRouter says of the key.

        Raises:
            ServiceError: OpenRouter refused it or did not answer, or it is a management key.
            CredentialsUnreadable: it was refused, and the source has no usable key any more.
        """
        facts = self._send(lambda client: _key_facts(client.get("/key", cast_to=object)))
        if facts.get("is_management_key"):
            raise failures.management_key(self._source.name)
        return KeyStatus(
            str(facts.get("label")), _dollars(facts, "limit"), _dollars(facts, "limit_remaining"), _reset(facts)
        )

    def ask(self, question: str) -> str:
        """Return the model's answer to one question.

        Raises:
            ServiceError: OpenRouter refused or did not answer.
            CredentialsUnreadable: the key was refused, and the source has no usable key any more.
        """
        return self._send(lambda client: self._complete(client, question))

    def _complete(self, client: openai.OpenAI, question: str) -> str:
        completion = client.chat.completions.create(model=self._model, messages=[{"role": "user", "content": question}])
        choices = getattr(completion, "choices", None)
        message = getattr(choices[0], "message", None) if choices else None
        if message is None:
            raise ValueError("no message")
        return str(message.content or "")

    def _send(self, request: Callable[[openai.OpenAI], Answer]) -> Answer:
        """Send a request; where the key is refused and the source has another one by now, send it once more."""
        connection = self._connection
        try:
            return self._once(connection, request)
        except ServiceError as error:
            if error.status not in _MAY_BE_THE_OLD_KEY or not self._renewed(connection):
                raise
        return self._once(self._connection, request)

    def _once(self, connection: _Connection, request: Callable[[openai.OpenAI], Answer]) -> Answer:
        try:
            return request(connection.client)
        except openai.APIStatusError as error:
            raise failures.refused(_refusal(error), self._source.name, self._model) from error
        except openai.APITimeoutError as error:
            raise failures.no_answer(self._timeout_seconds) from error
        except openai.APIConnectionError as error:
            raise failures.no_connection() from error
        except (openai.APIError, ValueError) as error:
            raise failures.not_the_api() from error

    def _renewed(self, refused: _Connection) -> bool:
        """Read the source again; return whether there is a connection other than the refused one."""
        with self._lock:
            if self._connection is refused:  # Otherwise another thread was here first.
                credentials = self._source.read()
                if credentials == refused.credentials:
                    return False
                self._connection = self._connect(credentials)
            return True

    def _connect(self, credentials: Credentials) -> _Connection:
        client = openai.OpenAI(
            api_key=credentials.api_key,
            base_url=credentials.base_url,
            default_headers=credentials.headers,
            timeout=self._timeout_seconds,
            # The SDK would send a POST twice more after a lost answer or a 5xx, and each may be charged.
            max_retries=0,
            # A redirect would take the question elsewhere.
            http_client=openai.DefaultHttpxClient(follow_redirects=False),
        )
        return _Connection(credentials, client)


def _refusal(error: openai.APIStatusError) -> Refusal:
    said = error.body.get("message") if isinstance(error.body, dict) else None
    return Refusal(error.status_code, said if isinstance(said, str) else "", error.response.headers.get("retry-after"))


def _key_facts(answer: object) -> dict[str, object]:
    facts = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(facts, dict) or "label" not in facts:
        raise ValueError("no facts about a key")
    return facts


def _dollars(facts: dict[str, object], name: str) -> float | None:
    amount = facts.get(name)
    return float(amount) if isinstance(amount, int | float) else None


def _reset(facts: dict[str, object]) -> str | None:
    reset = facts.get("limit_reset")
    return reset if isinstance(reset, str) else None
