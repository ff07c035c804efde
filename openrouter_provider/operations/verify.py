"""Does every service really have a working key? Asked the way the service itself would."""

import shlex
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import SecretStr

from ..api.client import ManagementClient
from ..api.errors import AuthenticationError, OpenRouterError, PermissionDenied
from ..api.http.retry import QUICK, QUICK_TIMEOUT_SECONDS
from ..api.models import CurrentKey
from ..api.money import usd
from ..config.models import ServiceConfig
from ..config.stack import StackConfig
from ..keys.sameness import same, same_moment
from ..keys.schedule import format_instant, parse_duration, parse_instant
from ..resources.base import LARGEST_SKEW
from ..settings import clock
from ..stores.payload import is_masked_as
from ..stores.reading import SecretUnreadable, may_be_sent, read_key
from ..stores.value import ENVIRONMENTS_ACCESS
from .blocking import Blocking, of_budget
from .doctor.examination import Checked
from .doctor.stack_checks import interruption
from .drift.compare import EXPIRY_NOTICE
from .outage import API, Parties, PartyAway, away_line, party_of
from .stack.locks import Lock
from .stack.stacks import DeployedService, DeployedStack

FREE_MODEL = "meta-llama/llama-3.3-70b-instruct:free"
NO_FREE_MODEL = "no request was sent: of the models that its key may call, none is free; --model names another one"
SERVICES_AT_ONCE = 16
UNDEPLOYED = "it is declared, and the last successful `pulumi up` did not deploy it: run `pulumi up`"


OpensClient = Callable[[SecretStr, str], ManagementClient]


