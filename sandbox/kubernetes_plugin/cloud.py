"""The plugin's hold on a cluster: the kubeconfig's context with a token, and refusals as one line."""

import os
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import yaml

from sandbox.openrouter.client import NO_TLS
from sandbox.plugins.cloud import Cloud, CloudError
from sandbox.plugins.wire import Properties

MUTABLE, MUTABLE_VARIABLE = "enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"
_TIMEOUT_SECONDS = 30


class KubernetesCloud(Cloud):
    """The configured cluster; safe to use from many threads."""

    def require_settings(self) -> None:
        """Require nothing: the real provider, too, says only with the first resource that it reaches no cluster."""

    @property
    def mutable_secrets(self) -> bool:
        """Whether a Secret's data is changed in place; the setting counts before the variable."""
        setting = self.settings.get(MUTABLE)
        return str(os.environ.get(MUTABLE_VARIABLE) if setting is None else setting) == "true"

    def ask(self, method: str, path: str, *, subject: str, absent: bool = False, **options: Any) -> Properties | None:
        """Return the API's answer to a request; CloudError with its words where it refuses.

        Args:
            method: the HTTP method.
            path: of the object, or of its kind.
            subject: what the operation is called in an error.
            absent: whether something that isn't there is no error: then the answer is None.
            options: of the request.
        """
        server, headers = self._way()
        try:
            with httpx.Client(base_url=server, trust_env=False, timeout=_TIMEOUT_SECONDS, verify=NO_TLS) as client:
                options["headers"] = headers | options.get("headers", {})
                answer = client.request(method, path, **options)
        except httpx.HTTPError as error:
            raise CloudError(f"configured Kubernetes cluster is unreachable: {type(error).__name__}") from None
        if absent and answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        body: Properties = answer.json()
        if answer.is_error:
            raise CloudError(f"{subject}: {body['message']}")
        return body

    def _way(self) -> tuple[str, dict[str, str]]:
        """Return the server, and the headers that sign in."""
        config = self._kubeconfig()
        context = self.settings.get("context") or config.get("current-context")
        try:
            chosen = _named(config, "contexts", context)
            cluster, user = _named(config, "clusters", chosen["cluster"]), _named(config, "users", chosen["user"])
        except KeyError:
            raise CloudError(
                f"configured Kubernetes cluster is unreachable: context {context!r} does not exist"
            ) from None
        return cluster["server"], {"authorization": f"Bearer {user.get('token')}"}

    def _kubeconfig(self) -> Properties:
        given = str(self.settings.get("kubeconfig") or os.environ.get("KUBECONFIG", ""))
        text = given if "\n" in given or not given else Path(given).read_text()
        return yaml.safe_load(text) or {}


def _named(config: Properties, section: str, name: object) -> Properties:
    found: Properties = {each["name"]: each[section.removesuffix("s")] for each in config.get(section) or []}
    chosen: Properties = found[str(name)]
    return chosen
