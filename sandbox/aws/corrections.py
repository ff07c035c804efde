"""Where moto's Secrets Manager answers otherwise than AWS does, and it matters here.

- The name of a secret that is marked for deletion is InvalidRequestException, not ResourceExistsException.
- Such a secret takes no value, policy, tag or label, shows no policy and no value, and is not marked once more.
- An error's words are its `Message`, which is all that AWS's SDK for Go reads.
- Moving AWSCURRENT changes what GetSecretValue answers without a version, and where the next value moves it from.
- An empty description replaces the old one.
"""

import functools
import json
from collections.abc import Callable
from typing import Any

from moto.secretsmanager.exceptions import InvalidRequestException, SecretsManagerClientError
from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend

SCHEDULED = "You can't create this secret because a secret with this name is already scheduled for deletion."
MARKED = "You can't perform this operation on the secret because it was marked for deletion."
MARKED_ALREADY = "You tried to perform the operation on a secret that's currently marked deleted."
_REFUSED_WHEN_MARKED = (
    "get_secret_value",
    "put_secret_value",
    "get_resource_policy",
    "put_resource_policy",
    "delete_resource_policy",
    "tag_resource",
    "untag_resource",
)


def correct_secrets_manager() -> None:
    """Make this process's moto answer as AWS does; doing it twice changes nothing."""
    backend = SecretsManagerBackend
    if getattr(backend, "corrected_for_sandbox", False):
        return
    _wrap(backend, "create_secret", _create)
    _wrap(backend, "update_secret", _update)
    _wrap(backend, "update_secret_version_stage", _move_stage)
    _wrap(backend, "delete_secret", _delete)
    SecretsManagerClientError.description = property(_body, _keep_nothing)  # type: ignore[assignment]  # moto sets it
    for name in _REFUSED_WHEN_MARKED:
        _wrap(backend, name, _refuse_marked)
    backend.corrected_for_sandbox = True  # type: ignore[attr-defined]  # a mark of our own


Operation = Callable[..., Any]


def _wrap(backend: type, name: str, wrapper: Callable[..., Any]) -> None:
    original = getattr(backend, name)
    setattr(backend, name, functools.partialmethod(wrapper, original))


def _found(backend: SecretsManagerBackend, identifier: object) -> FakeSecret | None:
    secret = backend.secrets.get(str(identifier))
    return secret if isinstance(secret, FakeSecret) else None


def _refuse_if_marked(backend: SecretsManagerBackend, identifier: object, message: str) -> None:
    secret = _found(backend, identifier)
    if secret is not None and secret.is_deleted():
        raise InvalidRequestException(message)


def _first(positional: tuple[Any, ...], named: dict[str, Any], *names: str) -> object:
    return next((named[name] for name in names if name in named), positional[0] if positional else "")


def _create(backend: SecretsManagerBackend, original: Operation, *args: Any, **named: Any) -> Any:
    _refuse_if_marked(backend, _first(args, named, "name"), SCHEDULED)
    return original(backend, *args, **named)


def _refuse_marked(backend: SecretsManagerBackend, original: Operation, *args: Any, **named: Any) -> Any:
    _refuse_if_marked(backend, _first(args, named, "secret_id", "arn"), MARKED)
    return original(backend, *args, **named)


def _update(backend: SecretsManagerBackend, original: Operation, *args: Any, **named: Any) -> Any:
    answer = original(backend, *args, **named)
    secret = _found(backend, _first(args, named, "secret_id"))
    if secret is not None and named.get("description") == "":
        secret.description = ""
    return answer


def _delete(backend: SecretsManagerBackend, original: Operation, *args: Any, **named: Any) -> Any:
    if not named.get("force_delete_without_recovery"):
        _refuse_if_marked(backend, _first(args, named, "secret_id"), MARKED_ALREADY)
    return original(backend, *args, **named)


def _body(error: SecretsManagerClientError) -> str:
    return json.dumps({"__type": error.error_type, "Message": error.message})


def _keep_nothing(_error: SecretsManagerClientError, _text: str) -> None:
    """Drop what moto would answer."""


def _move_stage(backend: SecretsManagerBackend, original: Operation, *args: Any, **named: Any) -> Any:
    identifier = _first(args, named, "secret_id")
    _refuse_if_marked(backend, identifier, MARKED)
    answer = original(backend, *args, **named)
    secret = _found(backend, identifier)
    if secret is not None:
        current = [key for key, version in secret.versions.items() if "AWSCURRENT" in version["version_stages"]]
        secret.set_default_version_id(current[0] if current else None)
    return answer
