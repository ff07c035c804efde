"""Does every service really have a working key? Asked the way the service itself would."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from ..api.client import ManagementClient
from ..api.errors import AuthenticationError, OpenRouterError, PermissionDenied
from ..api.models import CurrentKey
from ..resources.sameness import same, same_moment
from ..schedule import format_instant, parse_instant
from ..settings import clock
from .secret_values import KEY_PREFIX, SecretUnreadable, read_key
from .stacks import DeployedService, DeployedStack

FREE_MODEL = "meta-llama/llama-3.3-70b-instruct:free"
SERVICES_AT_ONCE = 16


@dataclass(frozen=True)
class VerifiedService:
    """What was found of one service; it is fine where `findings` is empty.

    Attributes:
        service: its name.
        secret_name: where its key is stored.
        label: the stored key's masked form, None where it could not be asked.
        limit_usd: the key's limit.
        limit_remaining_usd: what is left of it.
        limit_reset: daily, weekly, monthly or None.
        findings: one line for each thing that is wrong.
    """

    service: str
    secret_name: str
    label: str | None = None
    limit_usd: float | None = None
    limit_remaining_usd: float | None = None
    limit_reset: str | None = None
    findings: tuple[str, ...] = ()


def verify_stack(
    stack: DeployedStack,
    *,
    chat_model: str | None = None,
    read: Callable[[str], SecretStr] = read_key,
) -> list[VerifiedService]:
    """Return what was found of each service of the stack, in the order of their names.

    Args:
        stack: the deployed stack.
        chat_model: a `:free` model to send one request to with each key, or None.
        read: returns the key in a secret's current version.
    """

    def verify(service: DeployedService) -> VerifiedService:
        return verify_service(service, stack.base_url, read, chat_model)

    with ThreadPoolExecutor(SERVICES_AT_ONCE) as pool:
        return list(pool.map(verify, stack.services))


def verify_service(
    service: DeployedService, base_url: str, read: Callable[[str], SecretStr], chat_model: str | None = None
) -> VerifiedService:
    """Read the service's secret, authenticate with what it holds, and compare the answer with the state."""
    try:
        key = read(service.secret_reference)
    except SecretUnreadable as error:
        return VerifiedService(service.name, service.secret_name, findings=(f"secret: {error}",))
    if not may_be_sent(key, service.key_label):
        # Somebody put something else here, and it is none of OpenRouter's business.
        wrong = "secret: its value is no OpenRouter key: it was edited by hand; `pulumi up --refresh` restores it"
        return VerifiedService(service.name, service.secret_name, findings=(wrong,))
    try:
        with ManagementClient(key.get_secret_value(), base_url=base_url) as client:
            actual = client.current_key()
            if chat_model:
                client.chat(key, chat_model, "Answer with the word ok.")
    except (AuthenticationError, PermissionDenied) as error:
        refused = () if is_meant_to_be_refused(service, clock()) else (f"key: {error}",)
        return VerifiedService(service.name, service.secret_name, service.key_label, findings=refused)
    except OpenRouterError as error:
        return VerifiedService(service.name, service.secret_name, findings=(f"key: {error}",))
    return VerifiedService(
        service=service.name,
        secret_name=service.secret_name,
        label=actual.label,
        limit_usd=actual.limit,
        limit_remaining_usd=actual.limit_remaining,
        limit_reset=actual.limit_reset,
        findings=tuple(compare(service, actual)),
    )


def may_be_sent(key: SecretStr, label: str) -> bool:
    """Return whether a secret's value looks like an OpenRouter key, or like the very key that the label masks."""
    value = key.get_secret_value()
    start, _, end = label.partition("...")
    return value.startswith(KEY_PREFIX) or bool(start and end and value.startswith(start) and value.endswith(end))


def is_meant_to_be_refused(service: DeployedService, now: datetime) -> bool:
    """Return whether the service's key is disabled or expired by the program's own wish."""
    return service.disabled or bool(service.expires_at and parse_instant(service.expires_at) <= now)


def compare(service: DeployedService, actual: CurrentKey) -> Iterator[str]:
    """Yield one line for each property in which the stored key differs from the state."""
    expires_at = format_instant(actual.expires_at) if actual.expires_at else None
    pairs = {
        "label": (service.key_label, actual.label),
        "limit": (service.limit, actual.limit),
        "limit reset": (service.limit_reset, actual.limit_reset),
        "expiry": (service.expires_at, expires_at),
    }
    for name, (wanted, found) in pairs.items():
        if not (same_moment if name == "expiry" else same)(wanted, found):
            yield f"{name}: the state has {_shown(wanted)}, the stored key has {_shown(found)}"


def _shown(value: object) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float | int) else str(value)
