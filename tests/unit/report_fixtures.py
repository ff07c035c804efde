"""Deployed services, key records and a report to show, as the tests of the reading commands need them."""

from datetime import UTC, datetime
from typing import Any

from openrouter_provider.api.models import KeyRecord
from openrouter_provider.operations.report.compiling import service_usage
from openrouter_provider.operations.report.figures import AccountCredits, UsageReport
from openrouter_provider.operations.stack.stacks import DeployedService, DeployedStack

NOW = datetime(2027, 2, 10, 12, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script>&amp;"\'>\x1b[31m\u202e'


def deployed(name: str, key_hash: str = "", **fields: Any) -> DeployedService:
    """Return a service as a stack exports it."""
    known = {"key_name": f"acme/dev/{name}-1a2b3c4", "key_label": "sk-or-…", "secret_reference": f"arn:{name}"}
    return DeployedService(
        **{"name": name, "key_hash": key_hash or f"hash-{name}", "secret_name": name, **known, **fields}
    )


def stack_of(*services: DeployedService) -> DeployedStack:
    """Return a stack of these services."""
    return DeployedStack("dev", "http://127.0.0.1:1/api/v1", services)


def record(service: str = "checkout", /, **fields: Any) -> KeyRecord:
    """Return a key's record."""
    known = {"hash": f"hash-{service}".replace(".", "-"), "name": f"acme/dev/{service}-1a2b3c4", "label": "sk-or-…"}
    return KeyRecord.model_validate(
        {**known, "disabled": False, "limit": None, "created_at": "2027-01-01T00:00:00Z", **fields}
    )


def every_kind_of_report() -> UsageReport:
    """Return a report in which each level, each kind of timeline and a hostile name occur."""
    began = {"rotated_at": "2027-01-01T00:00:00Z"}
    long_name = "summaries-of-a-name-without-any-place-to.break_it_anywhere-at-al"
    rows: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("bot", began, {"usage": 3}),
        ("checkout", began | {"next_rotation_at": "2027-03-28T00:00:00Z"}, {"limit": 50, "usage": 20}),
        ("mailer", {}, {"limit": 25, "disabled": True}),
        ("search", began | {"next_rotation_at": "2027-05-01T00:00:00Z"}, {"limit": 10, "usage": 8.6}),
        (long_name, began | {"next_rotation_at": "2027-01-25T00:00:00Z"}, {"limit": 10, "usage": 12.5}),
    ]
    usages = [service_usage(deployed(name, **of), record(name, **key), NOW) for name, of, key in rows]
    usages += [
        service_usage(deployed("vanished"), None, NOW),
        service_usage(deployed(HOSTILE), record(name=HOSTILE, limit=1), NOW),
    ]
    return UsageReport("dev", "2027-02-10T12:00:00Z", AccountCredits(500, 123.45, 376.55), tuple(usages))


def large_report(count: int = 60) -> UsageReport:
    """Return a report of so many services, each of its own spending, as a platform team has it."""
    rows = []
    for number in range(count):
        name, limit = f"service-{number:02}", 50.0 + number
        spent = limit * ((number * 41) % 120) / 100
        known = {"limit": limit, "limit_reset": "monthly", "usage": spent * 5, "usage_monthly": spent}
        service = deployed(name, rotated_at="2027-01-01T00:00:00Z", next_rotation_at="2027-03-28T00:00:00Z")
        rows.append(service_usage(service, record(name, **known), NOW))
    return UsageReport("prod", "2027-02-10T12:00:00Z", AccountCredits(50000, 12345.6, 37654.4), tuple(rows))
