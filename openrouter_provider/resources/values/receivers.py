"""The receivers of traces: what each kind wants, what of that OpenRouter shows, and the rules of what is sent."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...keys.checks import check_flag, check_text, one_of
from ...keys.credential_checks import check_source
from ...keys.fields import has_unknown
from ...keys.list_checks import objects_of

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
RULE_FIELDS = (
    *("model", "provider", "session_id", "user_id", "api_key_name", "finish_reason", "input", "output"),
    *("total_cost", "total_tokens", "prompt_tokens", "completion_tokens"),
)
OPERATORS = (
    *("equals", "not_equals", "contains", "not_contains", "regex", "starts_with", "ends_with"),
    *("gt", "lt", "gte", "lte", "exists", "not_exists"),
)


def _value(value: object) -> object:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else check_text(value)


_rules = objects_of({"field": one_of(*RULE_FIELDS), "operator": one_of(*OPERATORS)}, {"value": _value})
_groups = objects_of({"rules": _rules}, {"logic": one_of("and", "or")})
_filters = objects_of({"groups": _groups}, {"enabled": check_flag})


def check_filter_rules(value: object) -> Any:
    """Return the rules of what is sent, with what their left-out parts mean.

    Raises:
        ValueError: other parts than groups of rules, and whether they are enabled.
    """
    if has_unknown(value):
        return value
    (rules,) = _filters([value])
    groups = [{"logic": group.get("logic", "and"), "rules": group["rules"]} for group in rules["groups"]]
    return {"enabled": rules.get("enabled", True), "groups": groups}


def read_filter_rules(value: Mapping[str, Any] | None) -> Any:
    """Return a record's rules as a wish spells them; what this release can't read as it came."""
    try:
        return check_filter_rules(value) if value else None
    except ValueError:
        return value


def _parts(check: Callable[[str, object], object]) -> Callable[[object], Any]:
    """Return a check of an object of which each part is checked by its name."""

    def check_all(value: object) -> Any:
        if has_unknown(value):
            return value
        if not isinstance(value, Mapping):
            raise ValueError("must be an object, with OpenRouter's own names")
        return {name: check(name, part) for name, part in value.items() if part is not None}

    return check_all


def _setting(_name: str, value: object) -> object:
    return value if isinstance(value, bool) else check_text(value)


def _credential(name: str, value: object) -> object:
    if name == "headers" and isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values()):
        return dict(value)
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be an object of texts; headers an object of its own")
    return value


check_settings = _parts(_setting)
check_credentials = _parts(_credential)
check_sources = _parts(lambda _name, source: check_source(source))


def shown_settings(kind: str) -> set[str]:
    """Return which parts of a receiver's config OpenRouter shows; of a kind that this release doesn't know, none."""
    return {*RECEIVERS[kind].known(SETTINGS)} if kind in RECEIVERS else set()


def receiver_problems(wish: Mapping[str, Any], read_elsewhere: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield what a destination's declared settings and credentials lack for its receiver, and what it hasn't.

    Args:
        wish: the type, the settings and the credentials, checked one by one.
        read_elsewhere: the credentials that stand in a variable or a file.
    """
    receiver = RECEIVERS.get(str(wish.get("type")))
    if receiver is None or has_unknown([wish.get(SETTINGS), wish.get(CREDENTIALS)]):
        return
    given = {SETTINGS: [*(wish.get(SETTINGS) or {})], CREDENTIALS: [*(wish.get(CREDENTIALS) or {}), *read_elsewhere]}
    for part, names in given.items():
        known = receiver.known(part)
        lacks = [name for name, needed in known.items() if needed and name not in names and not wish.get("adopt_id")]
        said = [f"`{name}` is missing" for name in lacks] if names else []
        if not {*names} <= {*known}:
            said.append("a name in it is none of this kind")
        if said:
            yield part, f"of {wish['type']}: {', '.join(said)}; it has {', '.join(known) or 'none'}"


def needed_parts(kind: object) -> Iterator[str]:
    """Yield which of settings and credentials a receiver can't be without; of an unknown kind none."""
    receiver = RECEIVERS.get(str(kind))
    yield from (part for part in (SETTINGS, CREDENTIALS) if receiver and any(receiver.known(part).values()))
