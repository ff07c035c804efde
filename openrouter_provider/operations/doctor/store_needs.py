"""The stores that a stack keeps its keys in, and what each of them needs: packages, Pulumi's plugin, AWS's consent."""

from collections.abc import Container, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ...config.problems import StackConfigError
from ...config.source import RawConfig
from ...stores.aws.doctor import look_at_aws
from ...stores.catalog import STORES
from ...stores.external.place import CLUSTER
from ...stores.external.place import SETTING as EXTERNAL
from ...stores.refusals import DEFAULT_STORE
from .examination import Checked, Examination, Health, Ran, finding, ok, parse_json, why


def stores_in_use(examination: Examination) -> list[str]:
    """Return the stores that the next `up` works on: those of the config's services, and of the deployed ones.

    A config with mistakes counts as far as it can be understood, for preview names them. One that can't be read says
    nothing.
    """
    readable = examination.config_answer.code == 0
    wanted = set(configured_stores(examination.raw_config)) if readable else set()
    deployed = {_store_of(service, DEFAULT_STORE) for service in examination.deployed.values()}
    return [store for store in STORES if store in wanted | deployed]


def packages_in_use(examination: Examination) -> list[str]:
    """Return the Pulumi packages that the next `up` needs, as the stores that they are of."""
    stores = stores_in_use(examination)
    readable = examination.config_answer.code == 0
    copied = readable and any(wish.get(EXTERNAL) is not None for wish in _with_defaults(examination.raw_config))
    return [store for store in STORES if store in stores or (copied and store == CLUSTER)]


def configured_stores(config: RawConfig) -> Iterator[str]:
    """Yield the store of each service; where there is none yet, the one that the first would have."""
    shared = _store_of(config.settings.get("defaults"), DEFAULT_STORE)
    yield from [_store_of(wish, shared) for _, wish in config.wishes] or [shared]


def _with_defaults(config: RawConfig) -> Iterator[Mapping[str, Any]]:
    """Yield what the defaults say for all services, and what each says for itself."""
    defaults = config.settings.get("defaults")
    yield defaults if isinstance(defaults, Mapping) else {}
    yield from (wish for _, wish in config.wishes)


def _store_of(settings: Any, otherwise: str) -> str:
    named = settings.get("store") if isinstance(settings, Mapping) else None
    return named if isinstance(named, str) else otherwise


def check_plugins(examination: Examination) -> list[Checked]:
    """Are the packages and the plugin there that each store in use asks for?"""
    stores = packages_in_use(examination)
    ran = examination.pulumi("plugin", "ls", "--json")
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
        return Checked(name, Health.NOTICE, f"{', '.join(found)}; {package} asks for {wanted}", fix)
    return ok(name, wanted or ", ".join(found))


def installed(package: str) -> str | None:
    """Return the version of an installed Python package, None where it isn't there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def check_aws(examination: Examination) -> list[Checked]:
    """Who are we to AWS, in which region, and may we see the secrets? Asked only where a key is stored there."""
    if "aws" not in stores_in_use(examination):
        return []
    services = {str(service.get("secretArn")): name for name, service in examination.deployed.items()}
    declared = _declared(examination)
    lines = look_at_aws(lambda service: examination.aws(service, examination.config), services, declared)
    return [finding(*line) if line[-1] else ok(*line[:-1]) for line in lines]


def _declared(examination: Examination) -> list[str]:
    """Return the names of the secrets in AWS that the config declares; none where it has problems."""
    config = examination.declared
    if isinstance(config, StackConfigError):
        return []
    return [config.secret_name(name) for name, service in config.services.items() if service.store == "aws"]
