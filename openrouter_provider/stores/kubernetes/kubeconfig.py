"""The kubeconfig, read as kubectl reads it: which cluster a context means, and as whom it is asked."""

import base64
import binascii
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ...api.scrub import printable
from ..value import SecretUnreadable

CONTEXT = "kubernetes:context"
VARIABLE = "KUBECONFIG"
HOST_VARIABLE, PORT_VARIABLE = "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"
SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True)
class KubeconfigEntry:
    """One cluster, user or context of a kubeconfig.

    Attributes:
        values: its settings.
        folder: the file's, which relative paths in it start from.
    """

    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    folder: Path = Path()

    def text(self, name: str) -> str:
        """Return a setting that is a text; empty where it is not set."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def content(self, name: str) -> bytes | None:
        """Return what `<name>-data` holds in base64, or else the file that `<name>` names; None where neither is set.

        Raises:
            SecretUnreadable: it can't be read.
        """
        try:
            if inline := self.text(f"{name}-data"):
                return base64.b64decode(inline, validate=True)
            return (self.folder / self.text(name)).read_bytes() if self.text(name) else None
        except (OSError, binascii.Error) as error:
            raise SecretUnreadable(f"the kubeconfig's {name} can't be read: {type(error).__name__}") from None


@dataclass(frozen=True)
class Target:
    """A cluster, and as whom it is asked."""

    cluster: KubeconfigEntry
    user: KubeconfigEntry


def target_of(context: str, environ: Mapping[str, str] = os.environ) -> Target:
    """Return what a context means; without one, the cluster that this process runs in.

    Args:
        context: its name in the kubeconfig; empty for a process in a pod, as its service account.
        environ: the environment, which says where the kubeconfig is.

    Raises:
        SecretUnreadable: there is no such context, or the kubeconfig can't be read.
    """
    if not context:
        return _own_cluster(environ)
    sections = _sections(files(environ))
    found = sections["contexts"].get(context)
    if found is None:
        raise SecretUnreadable(
            f"the kubeconfig has no context {printable(context, length=200)}: set {VARIABLE} to the file that has it"
        )
    cluster = sections["clusters"].get(found.text("cluster"))
    if cluster is None or not cluster.text("server"):
        raise SecretUnreadable(f"the kubeconfig has no server for context {printable(context, length=200)}")
    return Target(cluster, sections["users"].get(found.text("user"), KubeconfigEntry()))


def files(environ: Mapping[str, str]) -> list[Path]:
    """Return where kubeconfigs are: what KUBECONFIG lists, or the one in the home folder."""
    listed = [Path(path) for path in environ.get(VARIABLE, "").split(os.pathsep) if path]
    return listed or [Path(environ.get("HOME") or Path.home()) / ".kube" / "config"]


def is_in_cluster(environ: Mapping[str, str]) -> bool:
    """Return whether a process with this environment runs in a pod and has no kubeconfig."""
    return bool(environ.get(HOST_VARIABLE)) and not any(path.exists() for path in files(environ))


def _own_cluster(environ: Mapping[str, str]) -> Target:
    if not is_in_cluster(environ):
        raise SecretUnreadable("its reference names no context, and this is no pod of its cluster")
    host = environ[HOST_VARIABLE]
    server = f"https://{f'[{host}]' if ':' in host else host}:{environ.get(PORT_VARIABLE) or 443}"
    cluster = {"server": server, "certificate-authority": "ca.crt"}
    return Target(KubeconfigEntry(cluster, SERVICE_ACCOUNT), KubeconfigEntry({"tokenFile": "token"}, SERVICE_ACCOUNT))


def _sections(paths: Iterable[Path]) -> dict[str, dict[str, KubeconfigEntry]]:
    """Return the clusters, users and contexts by name; of several files' entries of a name the first counts."""
    found: dict[str, dict[str, KubeconfigEntry]] = {"clusters": {}, "users": {}, "contexts": {}}
    for path in paths:
        content = _load(path)
        for section, entries in found.items():
            for name, values in _named(content.get(section), section.removesuffix("s")):
                entries.setdefault(name, KubeconfigEntry(values, path.parent))
    return found


def _load(path: Path) -> Mapping[str, Any]:
    try:
        known = path.stat()
        content = _parsed(path, known.st_mtime_ns, known.st_size)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        # Its words could quote a token.
        raise SecretUnreadable(f"the kubeconfig {path} can't be read: {type(error).__name__}") from None
    return content if isinstance(content, Mapping) else {}


@cache
def _parsed(path: Path, _written: int, _size: int) -> Any:
    """Return a file's content, read once for as long as the file stays as it is: each key's check asks for it."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _named(entries: object, what: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for entry in entries if isinstance(entries, list) else ():
        values = entry.get(what) if isinstance(entry, Mapping) else None
        if isinstance(values, Mapping):
            yield str(entry.get("name")), values
