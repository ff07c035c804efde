"""What a service finds in its secret."""

import json
from typing import Literal

SecretFormat = Literal["json", "plain"]
KEY_FIELD = "OPENROUTER_API_KEY"
BASE_URL_FIELD = "OPENROUTER_BASE_URL"
APP_URL_FIELD = "OPENROUTER_APP_URL"
APP_TITLE_FIELD = "OPENROUTER_APP_TITLE"


def secret_value(
    key: str, format_: SecretFormat, base_url: str, app_url: str | None = None, app_title: str | None = None
) -> str:
    """Return the secret's text: the bare key, or a JSON object of environment variables around it."""
    if format_ == "plain":
        return key
    optional = {APP_URL_FIELD: app_url, APP_TITLE_FIELD: app_title}
    fields = {KEY_FIELD: key, BASE_URL_FIELD: base_url, **{k: v for k, v in optional.items() if v}}
    return json.dumps(fields, sort_keys=True)


def key_in(value: str) -> str | None:
    """Return the key that a secret's text holds, in either format; None where there is none."""
    text = value.strip()
    if not text.startswith("{"):
        return text or None
    try:
        key = json.loads(text).get(KEY_FIELD)
    except (ValueError, RecursionError):
        return None
    return key if isinstance(key, str) and key else None


def is_masked_as(key: str, label: str) -> bool | None:
    """Return whether this could be the key that a label masks; None for a label that is no mask.

    OpenRouter's label of a key shows its start and its end: `sk-or-v1-0e6...1c96`. Two keys with one label are
    conceivable, so that True is no proof, while False is: another label is another key.

    >>> is_masked_as("sk-or-v1-" + "0e6aaaa1c96", "sk-or-v1-0e6...1c96")
    True
    """
    start, _, end = label.partition("...")
    if not (start and end):
        return None
    return len(key) > len(start) + len(end) and key.startswith(start) and key.endswith(end)
