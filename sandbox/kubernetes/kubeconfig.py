"""The kubeconfig of the sandbox's cluster."""

from pathlib import Path

import yaml

CONTEXT = "sandbox"
TOKEN = "sandbox"  # noqa: S105 - the sandbox's own, made up


def write_kubeconfig(path: Path, origin: str, token: str = TOKEN) -> None:
    """Write a kubeconfig with one context, `sandbox`.

    Args:
        path: the file, which others may not read.
        origin: where the API is served, without a slash at its end.
        token: the bearer token to send.
    """
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": {"server": origin}}],
        "users": [{"name": CONTEXT, "user": {"token": token}}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
        "current-context": CONTEXT,
    }
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(content))
