"""The settings of secret stores, and what is wrong in a service's wish for its store; pure, and without Pulumi."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from ..api.errors import ConfigurationError

if TYPE_CHECKING:
    from ..service_key_args import ServiceKeyArgs

StoreName = Literal["aws", "gcp", "vault"]
STORES: tuple[StoreName, ...] = get_args(StoreName)
DEFAULT_STORE: StoreName = "aws"
OWN_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "aws": ("kmsKeyId", "recoveryWindowInDays"),
    "gcp": ("gcp",),
    "vault": ("vault",),
}
"""The settings of a service that only one store has."""
OWN_SECTIONS = ("gcp", "vault")
"""Those of them that are sections, merged with the stack's defaults setting by setting."""

_PROJECT = re.compile(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
_LOCATION = re.compile(r"[a-z]+-[a-z]+[0-9]+")
_KMS_KEY = re.compile(r"projects/[^/\s]+/locations/[^/\s]+/keyRings/[^/\s]+/cryptoKeys/[^/\s]+")
_MOUNT = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")
_POLICY = re.compile(r"[a-z0-9_.-]{1,128}")
_AWS_READER = re.compile(r"arn:aws[a-z-]*:(iam|sts)::\d{12}:(root|(role|user|assumed-role)/[\w+=,.@/-]+)")
_GCP_READER = re.compile(
    r"(user|group|serviceAccount):[^\s:@]+@[^\s:@]+|domain:[^\s:@]+|principal(Set)?://iam\.googleapis\.com/\S+"
)
_GCP_SECRET = re.compile(r"[A-Za-z0-9_-]{1,255}")
_GCP_LABEL = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_GCP_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
_VAULT_SECRET = re.compile(r"[^/]+(/[^/]+)*")

_AWS_READER_FORM = (
    "must be the ARN of one role, user or account, like arn:aws:iam::123456789012:role/checkout (no wildcards)"
)
_GCP_READER_FORM = (
    "must be one member, like serviceAccount:checkout@PROJECT.iam.gserviceaccount.com (user:, group:, domain: and "
    "principal:// too, never allUsers)"
)


def _matching(pattern: re.Pattern[str], form: str) -> BeforeValidator:
    def check(value: object) -> object:
        if value is not None and not (isinstance(value, str) and pattern.fullmatch(value)):
            raise ValueError(form)
        return value

    return BeforeValidator(check)


Project = Annotated[str | None, _matching(_PROJECT, "must be a project's id, like acme-prod-1234")]
Location = Annotated[str, _matching(_LOCATION, "must be a region, like europe-west1")]
KmsKey = Annotated[
    str | None, _matching(_KMS_KEY, "must be projects/P/locations/L/keyRings/R/cryptoKeys/K, without a version")
]
Mount = Annotated[str, _matching(_MOUNT, "must be the path of a KV version 2 engine, like secret")]
PolicyName = Annotated[str | None, _matching(_POLICY, "must be at most 128 of the characters a-z 0-9 _ . -")]


class StoreSettings(BaseModel):
    """What only one store has; unknown settings are errors, and no error quotes a value.

    A program gives them in snake_case, the config in camelCase.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
        defer_build=True,
    )


class GcpSettings(StoreSettings):
    """What only Google's Secret Manager has."""

    project: Project = Field(default=None, description="the project; default the provider's, gcp:project")
    locations: tuple[Location, ...] = Field(default=(), description="where it is replicated; none leaves it to Google")
    kms_key_name: KmsKey = Field(default=None, description="the Cloud KMS key that encrypts it")


class VaultSettings(StoreSettings):
    """What only Vault has."""

    mount: Mount = Field(default="secret", description="the path of the KV version 2 engine")
    policy: PolicyName = Field(default=None, description="declare a policy of this name that may read the secret")


def default_secret_name(store: StoreName, prefix: str, service: str) -> str:
    """Return the name of a service's secret where none is set, in the characters that the store takes."""
    name = f"{prefix}/{service}/openrouter"
    return re.sub(r"[^A-Za-z0-9_-]", "-", name) if store == "gcp" else name


def store_defaults(defaults: Mapping[str, Any], store: object) -> dict[str, Any]:
    """Return the stack's defaults without the settings that only other stores have."""
    foreign = {name for other, names in OWN_SETTINGS.items() if other != (store or DEFAULT_STORE) for name in names}
    return {name: value for name, value in defaults.items() if name not in foreign}


def store_problems(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a service's settings have that its store has not, or spells otherwise: the setting, and the fix.

    Args:
        settings: the service's settings by their names in the config; those that are missing or None are not set.
    """
    store = settings.get("store") or DEFAULT_STORE
    if store not in STORES:
        return  # Reported of the setting itself.
    for other, names in OWN_SETTINGS.items():
        for name in names if other != store else ():
            if settings.get(name) not in (None, {}):
                yield name, f"is a setting of store {other}, and this service's store is {store}: take it out"
    yield from _RULES[store](settings)


def _aws_problems(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _reader_problems(settings, _AWS_READER, _AWS_READER_FORM)


def _gcp_problems(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _reader_problems(settings, _GCP_READER, _GCP_READER_FORM)
    name = settings.get("secretName")
    if isinstance(name, str) and not _GCP_SECRET.fullmatch(name):
        yield "secretName", "must be 1 to 255 of the characters A-Z a-z 0-9 _ - in store gcp, which has no folders"
    tags = settings.get("tags")
    for tag, value in tags.items() if isinstance(tags, Mapping) else ():
        if not (_GCP_LABEL.fullmatch(str(tag)) and _GCP_LABEL_VALUE.fullmatch(str(value))):
            yield f"tags.{tag}", "must be a label, in lower case: a name like cost-center, at most 63 of a-z 0-9 _ -"
    own = settings.get("gcp")
    own = own if isinstance(own, Mapping) else {}
    locations = own.get("locations")
    if own.get("kmsKeyName") and isinstance(locations, list | tuple) and len(locations) > 1:
        yield "gcp.kmsKeyName", "can't encrypt replicas in several locations: give one location, or none"


def _vault_problems(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if settings.get("readers"):
        fix = "name a policy in vault.policy, and give that policy to the service's role"
        yield "readers", f"have no meaning in store vault, where roles hold policies: {fix}"
    if settings.get("format") == "plain":
        yield "format", "must be json in store vault, which holds fields: the key's field is OPENROUTER_API_KEY"
    name = settings.get("secretName")
    if isinstance(name, str) and not _VAULT_SECRET.fullmatch(name):
        yield "secretName", "must be a path without empty parts in store vault, like acme/checkout/openrouter"


_RULES = {"aws": _aws_problems, "gcp": _gcp_problems, "vault": _vault_problems}


def _reader_problems(settings: Mapping[str, Any], form: re.Pattern[str], what: str) -> Iterator[tuple[str, str]]:
    readers = settings.get("readers")
    if not isinstance(readers, Sequence) or isinstance(readers, str):
        return
    for number, reader in enumerate(readers):
        if not isinstance(reader, str) or not form.fullmatch(reader):
            yield f"readers.{number}", what


def refuse_contradictions(args: "ServiceKeyArgs") -> None:
    """Refuse a wish that its store can't fulfil.

    Raises:
        ConfigurationError: names every setting that is wrong, on a line of its own.
    """
    settings = {
        "store": args.store,
        "secretName": args.secret_name,
        "readers": args.readers,
        "format": args.format,
        "kmsKeyId": args.kms_key_id,
        "recoveryWindowInDays": args.recovery_window_in_days,
        "tags": args.tags,
        "gcp": args.gcp.model_dump(by_alias=True, exclude_defaults=True),
        "vault": args.vault.model_dump(by_alias=True, exclude_defaults=True),
    }
    problems = [f"{args.secret_name}: {name} {what}" for name, what in store_problems(settings)]
    if args.store not in STORES:
        problems.append(f"{args.secret_name}: store must be one of {', '.join(STORES)}")
    if problems:
        raise ConfigurationError("\n".join(problems))
