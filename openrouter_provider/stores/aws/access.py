"""How AWS is reached: the settings of the provider that a secret belongs to, turned into a client of AWS's library.

What the settings leave out is the environment's, as for the provider itself. Keys that a program or the stack's config
gives to the provider are used where they can be had in the clear: by the program's own run, and by whoever reads the
config. No resource's state has a copy of them; it says that there are some, so that "no such secret", heard with the
environment's own, is not believed.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..value import ENVIRONMENTS_ACCESS, Access, settings_of

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.config import Config
    from mypy_boto3_secretsmanager import SecretsManagerClient

SECRET_TYPE = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type token
PROVIDER_TYPE = "pulumi:providers:aws"
KEYS = ("accessKey", "secretKey", "token")
WITHHELD = "keysFrom"
"""Where the provider's own keys are, in an access that has not got them: `config` or `program`."""
PROVIDER_SETTINGS = (
    "region",
    "profile",
    "assumeRoles",
    "endpoints",
    "sharedConfigFiles",
    "sharedCredentialsFiles",
    "stsRegion",
    "customCaBundle",
    "httpProxy",
    "httpsProxy",
    "useFipsEndpoint",
    "useDualstackEndpoint",
    *KEYS,
)
"""The provider's settings that AWS's library for Python can follow; lists and objects are JSON, as in a state."""
_ROLE_FIELDS = {"RoleArn": "roleArn", "ExternalId": "externalId", "Policy": "policy"}
_RECORDED = {"assumeRoles": ("roleArn", "externalId", "sessionName"), "endpoints": ("secretsmanager", "sts")}


def region_of(arn: str) -> str | None:
    """Return the region that an ARN names, None for anything else."""
    parts = arn.split(":")
    return parts[3] or None if len(parts) > 3 and parts[0] == "arn" else None


def access_from(get: Callable[[str], Any]) -> Access:
    """Return what a provider's settings say, given one by its name; encrypted and unknown ones are left out."""
    found = {name: get(name) for name in PROVIDER_SETTINGS}
    return {name: value for name, value in found.items() if isinstance(value, str) and value}


def access_of(resources: Iterable[Mapping[str, Any]], resource: Mapping[str, Any]) -> Access:
    """Return how the provider of a resource reaches AWS, from an exported state.

    Args:
        resources: the state's resources.
        resource: one of them, or one that is only being made: its `provider` and `inputs` count.
    """
    reference = str(resource.get("provider") or "")
    inputs = settings_of(resources, reference)
    settings = dict(access_from(inputs.get))
    if inputs.get("secretKey") and "secretKey" not in settings:
        settings[WITHHELD] = "config" if "::default_" in reference else "program"
    own = (resource.get("outputs") or {}).get("region") or (resource.get("inputs") or {}).get("region")
    return {**settings, "region": own} if isinstance(own, str) and own else settings


def recorded(access: Access, *, in_config: bool) -> Access:
    """Return what of an access a resource's state may have: no key, and of roles and endpoints what is asked for.

    Args:
        access: the whole one.
        in_config: whether its settings are those of the stack's config.
    """
    kept = {name: access[name] for name in ("region", "profile") if access.get(name)}
    if access.get("secretKey"):
        kept[WITHHELD] = "config" if in_config else "program"
    lists = {name: [_part(each, parts) for each in _listed(access, name)] for name, parts in _RECORDED.items()}
    return kept | {name: json.dumps(found, sort_keys=True) for name, found in lists.items() if any(found)}


def with_keys(access: Access, get: Callable[[str], str | None]) -> Access:
    """Return an access with the keys of the stack's config, where it is the config that has the provider's.

    Args:
        access: one that a state had.
        get: returns a setting of the config's section `aws`.
    """
    found = {name: key for name in KEYS if (key := get(name))} if access.get(WITHHELD) == "config" else {}
    return {**{name: value for name, value in access.items() if name != WITHHELD}, **found} if found else access


def command(operation: str, secret: str, access: Access = ENVIRONMENTS_ACCESS) -> str:
    """Return the command of AWS's own tool for a secret, with its region: a name means another secret in another.

    >>> command("restore-secret", "acme/dev/checkout/openrouter", {"region": "eu-west-1"})
    'aws secretsmanager restore-secret --secret-id acme/dev/checkout/openrouter --region eu-west-1'

    Args:
        operation: the tool's own name of it, with its options before the secret.
        secret: its name or ARN.
        access: how its provider reaches AWS.
    """
    options = {"region": region_of(secret) or access.get("region"), "profile": access.get("profile")}
    given = (f" --{name} {value}" for name, value in options.items() if value)
    return f"aws secretsmanager {operation} --secret-id {secret}{''.join(given)}"


