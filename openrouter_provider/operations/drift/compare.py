"""Findings in a refresh preview: what changed behind Pulumi's back, what is due, what is not deployed yet."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from ...config.stack import DEFAULT_EXPIRY_NOTICE
from ...keys.schedule import parse_duration
from .around_secrets import aws_secret_findings, store_findings
from .copies import copy_findings
from .findings import Finding, Subject
from .objects import object_findings
from .plan import PlannedResource, by_service
from .service_keys import key_findings, timing_findings

EXPIRY_NOTICE = parse_duration(DEFAULT_EXPIRY_NOTICE)


def plan_findings(
    stack: str, resources: Iterable[PlannedResource], now: datetime, notice: timedelta = EXPIRY_NOTICE
) -> Iterator[Finding]:
    """Yield the findings of a preview, service by service, then those of what lives beside the services.

    Args:
        stack: its name.
        resources: what the preview says.
        now: decides which rotations and deletions are due.
        notice: how long before its end an expiry is told.
    """
    every = list(resources)
    for service, parts in by_service(every):
        subject = Subject(stack, service)
        yield from key_findings(subject, parts, now)
        yield from timing_findings(subject, parts, now, notice)
        yield from aws_secret_findings(subject, parts)
        yield from store_findings(subject, parts)
        yield from copy_findings(subject, parts)
    yield from object_findings(stack, every)
