"""Google's Secret Manager."""

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ..contract import ConfigLookup, Problems, ServiceSettings, Store, StoreSettings, matching, reader_problems
from .labels import label_name, label_value
from .reading import READING

if TYPE_CHECKING:
    from ..declaration import Declare

PROJECT_VARIABLE = "GOOGLE_PROJECT"
_PROJECT = re.compile(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
_LOCATION = re.compile(r"[a-z]+-[a-z]+[0-9]+")
_KMS_KEY = re.compile(r"projects/[^/\s]+/locations/[^/\s]+/keyRings/[^/\s]+/cryptoKeys/[^/\s]+")
_READER = re.compile(
    r"(user|group|serviceAccount):[^\s:@]+@[^\s:@]+|domain:[^\s:@]+|principal(Set)?://iam\.googleapis\.com/\S+"
)
_READER_FORM = (
    "must be one member, like serviceAccount:checkout@PROJECT.iam.gserviceaccount.com (user:, group:, domain: and "
    "principal:// too, never allUsers)"
)
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,255}")
_LABEL = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")

Project = Annotated[str | None, matching(_PROJECT, "must be a project's id, like acme-prod-1234")]
Location = Annotated[str, matching(_LOCATION, "must be a region, like europe-west1")]
KmsKey = Annotated[
    str | None, matching(_KMS_KEY, "must be projects/P/locations/L/keyRings/R/cryptoKeys/K, without a version")
]


class GcpSettings(StoreSettings):
    """What only Google's Secret Manager has."""

    project: Project = Field(default=None, description="the project; default the provider's, gcp:project")
    locations: tuple[Location, ...] = Field(default=(), description="where it is replicated; none leaves it to Google")
    kms_key_name: KmsKey = Field(default=None, description="the Cloud KMS key that encrypts it")


def _load() -> "Declare":
    from .declare import declare  # noqa: PLC0415 - an extra

    return declare


def _problems(settings: ServiceSettings) -> Problems:
    yield from reader_problems(settings, _READER, _READER_FORM)
    name = settings.get("secretName")
    if isinstance(name, str) and not _SECRET.fullmatch(name):
        yield "secretName", "must be 1 to 255 of the characters A-Z a-z 0-9 _ - in store gcp, which has no folders"
    yield from _label_problems(settings.get("tags"))
    own = settings.get("gcp")
    own = own if isinstance(own, Mapping) else {}
    locations = own.get("locations")
    if own.get("kmsKeyName") and isinstance(locations, list | tuple) and len(locations) > 1:
        yield "gcp.kmsKeyName", "can't encrypt replicas in several locations: give one location, or none"


def _label_problems(tags: object) -> Problems:
    for tag, value in tags.items() if isinstance(tags, Mapping) else ():
        if not (_LABEL.fullmatch(str(tag)) and _LABEL_VALUE.fullmatch(str(value))):
            yield f"tags.{tag}", "must be a label, in lower case: a name like cost-center, at most 63 of a-z 0-9 _ -"


def _reference(name: str, own: ServiceSettings, config: ConfigLookup) -> str | None:
    project = own.get("project") or config("gcp:project") or os.environ.get(PROJECT_VARIABLE)
    return f"{READING.scheme}:projects/{project}/secrets/{name}" if project else None


STORE = Store(
    load=_load,
    reading=READING,
    package="google-auth",
    settings=GcpSettings,
    problems=_problems,
    tag=lambda name, text: (label_name(name), label_value(text)),
    secret_name=lambda name: re.sub(r"[^A-Za-z0-9_-]", "-", name),
    reference=_reference,
    copied=True,
)
