"""Is everything there that `pulumi up` needs? Small checks, each a line: fine, or what to do about it."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import httpx

from ..api.client import ManagementClient
from ..api.credentials import is_loopback
from ..api.errors import AuthenticationError, ConfigurationError, OpenRouterError, PermissionDenied
from ..api.retry import RetryPolicy
from ..api.scrub import printable
from ..settings import (
    HOW_TO_SET_MANAGEMENT_KEY,
    MANAGEMENT_KEY_CONFIG,
    NOW_VARIABLE,
    clock,
    resolve_base_url,
    resolve_settings,
)
from .doctor_ground import NETWORK_SECONDS, Checked, Ground, Verdict, parse_json, why

OLDEST_PULUMI = (3, 226, 0)
LARGEST_SKEW_SECONDS = 60
ONE_TRY = RetryPolicy(
    max_attempts=1, max_odd_attempts=1, deadline_seconds=0, throttled_deadline_seconds=NETWORK_SECONDS
)


Check = Callable[[Ground], list[Checked]]


def examine(ground: Ground) -> list[Checked]:
    """Return the lines of all checks in their order; a check that breaks is a finding, and the others go on."""
    # Read before the checks run side by side, since several of them need it.
    _ = ground.config
    with ThreadPoolExecutor(len(CHECKS)) as pool:
        return [line for lines in pool.map(lambda check: _guarded(check, ground), CHECKS) for line in lines]


def _guarded(check: Check, ground: Ground) -> list[Checked]:
    name = check.__name__.removeprefix("check_").replace("_", " ")
    try:
        return check(ground)
    except Exception as error:  # noqa: BLE001 - whatever a check trips over must not hide what the others find
        return [Checked(name, Verdict.FINDING, f"could not be checked: {type(error).__name__}")]


def check_pulumi(ground: Ground) -> list[Checked]:
    """Is pulumi there, and new enough?"""
    oldest = ".".join(map(str, OLDEST_PULUMI))
    fix = f"install {oldest} or newer (https://www.pulumi.com/docs/install/) and put it on PATH"
    ran = ground.pulumi("version")
    found = parse_version(ran.out)
    if found is None:
        return [_finding("pulumi", f"cannot be run: {why(ran)}", fix)]
    shown = ".".join(map(str, found))
    if found < OLDEST_PULUMI:
        return [_finding("pulumi", f"{shown} is older than {oldest}", fix)]
    return [_ok("pulumi", shown)]


def check_language_host(ground: Ground) -> list[Checked]:
    """Is the program that runs Python for pulumi there: on PATH, or beside pulumi?"""
    name = "pulumi-language-python"
    pulumi = ground.find("pulumi")
    beside = Path(pulumi).resolve().parent / name if pulumi else None
    if ground.find(name) or (beside and beside.is_file()):
        return [_ok("python language host", "found")]
    fix = f"install pulumi with its official installer, or put {name} on PATH"
    return [_finding("python language host", f"{name} is neither on PATH nor beside pulumi", fix)]


def check_aws_plugin(ground: Ground) -> list[Checked]:
    """Is the plugin there that pulumi-aws asks for?"""
    wanted = installed("pulumi-aws")
    fix = f"run: pulumi plugin install resource aws {wanted or ''}".rstrip()
    ran = ground.pulumi("plugin", "ls", "--json")
    listed = parse_json(ran.out)
    if ran.code or not isinstance(listed, list):
        return [_finding("aws plugin", f"plugins cannot be listed: {why(ran)}", fix)]
    found = [str(plugin.get("version")) for plugin in listed if plugin.get("name") == "aws"]
    if not found:
        return [_finding("aws plugin", "is not installed", fix)]
    if wanted and wanted not in found:
        return [Checked("aws plugin", Verdict.NOTICE, f"{', '.join(found)}; pulumi-aws asks for {wanted}", fix)]
    return [_ok("aws plugin", wanted or ", ".join(found))]


def check_stack(ground: Ground) -> list[Checked]:
    """Can the backend be read, is a stack selected (or the one that was named there), and can it be decrypted?"""
    if not (ground.project / "Pulumi.yaml").is_file():
        fix = "run this in the project's folder, or give --project"
        return [_finding("project", "there is no Pulumi.yaml here", fix)]
    ran = ground.pulumi("stack", "ls", "--json")
    stacks = parse_json(ran.out)
    if ran.code or not isinstance(stacks, list):
        fix = "log in (`pulumi login`), or set PULUMI_BACKEND_URL and its credentials"
        return [_finding("backend", f"cannot be read: {why(ran)}", fix)]
    return [_ok("backend", f"answers; {len(stacks)} stacks of this project"), *_chosen(ground, stacks)]


def _chosen(ground: Ground, stacks: Sequence[Mapping[str, Any]]) -> list[Checked]:
    names = {str(stack["name"]) for stack in stacks}
    current = next((str(stack["name"]) for stack in stacks if stack.get("current")), None)
    name = ground.stack or current
    if name is None:
        return [_finding("stack", "none is selected", "give --stack NAME, or run: pulumi stack select NAME")]
    shown = printable(name)
    if name.rpartition("/")[2] not in {known.rpartition("/")[2] for known in names}:
        return [_finding("stack", f"there is no stack {shown}", "see `pulumi stack ls`, or run: pulumi stack init")]
    if ground.config_answer.code:
        fix = "set PULUMI_CONFIG_PASSPHRASE, or get access to the stack's secrets provider"
        return [_finding("stack", f"the config of {shown} cannot be read: {why(ground.config_answer)}", fix)]
    return [_ok("stack", f"{shown}, {'as asked' if ground.stack else 'selected'}; its config can be read")]


def check_endpoint(ground: Ground) -> list[Checked]:
    """Does the API answer at all, and do its clock and ours agree?"""
    try:
        url = resolve_base_url(ground.config.get, ground.environment)
    except ConfigurationError as error:
        return [_finding("endpoint", str(error), fix="")]  # The message says it.
    try:
        answer = _ask(url, ground.transport)
    except (httpx.HTTPError, OSError) as error:
        fix = "check the network, HTTPS_PROXY and the base URL"
        return [_finding("endpoint", f"{printable(url)} does not answer: {type(error).__name__}", fix)]
    if "json" not in answer.headers.get("Content-Type", ""):
        fix = "check the base URL (it ends in /api/v1) and what lies between"
        return [_finding("endpoint", f"{printable(url)} answers {answer.status_code}, and not as the API does", fix)]
    return [_ok("endpoint", f"{printable(url)} answers"), *_clock(answer, ground.now())]


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
        return [Checked("clock", Verdict.NOTICE, "the API's answer has no date to compare with")]
    ahead = now - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))
    return [judge_clock(ahead.total_seconds())]


def judge_clock(seconds_ahead: float) -> Checked:
    """Return what it means that this machine's clock is that far ahead of the API's."""
    if abs(seconds_ahead) <= LARGEST_SKEW_SECONDS:
        return _ok("clock", f"within {LARGEST_SKEW_SECONDS} s of the API's")
    side = "ahead of" if seconds_ahead > 0 else "behind"
    text = f"{abs(seconds_ahead):.0f} s {side} the API's; AWS refuses requests from 5 minutes on"
    return _finding("clock", text, "set the clock, and let NTP keep it")


def check_rehearsal(ground: Ground) -> list[Checked]:
    """Is the clock replaced?"""
    if not ground.environment.get(NOW_VARIABLE):
        return []
    try:
        moment = clock(ground.environment)
    except ConfigurationError as error:
        return [_finding("rehearsed time", str(error), f"run: unset {NOW_VARIABLE}")]
    text = f"{NOW_VARIABLE} is set: rotations are decided as of {moment:%Y-%m-%dT%H:%M:%SZ}"
    return [Checked("rehearsed time", Verdict.NOTICE, text, f"run: unset {NOW_VARIABLE} before a real deployment")]


def check_management_key(ground: Ground) -> list[Checked]:
    """Is a credential there, and is it a management key?"""
    name = "management key"
    try:
        settings = resolve_settings(ground.config.get, ground.environment)
        source = "the stack's config" if ground.config.get(MANAGEMENT_KEY_CONFIG) else "the environment"
        with ManagementClient(
            settings.management_key,
            base_url=settings.base_url,
            transport=ground.transport,
            policy=ONE_TRY,
            timeout_seconds=NETWORK_SECONDS,
        ) as client:
            current = client.current_key()
    except ConfigurationError as error:
        return [_finding(name, str(error), fix="")]  # The message says it.
    except (AuthenticationError, PermissionDenied) as error:
        return [_finding(name, str(error), f"make one in OpenRouter's settings, then {HOW_TO_SET_MANAGEMENT_KEY}")]
    except OpenRouterError as error:
        return [_finding(name, f"could not be tried: {error}", "mend the endpoint first")]
    if not current.is_management_key:
        text = f"the credential from {source} is a standard key, which can't manage keys"
        return [_finding(name, text, "make a management key in OpenRouter's settings")]
    return [_ok(name, f"from {source}, accepted")]


def check_aws(ground: Ground) -> list[Checked]:
    """Who are we to AWS, and may we see secrets?"""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see aws_client

    fix = "sign in to AWS (AWS_PROFILE, `aws sso login`, a role), and set aws:region or AWS_REGION"
    try:
        identity = ground.aws("sts", ground.config).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        return [_finding("aws", f"no identity: {aws_reason(error)}", fix)]
    lines = [_ok("aws", f"account {identity['Account']}, {printable(identity['Arn'])}")]
    try:
        ground.aws("secretsmanager", ground.config).list_secrets(MaxResults=1)
    except (BotoCoreError, ClientError) as error:
        text = f"secretsmanager:ListSecrets failed: {aws_reason(error)}"
        return [*lines, _finding("aws secrets", text, "allow it (docs/operations.md has the policies)")]
    return [*lines, _ok("aws secrets", "can be listed")]


def aws_reason(error: Exception) -> str:
    """Return why AWS could not be asked or refused: its error code, or the library's error class."""
    response = getattr(error, "response", None)
    return str(response["Error"]["Code"]) if isinstance(response, dict) else type(error).__name__


CHECKS: tuple[Check, ...] = (
    check_pulumi,
    check_language_host,
    check_aws_plugin,
    check_stack,
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


def installed(package: str) -> str | None:
    """Return the version of an installed Python package, None where it isn't there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _ok(name: str, text: str) -> Checked:
    return Checked(name, Verdict.OK, text)


def _finding(name: str, text: str, fix: str) -> Checked:
    return Checked(name, Verdict.FINDING, text, fix)
