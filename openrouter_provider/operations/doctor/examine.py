"""Is everything there that `pulumi up` needs? Small checks, each a line: fine, or what to do about it."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

from ...api.client import ManagementClient
from ...api.credentials import is_loopback
from ...api.errors import AuthenticationError, ConfigurationError, OpenRouterError, PermissionDenied
from ...api.http.retry import RetryPolicy
from ...api.scrub import printable
from ...settings import (
    HOW_TO_SET_MANAGEMENT_KEY,
    MANAGEMENT_KEY_CONFIG,
    NOW_VARIABLE,
    clock,
    resolve_base_url,
    resolve_settings,
)
from .ahead import changes_ahead
from .examination import NETWORK_SECONDS, Checked, Examination, Health, finding, ok, parse_json, why
from .host import check_host
from .stack_checks import check_config, check_state
from .store_needs import check_aws, check_plugins

OLDEST_PULUMI = (3, 226, 0)
LARGEST_SKEW_SECONDS = 60
ONE_TRY = RetryPolicy(
    max_attempts=1, max_odd_attempts=1, deadline_seconds=0, throttled_deadline_seconds=NETWORK_SECONDS
)


HealthCheck = Callable[[Examination], list[Checked]]


def examine(examination: Examination) -> list[Checked]:
    """Return the lines of all checks in their order; a check that breaks is a finding, and the others go on."""
    # Read before the checks run side by side, since several of them need it.
    _ = examination.config
    with ThreadPoolExecutor(len(CHECKS)) as pool:
        return [line for lines in pool.map(lambda check: _guarded(check, examination), CHECKS) for line in lines]


def _guarded(check: HealthCheck, examination: Examination) -> list[Checked]:
    name = check.__name__.removeprefix("check_").replace("_", " ")
    try:
        return check(examination)
    except Exception as error:  # noqa: BLE001 - whatever a check trips over must not hide what the others find
        return [Checked(name, Health.FINDING, f"could not be checked: {type(error).__name__}")]


def check_pulumi(examination: Examination) -> list[Checked]:
    """Is pulumi there, and new enough?"""
    oldest = ".".join(map(str, OLDEST_PULUMI))
    fix = f"install {oldest} or newer (https://www.pulumi.com/docs/install/) and put it on PATH"
    ran = examination.pulumi("version")
    found = parse_version(ran.out)
    if found is None:
        return [finding("pulumi", f"cannot be run: {why(ran)}", fix)]
    shown = ".".join(map(str, found))
    if found < OLDEST_PULUMI:
        return [finding("pulumi", f"{shown} is older than {oldest}", fix)]
    return [ok("pulumi", shown)]


def check_language_host(examination: Examination) -> list[Checked]:
    """Is the program that runs Python for pulumi there: on PATH, or beside pulumi?"""
    name = "pulumi-language-python"
    pulumi = examination.find("pulumi")
    beside = Path(pulumi).resolve().parent / name if pulumi else None
    if examination.find(name) or (beside and beside.is_file()):
        return [ok("python language host", "found")]
    fix = f"install pulumi with its official installer, or put {name} on PATH"
    return [finding("python language host", f"{name} is neither on PATH nor beside pulumi", fix)]


def check_stack(examination: Examination) -> list[Checked]:
    """Can the backend be read, is a stack selected (or the one that was named there), and can it be decrypted?"""
    if not (examination.project / "Pulumi.yaml").is_file():
        fix = "run this in the project's folder, or give --project"
        return [finding("project", "there is no Pulumi.yaml here", fix)]
    ran = examination.pulumi("stack", "ls", "--json")
    stacks = parse_json(ran.out)
    if ran.code or not isinstance(stacks, list):
        fix = "log in (`pulumi login`), or set PULUMI_BACKEND_URL and its credentials"
        return [finding("backend", f"cannot be read: {why(ran)}", fix)]
    return [
        ok("backend", f"answers; {len(stacks)} stack{'s' if len(stacks) != 1 else ''} of this project"),
        *_chosen(examination, stacks),
    ]


def _chosen(examination: Examination, stacks: Sequence[Mapping[str, Any]]) -> list[Checked]:
    names = {str(stack["name"]) for stack in stacks}
    current = next((str(stack["name"]) for stack in stacks if stack.get("current")), None)
    name = examination.stack or current
    if name is None:
        return [finding("stack", "none is selected", "give --stack NAME, or run: pulumi stack select NAME")]
    shown = printable(name)
    if name.rpartition("/")[2] not in {known.rpartition("/")[2] for known in names}:
        return [finding("stack", f"there is no stack {shown}", "see `pulumi stack ls`, or run: pulumi stack init")]
    if examination.config_answer.code:
        fix = "set PULUMI_CONFIG_PASSPHRASE, or get access to the stack's secrets provider"
        return [finding("stack", f"the config of {shown} cannot be read: {why(examination.config_answer)}", fix)]
    return [ok("stack", f"{shown}, {'as asked' if examination.stack else 'selected'}; its config can be read")]


def check_endpoint(examination: Examination) -> list[Checked]:
    """Does the API answer at all, and do its clock and ours agree?"""
    try:
        url = resolve_base_url(examination.config.get, examination.environment)
    except ConfigurationError as error:
        return [finding("endpoint", str(error), fix="")]  # The message says it.
    try:
        answer = _ask(url, examination.transport)
    except (httpx.HTTPError, OSError) as error:
        fix = "check the network, HTTPS_PROXY and the base URL"
        return [finding("endpoint", f"{printable(url)} does not answer: {type(error).__name__}", fix)]
    if "json" not in answer.headers.get("Content-Type", ""):
        fix = "check the base URL (it ends in /api/v1) and what lies between"
        return [finding("endpoint", f"{printable(url)} answers {answer.status_code}, and not as the API does", fix)]
    return [ok("endpoint", f"{printable(url)} answers"), *_clock(answer, examination.now())]


def _ask(url: str, transport: httpx.BaseTransport | None) -> httpx.Response:
    """Ask for the key in use without a credential: every OpenRouter refuses that in JSON, with its time."""
    parsed = httpx.URL(url)
    proxied = parsed.scheme == "https" and not is_loopback(parsed.host)
    with httpx.Client(transport=transport, timeout=NETWORK_SECONDS, trust_env=proxied) as client:
        return client.get(f"{url}/key")


def _clock(answer: httpx.Response, now: datetime) -> list[Checked]:
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (TypeError, ValueError):
        return [Checked("clock", Health.NOTICE, "the API's answer has no date to compare with")]
    ahead = now - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))
    return [judge_clock(ahead.total_seconds())]


def judge_clock(seconds_ahead: float) -> Checked:
    """Return what it means that this machine's clock is that far ahead of the API's."""
    if abs(seconds_ahead) <= LARGEST_SKEW_SECONDS:
        return ok("clock", f"within {LARGEST_SKEW_SECONDS} s of the API's")
    side = "ahead of" if seconds_ahead > 0 else "behind"
    text = f"{abs(seconds_ahead):.0f} s {side} the API's; AWS refuses requests from 5 minutes on"
    return finding("clock", text, "set the clock, and let NTP keep it")


def check_rehearsal(examination: Examination) -> list[Checked]:
    """Is the clock replaced?"""
    if not examination.environment.get(NOW_VARIABLE):
        return []
    try:
        moment = clock(examination.environment)
    except ConfigurationError as error:
        return [finding("rehearsed time", str(error), f"run: unset {NOW_VARIABLE}")]
    text = f"{NOW_VARIABLE} is set: rotations are decided as of {moment:%Y-%m-%dT%H:%M:%SZ}"
    return [Checked("rehearsed time", Health.NOTICE, text, f"run: unset {NOW_VARIABLE} before a real deployment")]


def check_management_key(examination: Examination) -> list[Checked]:
    """Is a credential there, and is it a management key?"""
    name = "management key"
    try:
        settings = resolve_settings(examination.config.get, examination.environment)
        source = "the stack's config" if examination.config.get(MANAGEMENT_KEY_CONFIG) else "the environment"
        with ManagementClient(
            settings.management_key,
            base_url=settings.base_url,
            transport=examination.transport,
            policy=ONE_TRY,
            timeout_seconds=NETWORK_SECONDS,
        ) as client:
            current, quota = client.current_key(), client.quota
    except ConfigurationError as error:
        return [finding(name, str(error), fix="")]  # The message says it.
    except (AuthenticationError, PermissionDenied) as error:
        return [finding(name, str(error), f"make one in OpenRouter's settings, then {HOW_TO_SET_MANAGEMENT_KEY}")]
    except OpenRouterError as error:
        return [finding(name, f"could not be tried: {error}", "mend the endpoint first")]
    if not current.is_management_key:
        text = f"the credential from {source} is a standard key, which can't manage keys"
        return [finding(name, text, "make a management key in OpenRouter's settings")]
    return [ok(name, f"from {source}, accepted"), *changes_ahead(examination, quota)]


CHECKS: tuple[HealthCheck, ...] = (
    check_pulumi,
    check_language_host,
    check_plugins,
    check_host,
    check_stack,
    check_config,
    check_state,
    check_endpoint,
    check_rehearsal,
    check_management_key,
    check_aws,
)


def parse_version(text: str) -> tuple[int, int, int] | None:
    """Return a version such as `v3.226.0-dev.1` as three numbers, None for anything else."""
    parts = text.strip().removeprefix("v").partition("-")[0].partition("+")[0].split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    return int(parts[0]), int(parts[1]), int(parts[2])
