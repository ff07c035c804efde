"""The services of a fixture: every setting that leaves something of its own in the state, deployed to one instant."""

from typing import Any

from tests.harness import Stack

START = "2027-01-01T00:00:00Z"
FIRST_ROTATION = "2027-02-01T00:00:00Z"
FIRST_RETIREMENT = "2027-02-03T00:00:00Z"
SECOND_ROTATION = "2027-02-11T00:00:00Z"
INSTANT = "2027-02-13T00:00:00Z"
VENDOR_KEY = "vendor-canary-" + "k" * 24
ROLE = "arn:aws:iam::123456789012:role/"
MONTHLY: dict[str, Any] = {"every": "30d", "overlap": "2d", "stagger": False}
DEFAULTS: dict[str, Any] = {
    "limit": 25,
    "limitReset": "monthly",
    "rotation": {"every": "40d", "overlap": "14d"},
    "recoveryWindowInDays": 0,
    "tags": {"cost-centre": "platform"},
}
WORKSPACES: dict[str, Any] = {
    "payments": {
        "description": "Takes money",
        "budgets": {"monthly": 500, "lifetime": 2000},
        "includeByokInBudgets": True,
    }
}
GUARDRAILS: dict[str, Any] = {
    "cheap": {
        "allowedModels": ["openai/gpt-4o-mini", "sandbox/echo"],
        "limit": 10,
        "limitReset": "daily",
        "enforceZdr": {"openai": True},
        "workspace": "payments",
    }
}
SERVICES: dict[str, Any] = {
    "by-default": {},
    "given": {
        "limit": 50.5,
        "limitReset": "daily",
        "includeByokInLimit": True,
        "rotation": None,
        "readers": [f"{ROLE}given", f"{ROLE}given-tools"],
        "tags": {"Team": "search"},
        "kmsKeyId": "arn:aws:kms:us-east-1:123456789012:alias/openrouter-keys",
        "recoveryWindowInDays": 7,
        "appUrl": "https://given.example.com",
        "appTitle": "Given",
    },
    "unlimited": {"unlimited": True, "rotation": None},
    "expiring": {"expiresAt": "2028-12-31T23:59:59Z", "rotation": {"every": "90d"}},
    "off": {"disabled": True, "rotation": None},
    "monthly": {"rotation": MONTHLY, "readers": [f"{ROLE}monthly"]},
    "plain": {"format": "plain", "secretName": "acme/elsewhere/plain", "rotation": None},
    "bound": {"workspace": "payments", "guardrails": ["cheap"]},
    "leaked": {"rotation": None},
    "adopted": {"rotation": None},
    "google": {"store": "gcp", "readers": ["serviceAccount:google@sandbox.iam.gserviceaccount.com"]},
    "vault": {"store": "vault", "vault": {"policy": "vault-openrouter"}},
}
PROVIDER_KEYS: dict[str, Any] = {
    "ours": {"provider": "openai", "allowedServices": ["by-default", "bound"], "isFallback": True}
}
SETTINGS: dict[str, Any] = {
    "defaults": DEFAULTS,
    "workspaces": WORKSPACES,
    "guardrails": GUARDRAILS,
    "byokKeys": PROVIDER_KEYS,
}


def deploy(stack: Stack) -> None:
    """Bring the stack to INSTANT: one key rotated and retired, most in their overlap, one leaked, one adopted."""
    hand_made, value = stack.control.create_key(name="made by hand", limit=3, created_at=START)
    first = SERVICES | {"adopted": {"rotation": None, "adopt": {"hash": hand_made["hash"]}}}
    _up(stack, START, first, **{"services.adopted.adopt.key": value})
    _up(stack, FIRST_ROTATION, SERVICES)
    _up(stack, FIRST_RETIREMENT, SERVICES)
    leaked = {"rotation": None, "rotateNow": "leaked-in-february", "emergency": True}
    _up(stack, SECOND_ROTATION, SERVICES | {"leaked": leaked})
    stack.now = INSTANT
    stack.control.configure(now=INSTANT)
    stack.pulumi("preview", "--refresh", "--expect-no-changes")


def _up(stack: Stack, now: str, services: dict[str, Any], **secrets: str) -> None:
    stack.now = now
    stack.control.configure(now=now)
    stack.configure(services, **SETTINGS)
    for path, value in {**secrets, "byokKeys.ours.key": VENDOR_KEY}.items():
        stack.pulumi("config", "set", "--secret", "--path", f"openrouter-keys:{path}", value)
    stack.up()
