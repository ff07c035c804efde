"""Kubernetes: a service reads the data of a Secret, which has no versions.

A reference is `kubernetes:<namespace>/<name>@<context>`: the context is part of it, since a name in another cluster is
another Secret. A Secret's version is a digest of what Pulumi wrote of its data. An annotation has that digest and the
names of those variables, so that a value edited by hand is told from a label, or a variable, that somebody added.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from ...api.scrub import printable
from ..value import ENVIRONMENTS_ACCESS, Access, Existing, Properties, SecretUnreadable, StoredValue, StoreReading
from .cluster import NOT_NOTED, check_home, here, home
from .kubeconfig import target_of

if TYPE_CHECKING:
    from httpx import Response

SCHEME = "kubernetes"
SECRET_TYPE = "kubernetes:core/v1:Secret"  # noqa: S105 - a type token
VERSION_ANNOTATION = "openrouter-keys/version"
CONTEXT_ANNOTATION = "openrouter-keys/context"
_DIGITS = 16


def reference_of(namespace: str, name: str, context: str | None) -> str:
    """Return a Secret's reference.

    >>> reference_of("shop", "checkout-openrouter", "arn:aws:eks:eu-west-1:123456789012:cluster/prod")
    'kubernetes:shop/checkout-openrouter@arn:aws:eks:eu-west-1:123456789012:cluster/prod'
    """
    return f"{SCHEME}:{namespace}/{name}" + (f"@{context}" if context else "")


def version_note(data: Mapping[str, str]) -> str:
    """Return what the annotation says of data that is to be written."""
    return " ".join([data_version(data), *sorted(data)])


def data_version(data: Mapping[str, str]) -> str:
    """Return what tells data from any other: a key is too long to be guessed from it."""
    return hashlib.sha256(json.dumps(dict(data), sort_keys=True).encode()).hexdigest()[:_DIGITS]


def read(reference: str, access: Access = ENVIRONMENTS_ACCESS) -> StoredValue:
    """Return the Secret's data; the kubeconfig is the environment's, as for kubectl, and its context the reference's.

    Where the access notes a cluster, it must be the one that the context means. Where it doesn't, that there is no
    such Secret is no proof.

    Raises:
        SecretUnreadable: the cluster refused, could not be asked, or is another one; or the Secret is gone.
    """
    secret = _secret(reference, access)
    found = (secret.get("data") or {}).items()
    data = {str(name): base64.b64decode(value).decode(errors="replace") for name, value in found}
    _, *names = _note(secret)
    ours = {name: text for name, text in data.items() if name in names or not names}
    return StoredValue.of(data_version(ours), json.dumps(data))


def _secret(reference: str, access: Access) -> Mapping[str, Any]:
    place, _, context = reference.removeprefix(f"{SCHEME}:").partition("@")
    namespace, _, name = place.partition("/")
    # Only what asks a cluster pays for the HTTP client.
    from httpx import HTTPError  # noqa: PLC0415 - see above

    from .connecting import extensions_of, open_client  # noqa: PLC0415 - see above

    target = target_of(context)
    check_home(access, context, target)
    try:
        with open_client(target) as client:
            path = f"/api/v1/namespaces/{namespace}/secrets/{name}"
            return _body(client.get(path, extensions=extensions_of(target)), noted=bool(home(access)))
    except HTTPError as error:
        raise SecretUnreadable(f"Kubernetes could not be asked: {type(error).__name__}") from None


def _body(answer: "Response", *, noted: bool) -> Mapping[str, Any]:
    """Return the Secret in an answer; that there is none is believed of the noted cluster's API alone."""
    try:
        body: Any = answer.json()
        kind, reason = body["kind"], str(body.get("reason"))
    except (ValueError, KeyError, TypeError):
        kind, reason = "", ""
    if answer.status_code == HTTPStatus.OK and kind == "Secret":
        found: Mapping[str, Any] = body
        return found
    why = printable(reason, length=80) if kind == "Status" else "an answer of another form"
    gone = answer.status_code == HTTPStatus.NOT_FOUND and (kind, reason) == ("Status", "NotFound")
    if gone and not noted:
        raise SecretUnreadable(f"the cluster has no such Secret, and {NOT_NOTED}")
    raise SecretUnreadable(f"Kubernetes refused to read it: {why}, HTTP {answer.status_code}", gone=gone)


def existing(reference: str, access: Access = ENVIRONMENTS_ACCESS) -> Existing | None:
    """Return the Secret of that name; None where there is none.

    Raises:
        SecretUnreadable: the cluster refused, or could not be asked.
    """
    try:
        _secret(reference, access)
    except SecretUnreadable as error:
        if error.gone:
            return None
        raise
    return Existing(reference.removeprefix(f"{SCHEME}:").partition("@")[0])


def _metadata(secret: Properties) -> Mapping[str, Any]:
    found = secret.get("metadata")
    return found if isinstance(found, Mapping) else {}


def _annotations(secret: Properties) -> Mapping[str, Any]:
    return _metadata(secret).get("annotations") or {}


def reference_in(secret: Properties) -> str:
    """Return the reference of a Secret, from its inputs or its outputs; empty where they don't tell."""
    metadata, context = _metadata(secret), _annotations(secret).get(CONTEXT_ANNOTATION)
    known = metadata.get("namespace") and metadata.get("name")
    return reference_of(metadata["namespace"], metadata["name"], context) if known else ""


def version_in(secret: Properties) -> str:
    """Return the version of the data that Pulumi wrote, from a Secret's outputs."""
    return _note(secret)[0]


def _note(secret: Properties) -> list[str]:
    """Return the digest, and the names of the variables that it is of; neither where nothing is noted."""
    return str(_annotations(secret).get(VERSION_ANNOTATION) or "").split() or [""]


def _heal(_urn: str) -> str:
    return "`pulumi up --refresh` writes Pulumi's value into the Secret"


READING = StoreReading(
    store="kubernetes",
    scheme=SCHEME,
    secret=SECRET_TYPE,
    value=SECRET_TYPE,
    readers="",
    watched={SECRET_TYPE: ("metadata.labels", "type")},
    locate=lambda secret: (reference_in(secret), version_in(secret)),
    written_over=False,
    revision=lambda secret: _metadata(secret).get("resourceVersion"),
    named=lambda secret: str(_metadata(secret).get("name")),
    read=read,
    permission="`get` on the Secret by RBAC",
    heal=_heal,
    reference=lambda secret, _access: reference_in(secret),
    existing=existing,
    home=home,
    here=here,
    homeless=NOT_NOTED,
    strict=True,
)
