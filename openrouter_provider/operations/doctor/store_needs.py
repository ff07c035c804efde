"""The stores that a stack keeps its keys in, and what each of them needs: packages, Pulumi's plugin, AWS's consent."""

from collections.abc import Container, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ...api.scrub import printable
from ...config.source import RawConfig, read_config
from ...stores.aws.access import command
from ...stores.catalog import STORES
from ...stores.refusals import DEFAULT_STORE
from .ground import Checked, Ground, Ran, Verdict, finding, ok, parse_json, why


def stores_in_use(ground: Ground) -> list[str]:
    """Return the stores that the next `up` works on: those of the config's services, and of the deployed ones.

    A config with mistakes counts as far as it can be understood, for preview names them. One that can't be read says
    nothing.
    """
    readable = ground.config_answer.code == 0
    wanted = set(configured_stores(read_config(ground.config.get, ground.project))) if readable else set()
    deployed = {_store_of(service, DEFAULT_STORE) for service in ground.deployed.values()}
    return [store for store in STORES if store in wanted | deployed]


def configured_stores(config: RawConfig) -> Iterator[str]:
    """Yield the store of each service; where there is none yet, the one that the first would have."""
    shared = _store_of(config.settings.get("defaults"), DEFAULT_STORE)
    groups = [config.settings.get("services"), *(file.services for file in config.files.files)]
    services = [wish for group in groups if isinstance(group, Mapping) for wish in group.values()]
    yield from [_store_of(wish, shared) for wish in services] or [shared]


def _store_of(settings: Any, otherwise: str) -> str:
    named = settings.get("store") if isinstance(settings, Mapping) else None
    return named if isinstance(named, str) else otherwise


def check_plugins(ground: Ground) -> list[Checked]:
    """Are the packages and the plugin there that each store in use asks for?"""
    stores = stores_in_use(ground)
    ran = ground.pulumi("plugin", "ls", "--json")
    there = {package for store in stores for package in packages(store) if installed(package)}
    return [line for store in stores for line in (*missing_packages(store, there), _plugin(store, ran))]


def packages(store: str) -> tuple[str, ...]:
    """Return the packages that a store needs: Pulumi's for it, and the one that reads it."""
    return f"pulumi-{store}", STORES[store].package


def missing_packages(store: str, there: Container[str]) -> Iterator[Checked]:
    """Yield a finding for each package of a store that is not there."""
    wanted = "openrouter-keys" if store == DEFAULT_STORE else f"openrouter-keys[{store}]"
    for package in packages(store):
        if package not in there:
            yield finding(f"{store} packages", f"{package} is not installed", f"run: pip install '{wanted}'")


def _plugin(store: str, ran: Ran) -> Checked:
    name, package = f"{store} plugin", f"pulumi-{store}"
    wanted = installed(package)
    fix = f"run: pulumi plugin install resource {store} {wanted or ''}".rstrip()
    listed = parse_json(ran.out)
    if ran.code or not isinstance(listed, list):
        return finding(name, f"plugins cannot be listed: {why(ran)}", fix)
    found = [str(plugin.get("version")) for plugin in listed if plugin.get("name") == store]
    if not found:
        return finding(name, "is not installed", fix)
    if wanted and wanted not in found:
        return Checked(name, Verdict.NOTICE, f"{', '.join(found)}; {package} asks for {wanted}", fix)
    return ok(name, wanted or ", ".join(found))


def installed(package: str) -> str | None:
    """Return the version of an installed Python package, None where it isn't there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def check_aws(ground: Ground) -> list[Checked]:
    """Who are we to AWS, and may we see secrets? Asked only where a service keeps its key there."""
    if "aws" not in stores_in_use(ground):
        return []
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see aws_client

    fix = "sign in to AWS (AWS_PROFILE, `aws sso login`, a role), and set aws:region or AWS_REGION"
    try:
        identity = ground.aws("sts", ground.config).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        return [finding("aws", f"no identity: {aws_reason(error)}", fix)]
    lines = [ok("aws", f"account {identity['Account']}, {printable(identity['Arn'])}")]
    try:
        ground.aws("secretsmanager", ground.config).list_secrets(MaxResults=1)
    except (BotoCoreError, ClientError) as error:
        text = f"secretsmanager:ListSecrets failed: {aws_reason(error)}"
        return [*lines, finding("aws secrets", text, "allow it (examples/pipelines/iam has the policies)")]
    return [*lines, ok("aws secrets", "can be listed"), *_marked(ground)]


def _marked(ground: Ground) -> Iterator[Checked]:
    """Yield a finding for each deployed secret that AWS is about to delete: `destroy` fails on it each time."""
    services = {str(service.get("secretArn")): name for name, service in ground.deployed.items()}
    for secret in _secrets(ground) if services else ():
        arn, until = str(secret.get("ARN")), secret.get("DeletedDate")
        if until and arn in services:
            text = f"the secret of {services[arn]} is marked for deletion, and AWS deletes it on {until:%Y-%m-%d}"
            fix = f"to keep it, run: {command('restore-secret', arn)}; or let it go with `pulumi destroy --refresh`"
            yield finding("aws secrets", text, f"{fix} (docs/errors.md#currently-marked-deleted)")


def _secrets(ground: Ground) -> Iterator[Mapping[str, Any]]:
    """Yield AWS's secrets, those that it is about to delete too; none any more once it refuses."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see aws_client

    client: Any = ground.aws("secretsmanager", ground.config)
    next_page: dict[str, str] = {}
    while True:
        try:
            page = client.list_secrets(MaxResults=100, IncludePlannedDeletion=True, **next_page)
        except (BotoCoreError, ClientError):
            return  # That nothing can be listed is told already.
        yield from page.get("SecretList") or ()
        if not page.get("NextToken"):
            return
        next_page = {"NextToken": page["NextToken"]}


def aws_reason(error: Exception) -> str:
    """Return why AWS could not be asked or refused: its error code, or the library's error class."""
    response = getattr(error, "response", None)
    return str(response["Error"]["Code"]) if isinstance(response, dict) else type(error).__name__