def quick_client(key: SecretStr, base_url: str) -> ManagementClient:
    """Return a client with a service's key that gives up within seconds."""
    return ManagementClient(
        key.get_secret_value(), base_url=base_url, policy=QUICK, timeout_seconds=QUICK_TIMEOUT_SECONDS
    )


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
        blocks_first: which of all limits on the key refuses its requests first, by the API's own word.
        findings: one line for each thing that is wrong.
        notices: one line for each thing that will be wrong soon.
    """

    service: str
    secret_name: str
    label: str | None = None
    limit_usd: float | None = None
    limit_remaining_usd: float | None = None
    limit_reset: str | None = None
    blocks_first: Blocking | None = None
    findings: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verification:
    """What was found of a stack.

    Attributes:
        stack: its name.
        services: what was found of each service that is deployed or declared, in the order of their names.
        errors: why some could not be looked at, a line for all that an outage concerns.
    """

    stack: str
    services: tuple[VerifiedService, ...]
    errors: tuple[str, ...] = ()


def verify_stack(
    stack: DeployedStack,
    *,
    chat_model: str | None = None,
    read: Callable[[str], SecretStr] | None = None,
    open_client: OpensClient = quick_client,
    now: datetime | None = None,
    lock: Lock | None = None,
) -> Verification:
    """Return what was found of each service that is deployed or declared.

    Who turns out to be away is asked for one service, and for no other.

    Args:
        stack: the deployed stack.
        chat_model: a `:free` model to send one request to with each key, or None.
        read: returns the key in a secret's current version; default: asks its store, the way that its provider goes.
        open_client: opens the API with a service's key.
        now: decides what has expired; default: the clock.
        lock: who holds the stack; None where nobody is seen to.
    """
    moment, parties = now or clock(), Parties()

    def read_in_store(reference: str) -> SecretStr:
        return read_key(reference, stack.accesses.get(reference, ENVIRONMENTS_ACCESS))

    def verify(service: DeployedService) -> VerifiedService | PartyAway:
        declared = stack.config.services.get(service.name) if stack.config else None
        model = model_to_ask(declared, chat_model)
        unasked = [NO_FREE_MODEL] if chat_model and model is None else []
        try:
            found = verify_service(
                service, stack.base_url, read or read_in_store, model, stack.name, parties, open_client
            )
        except PartyAway as away:
            return away
        ended, ending = expiry(service, stack.config, moment)
        findings = (*ended, *impossible_times(service, stack.config, moment), *found.findings)
        return replace(found, findings=findings, notices=(*ending, *unasked))

    firsts = {party_of(service.secret_reference): service for service in reversed(stack.services)}.values()
    others = [service for service in stack.services if service not in firsts]
    answers = [verify(service) for service in firsts]
    with ThreadPoolExecutor(SERVICES_AT_ONCE) as pool:
        answers += pool.map(verify, others)
    results = [
        *(each for each in answers if isinstance(each, VerifiedService)),
        *undeployed(stack),
        *held_up(stack, lock),
    ]
    outages = Counter(str(each) for each in answers if isinstance(each, PartyAway))
    errors = tuple(away_line(stack.name, why, services) for why, services in outages.items())
    return Verification(stack.name, tuple(sorted(results, key=lambda result: result.service)), errors)


def model_to_ask(wish: ServiceConfig | None, model: str | None) -> str | None:
    """Return the model that one request goes to; None where the service's key may call none that costs nothing.

    Args:
        wish: what the config says of the service; None where it says nothing.
        model: the one that somebody chose, or the free one that keys without a list may call; None for no request.
    """
    if wish is None or not wish.own_guardrail or model != FREE_MODEL or model in (wish.models or ()):
        return model
    return next((slug for slug in wish.models or () if slug.endswith(":free")), None)


def held_up(stack: DeployedStack, lock: Lock | None) -> Iterator[VerifiedService]:
    """Yield what a killed run left in the stack itself, with the command that heals it; a run that goes on is told."""
    left = [_told(each) for each in interruption({"pending_operations": stack.pending}, None, stack.name)]
    held = [_told(each) for each in interruption({}, lock, stack.name)]
    is_left = lock is not None and lock.is_left()
    if left or held:
        findings, notices = [*left, *(held if is_left else ())], () if is_left else held
        yield VerifiedService("(stack)", "-", findings=tuple(findings), notices=tuple(notices))


def _told(found: Checked) -> str:
    return f"{found.name}: {found.text}: {found.fix}"


def undeployed(stack: DeployedStack) -> Iterator[VerifiedService]:
    """Yield the services that the program declares and no deployment finished: nobody can read a key for them.

    A program of a user's own declares them itself: its config has none, and what it began is in the state.
    """
    for name in stack.unfinished:
        if stack.config is None or name not in stack.config.services:
            yield VerifiedService(name, "-", findings=(UNDEPLOYED,))
    if stack.config is None and stack.has_no_config:
        return
    if stack.config is None:
        wrong = "it is wrong, so that nobody knows which services it declares: `pulumi preview` says what to mend"
        yield VerifiedService("(config)", "-", findings=(wrong,))
        return
    deployed = {service.name for service in stack.services}
    for name in stack.config.services:
        if name not in deployed:
            yield VerifiedService(name, stack.config.secret_name(name), findings=(UNDEPLOYED,))


def expiry(service: DeployedService, config: StackConfig | None, now: datetime) -> tuple[list[str], list[str]]:
    """Return what is wrong with a key whose time is over, and what is to be said of one whose time soon is."""
    if service.disabled or not service.expires_at:
        return [], []
    expires_at = parse_instant(service.expires_at)
    notice = config.expiry_notice_period if config else EXPIRY_NOTICE
    at, fix = format_instant(expires_at), "set a later expiresAt, or take it out, and run `pulumi up`"
    if expires_at <= now:
        return [f"key: it expired at {at}, and no rotation renews it: {fix}"], []
    return [], [f"key: it expires at {at}: {fix}"] if expires_at <= now + notice else []


def impossible_times(service: DeployedService, config: StackConfig | None, now: datetime) -> Iterator[str]:
    """Yield the times that no schedule can have made: a clock that was ahead has switched rotation off."""
    wish = config.services.get(service.name) if config else None
    every = parse_duration(wish.rotation.every) if wish and wish.rotation else None
    if service.rotated_at and parse_instant(service.rotated_at) > now + LARGEST_SKEW:
        yield f"rotation: the last one was at {service.rotated_at}, which is yet to come: run `pulumi up`"
    if every and service.next_rotation_at and parse_instant(service.next_rotation_at) > now + every + LARGEST_SKEW:
        yield f"rotation: the next one is at {service.next_rotation_at}, later than a period from now: run `pulumi up`"


def verify_service(
    service: DeployedService,
    base_url: str,
    read: Callable[[str], SecretStr],
    chat_model: str | None = None,
    stack: str = "",
    parties: Parties | None = None,
    open_client: OpensClient = quick_client,
) -> VerifiedService:
    """Read the service's secret, authenticate with what it holds, and compare the answer with the state.

    Raises:
        PartyAway: the store or OpenRouter answers nobody.
    """
    asked, store = parties or Parties(), party_of(service.secret_reference)
    try:
        key = asked.ask(store, lambda: read(service.secret_reference))
    except SecretUnreadable as error:
        return VerifiedService(service.name, service.secret_name, findings=(f"secret: {error}",))
    if not may_be_sent(key, service.key_label):
        # Somebody put something else here, and it is none of OpenRouter's business.
        wrong = "secret: its value is no OpenRouter key: it was edited by hand; `pulumi up --refresh` restores it"
        return VerifiedService(service.name, service.secret_name, findings=(wrong,))
    try:
        with open_client(key, base_url) as client:
            actual = asked.ask(API, client.current_key)
            if chat_model:
                client.chat(key, chat_model, "Answer with the word ok.")
    except (AuthenticationError, PermissionDenied) as error:
        refused = () if service.disabled else (refusal_of(service, key, error, stack),)
        return VerifiedService(service.name, service.secret_name, service.key_label, findings=refused)
    except PartyAway:
        raise
    except OpenRouterError as error:
        return VerifiedService(service.name, service.secret_name, findings=(f"key: {error}",))
    return VerifiedService(
        service=service.name,
        secret_name=service.secret_name,
        label=actual.label,
        limit_usd=actual.limit,
        limit_remaining_usd=actual.limit_remaining,
        limit_reset=actual.limit_reset,
        blocks_first=of_budget(actual.effective_budget) if actual.effective_budget else None,
        findings=tuple(compare(service, actual)),
    )


def refusal_of(service: DeployedService, key: SecretStr, error: OpenRouterError, stack: str) -> str:
    """Return what happened to a key that OpenRouter refuses, as far as one can tell, and the command that heals it."""
    heal = f"run `pulumi up --refresh{f' --stack {shlex.quote(stack)}' if stack else ''}`"
    if is_masked_as(key.get_secret_value(), service.key_label) is False:
        return (
            f"key: the secret holds another key than the state's ({service.key_label}), and OpenRouter refuses it: its "
            f"value was edited or rolled back by hand: {heal}, which stores the state's key again"
        )
    if isinstance(error, AuthenticationError):
        return f"key: {error}; {heal}: it makes a deleted key anew, and enables one that was disabled by hand"
    return f"key: {error}"


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
    return "none" if value is None else usd(value) if isinstance(value, float | int) else str(value)
