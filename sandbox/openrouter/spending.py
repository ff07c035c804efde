"""One completion as the account remembers it."""

from dataclasses import dataclass
from datetime import date

PROVIDER = "Sandbox"
PROMPT_TOKENS = 5
COMPLETION_TOKENS = 5


@dataclass(frozen=True)
class Spending:
    """Who asked which model on which UTC day, and what it cost."""

    day: date
    model: str
    cost_usd: float
    key_hash: str
    user_id: str | None
    workspace_id: str
