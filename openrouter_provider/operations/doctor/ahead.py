"""Doctor's look ahead: how many changing calls the next `pulumi up` makes, and what is left of the day's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...api.models import wire_time
from ...api.quota import Quota
from ...config.problems import StackConfigError
from ...config.stack import StackConfig
from ...keys.schedule import parse_instant
from .examination import Checked, Examination, Health, ok

NAME = "changes ahead"
FIX = "let `pulumi up` stop at the limit and run it again when that resets (docs/operations.md#daily-limits)"


@dataclass(frozen=True)
class Ahead:
    """What is to be done with keys, by the config and the last deployment's outputs; changed settings aside.

    Attributes:
        made: calls for keys that are declared and not deployed.
        rotated: calls for keys whose rotation is due.
        deleted: calls for keys that are deployed and not declared.
    """

    made: int = 0
    rotated: int = 0
    deleted: int = 0

    @property
    def calls(self) -> int:
        """All of them."""
        return self.made + self.rotated + self.deleted


def look_ahead(config: StackConfig, deployed: Mapping[str, Mapping[str, Any]], now: datetime) -> Ahead:
    """Return what the next `pulumi up` has to do.

    Args:
        config: what the stack wants.
        deployed: what it exports of each service.
        now: decides which rotations are due.
    """
    new = [service for name, service in config.services.items() if name not in deployed]
    # A new key takes a call, one more where it is disabled, one where a guardrail binds it, and two for one of its own.
    made = sum(1 + service.disabled + bool(service.guardrails) + 2 * service.own_guardrail for service in new)
    kept = [deployed[name] for name in config.services if name in deployed]
    due = [each for each in kept if each.get("nextRotationAt") and parse_instant(each["nextRotationAt"]) <= now]
    # The successor is made and its predecessor bounded.
    return Ahead(made, 2 * len(due), len(set(deployed) - set(config.services)))


def changes_ahead(examination: Examination, quota: Quota | None) -> list[Checked]:
    """Return the line about the changes that the next `pulumi up` makes; none for a stack without services.

    Args:
        examination: where the stack is.
        quota: what an answer said is left of the day's.
    """
    config = examination.declared
    if isinstance(config, StackConfigError):
        return []  # `pulumi preview` says what is wrong with the config.
    if not config.services and not examination.deployed:
        return []
    return [judge(look_ahead(config, examination.deployed, examination.now()), quota)]


def judge(ahead: Ahead, quota: Quota | None) -> Checked:
    """Return the line about the changes ahead, against what an answer told of the limit.

    Args:
        ahead: what is to be done.
        quota: what an answer said is left; None where none said it.
    """
    parts = {"to make keys": ahead.made, "to rotate": ahead.rotated, "to delete": ahead.deleted}
    text = ", ".join(f"{calls} {what}" for what, calls in parts.items() if calls) or "no key to make, rotate or delete"
    left = quota.remaining if quota else None
    if left is None:
        return ok(NAME, f"{text}; OpenRouter limits changes by the day and has not said how many are left")
    resets = f" until {wire_time(quota.resets_at)}" if quota and quota.resets_at else ""
    text = f"{text}; {left} changes left today{resets}"
    return Checked(NAME, Health.NOTICE, text, FIX) if left < ahead.calls else ok(NAME, text)