def open_client(
    access: Access = ENVIRONMENTS_ACCESS, region: str | None = None, config: "Config | None" = None
) -> "SecretsManagerClient":
    """Return a client that reaches AWS as the provider does. Its roles are assumed here, which asks AWS.

    Args:
        access: the provider's settings.
        region: where the secret is, if that is known better.
        config: the library's own settings, such as its patience.

    Raises:
        ClientError: AWS refused a role.
        BotoCoreError: there is no region, no such profile, or AWS could not be asked.
    """
    client: SecretsManagerClient = client_of("secretsmanager", access, region, config)
    return client


def client_of(service: str, access: Access, region: str | None = None, config: "Config | None" = None) -> Any:
    """Return a client of one of AWS's services, as `open_client` does."""
    session = _session(access)
    for role in _roles(access):
        session = _as_role(session, role, access)
    return _client(session, service, access, region or access.get("region"), config)


def _session(access: Access) -> "Session":
    """Return a session of its own: boto3's default one may not be shared by threads while it makes clients."""
    # AWS's library takes a third of a second to load; only what asks AWS pays for it.
    import boto3  # noqa: PLC0415 - see above
    import botocore.session  # noqa: PLC0415 - see above

    core = botocore.session.get_session()
    for variable, name in (("config_file", "sharedConfigFiles"), ("credentials_file", "sharedCredentialsFiles")):
        files = _listed(access, name)
        if files:
            core.set_config_variable(variable, str(files[0]))
    return boto3.session.Session(
        botocore_session=core,
        profile_name=access.get("profile"),
        region_name=access.get("region"),
        aws_access_key_id=access.get("accessKey"),
        aws_secret_access_key=access.get("secretKey"),
        aws_session_token=access.get("token"),
    )


def _as_role(session: "Session", role: Mapping[str, Any], access: Access) -> "Session":
    import boto3  # noqa: PLC0415 - see _session

    given = {name: role[field] for name, field in _ROLE_FIELDS.items() if role.get(field)}
    where = access.get("stsRegion") or access.get("region")
    sts = _client(session, "sts", access, where)
    answer = sts.assume_role(RoleSessionName=role.get("sessionName") or "openrouter-keys", **given)["Credentials"]
    return boto3.session.Session(
        aws_access_key_id=answer["AccessKeyId"],
        aws_secret_access_key=answer["SecretAccessKey"],
        aws_session_token=answer["SessionToken"],
        region_name=access.get("region"),
    )


def _client(
    session: "Session", service: str, access: Access, region: str | None, config: "Config | None" = None
) -> Any:
    from botocore.config import Config  # noqa: PLC0415 - see _session

    proxies = {kind: access[name] for kind, name in (("http", "httpProxy"), ("https", "httpsProxy")) if name in access}
    own = Config(
        proxies=proxies or None,
        use_fips_endpoint=access.get("useFipsEndpoint") == "true" or None,
        use_dualstack_endpoint=access.get("useDualstackEndpoint") == "true" or None,
    )
    endpoint = next((each[service] for each in _listed(access, "endpoints") if each.get(service)), None)
    return session.client(  # type: ignore[call-overload]  # the service's name is an argument
        service,
        region_name=region,
        endpoint_url=endpoint,
        verify=access.get("customCaBundle"),
        config=own.merge(config) if config else own,
    )


def _roles(access: Access) -> list[Mapping[str, Any]]:
    """Return the roles to assume, one after the other; one without an ARN asks for nothing."""
    given = [*_listed(access, "assumeRoles"), *_listed(access, "assumeRole")]
    return [role for role in given if isinstance(role, Mapping) and role.get("roleArn")]


def _part(given: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: given[name] for name in names if given.get(name)}


def _listed(access: Access, name: str) -> list[Any]:
    """Return a setting that is a list, or an object that stands for a list of one; what is no JSON has nothing."""
    try:
        value = json.loads(access.get(name) or "[]")
    except ValueError:
        return []
    return value if isinstance(value, list) else [value]
