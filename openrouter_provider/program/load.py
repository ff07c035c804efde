"""From a stack's config to its resources: what __main__.py calls."""

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi import Alias, Output, ResourceOptions
from pulumi.runtime.config import is_config_secret

from ..config.guardrail_rules import removed_soon
from ..config.names import setting_names
from ..config.plaintext import plaintext_credentials, plaintext_management_key, read_stack_file
from ..config.problems import Problem, StackConfigError
from ..config.sharing.environment import stacks_of_environment
from ..config.sharing.moves import refuse_while_moving
from ..config.source import read_config
from ..config.stack import StackConfig
from ..host.registration import tune_program
from ..host.setting_names import told_settings
from ..keys.args import ApiKeyArgs
from ..resources.declared import say_how_many
from ..settings import MANAGEMENT_KEY_CONFIG, notice, resolve_base_url
from ..stores.refusals import stack_problems
from ..stores.secret_args import SecretArgs
from .removed import watch_removals
from .service_key import ServiceKey, ServiceKeyArgs, config_value

if TYPE_CHECKING:
    from ..config.models import ServiceConfig
    from ..keys.allowed.prices import Offer
    from .declare import Surroundings


def load_stack_config() -> StackConfig:
    """Return the checked config of the stack that is being deployed; it also tunes the program (`tune_program`).

    Raises:
        StackConfigError: names every problem with its full path and its fix.
        ConfigurationError: services are on their way from or to this stack.
    """
    tune_program()
    _say_what_clock()
    project, stack, name = Path(pulumi.get_root_directory() or "."), pulumi.get_stack(), pulumi.get_project()
    refuse_while_moving(project, stack)
    raw = read_config(config_value, project, setting_names(told_settings(), project, stack, name), is_config_secret)
    in_plaintext = (
        *plaintext_management_key(config_value(MANAGEMENT_KEY_CONFIG), is_config_secret),
        *plaintext_credentials(raw.settings, is_config_secret, read_stack_file(project, stack)),
    )
    siblings = partial(stacks_of_environment, project, stack, name)
    offered = cache(_offered)
    config = replace(raw, problems=(*raw.problems, *in_plaintext)).parsed(stack, name, siblings, offered)
    services = config.services.values()
    copied = any(each.external_secret for each in services)
    stores = (each.store for each in services)
    wrong = [Problem(*found) for found in stack_problems(stores, config_value, copied=copied)]
    if wrong:
        raise StackConfigError(wrong)
    if config.bounds_models:
        for leaving in removed_soon(config.services, config.paths.__getitem__, offered()):
            pulumi.log.warn(str(leaving))
    return config


def _offered() -> Mapping[str, "Offer"]:
    """Ask OpenRouter which models there are; a program whose services name none makes no call, and loads no client."""
    from ..keys.allowed.choosing import by_name  # noqa: PLC0415 - see above
    from .lookups import list_models  # noqa: PLC0415 - see above

    return by_name(list_models())


def _say_what_clock() -> None:
    """Say once that the clock is not the real one: a preview rehearses by it, an `up` acts by it."""
    said = notice()
    if said:
        (pulumi.log.info if pulumi.runtime.is_dry_run() else pulumi.log.warn)(said)


def declare_services(config: StackConfig) -> Mapping[str, Output[dict[str, Any]]]:
    """Declare everything that the config asks for; return what the stack exports of each service.

    The ids of the workspaces and guardrails that it declares are exported here, for the environment's other stacks.

    Raises:
        StackConfigError: a service that the last run protected is no longer in the config.
    """
    # What these need is loaded only now: a program that merely imports this function is not tuned yet.
    from .declare import declare_around, declare_byok_keys, declare_surroundings  # noqa: PLC0415 - see above

    base_url = resolve_base_url(config_value)
    watch_removals(config)
    around = declare_surroundings(config)
    services = {name: _declare_service(config, name, around, base_url) for name in config.services}
    declare_byok_keys(config, around, services)
    declare_around(config, around, services)
    for section, ids in around.own.items():
        if ids:
            pulumi.export(section, dict(ids))
    say_how_many(service.superseded.urn for service in services.values())
    return {name: service.summary() for name, service in services.items()}


def _declare_service(config: StackConfig, name: str, around: "Surroundings", base_url: str) -> ServiceKey:
    aliases = [Alias(name=alias) for alias in config.services[name].aliases]
    return ServiceKey(name, service_key_args(config, name, around, base_url), ResourceOptions(aliases=aliases))


def service_key_args(config: StackConfig, name: str, around: "Surroundings", base_url: str) -> ServiceKeyArgs:
    """Return the component's arguments for one service of the config: what is called the same is the same."""
    service = config.services[name]
    adopt = service.adopt
    own_key = {
        "name_prefix": f"{config.name_prefix}/{name}",
        "unlimited": service.unlimited or None,
        "workspace_id": around.workspace_id(service),
        "rotation": service.rotation.model_dump() if service.rotation else None,
        "emergency": service.emergency or None,
        "adopt_hash": adopt.hash if adopt else None,
        "adopt_key": adopt.key if adopt else None,
    }
    own_secret = {
        "secret_name": config.secret_name(name),
        "base_url": base_url,
        "environment": config.environment or pulumi.get_stack(),
        "service": name,
    }
    return ServiceKeyArgs(
        key=ApiKeyArgs(**{**_of_the_same_name(ApiKeyArgs, service), **own_key}),
        secret=SecretArgs(**{**_of_the_same_name(SecretArgs, service), **own_secret}),
        guardrail_id=around.guardrail_id(service),
        models=list(service.models) if service.models else None,
        max_price=service.max_price.parts if service.max_price else None,
        protect=service.protect,
    )


def _of_the_same_name(kind: type[ApiKeyArgs | SecretArgs], service: "ServiceConfig") -> dict[str, Any]:
    names = [each.name for each in fields(kind)]
    return {name: getattr(service, name) for name in names if hasattr(service, name)}
