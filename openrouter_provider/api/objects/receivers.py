"""The receivers of traces: what each kind wants, and what of that OpenRouter shows.

API: https://openrouter.ai/docs/guides/features/broadcast
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SETTINGS, CREDENTIALS = "settings", "credentials"


@dataclass(frozen=True)
class Receiver:
    """What one kind of receiver wants: OpenRouter's own names, a `?` after those that may be left out.

    Attributes:
        settings: what OpenRouter shows.
        credentials: what it masks, or may.
    """

    settings: str
    credentials: str

    def known(self, part: str) -> dict[str, bool]:
        """Return the names of the settings or the credentials, and whether each is needed."""
        return {name.removesuffix("?"): not name.endswith("?") for name in getattr(self, part).split()}


RECEIVERS = {
    "arize": Receiver("modelId baseUrl?", "apiKey spaceKey headers?"),
    "braintrust": Receiver("projectId baseUrl?", "apiKey headers?"),
    "clickhouse": Receiver("database host username table? shouldIncludeCacheWriteTokens?", "password headers?"),
    "datadog": Receiver("mlApp url?", "apiKey headers?"),
    "grafana": Receiver("instanceId baseUrl?", "apiKey headers?"),
    "langfuse": Receiver("baseUrl?", "publicKey secretKey headers?"),
    "langsmith": Receiver("endpoint? project? workspaceId?", "apiKey headers?"),
    "newrelic": Receiver("region?", "licenseKey headers?"),
    "opik": Receiver("projectName workspace", "apiKey headers?"),
    "otel-collector": Receiver("endpoint", "headers?"),
    "posthog": Receiver("endpoint?", "apiKey headers?"),
    "ramp": Receiver("baseUrl?", "apiKey headers?"),
    "s3": Receiver(
        "bucketName authMode? endpoint? pathTemplate? prefix? provider? region? roleArn? externalId?",
        "accessKeyId? secretAccessKey? sessionToken? headers?",
    ),
    "sentry": Receiver("otlpEndpoint", "dsn headers?"),
    "snowflake": Receiver(
        "account database? schema? table? warehouse? shouldIncludeCacheWriteTokens?", "token headers?"
    ),
    "weave": Receiver("entity project baseUrl?", "apiKey headers?"),
    "webhook": Receiver("url method?", "headers?"),
}
"""By type; which names there are is compared with OpenRouter's SDK."""


def shown_settings(kind: str) -> set[str]:
    """Return which parts of a receiver's config OpenRouter shows; of a kind that this release doesn't know, none."""
    return {*RECEIVERS[kind].known(SETTINGS)} if kind in RECEIVERS else set()


def receiver_problems(
    wish: Mapping[str, Any], read_elsewhere: Iterable[str], *, adopts: bool
) -> Iterator[tuple[str, str]]:
    """Yield what a destination's declared settings and credentials lack for its receiver, and what it hasn't.

    Args:
        wish: the type, the settings and the credentials, checked one by one.
        read_elsewhere: the credentials that stand in a variable or a file.
        adopts: whether an existing one is taken over, which has what it needs.
    """
    receiver = RECEIVERS.get(str(wish.get("type")))
    if receiver is None or not all(isinstance(wish.get(part) or {}, Mapping) for part in (SETTINGS, CREDENTIALS)):
        return  # A preview doesn't know it yet, or another problem says what it is.
    given = {SETTINGS: [*(wish.get(SETTINGS) or {})], CREDENTIALS: [*(wish.get(CREDENTIALS) or {}), *read_elsewhere]}
    for part, names in given.items():
        known = receiver.known(part)
        lacks = [name for name, needed in known.items() if needed and name not in names and not adopts]
        said = [f"`{name}` is missing" for name in lacks] if names else []
        said += [f"`{name}` is read elsewhere too, give it once" for name in sorted({*names}) if names.count(name) > 1]
        if not {*names} <= {*known}:
            said.append("a name in it is none of this kind")
        if said:
            yield part, f"of {wish['type']}: {', '.join(said)}; it has {', '.join(known) or 'none'}"


def needed_parts(kind: object) -> Iterator[str]:
    """Yield which of settings and credentials a receiver can't be without; of an unknown kind none."""
    receiver = RECEIVERS.get(str(kind))
    yield from (part for part in (SETTINGS, CREDENTIALS) if receiver and any(receiver.known(part).values()))
