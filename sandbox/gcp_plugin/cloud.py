"""The plugin's hold on Google Cloud: project, endpoint, token, and errors as one line."""

import os
from typing import Any

import httpx

from sandbox.openrouter.client import NO_TLS
from sandbox.plugins.cloud import Cloud, CloudError
from sandbox.plugins.wire import Properties

ENDPOINT = "https://secretmanager.googleapis.com/v1"
TIMEOUT_SECONDS = 30
_PROJECT_VARIABLES = ("GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT")


class GcpCloud(Cloud):
    """The configured Google Cloud; safe to use from many threads."""

    def __init__(self, settings: Properties | None = None) -> None:
        super().__init__(settings)
        self._http = httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False, verify=NO_TLS)

    def require_settings(self) -> None:
        """Require a token: the sandbox has no metadata server to ask for one."""
        if not self._token():
            raise CloudError("no Google credentials: set gcp:accessToken or GOOGLE_OAUTH_ACCESS_TOKEN")

    def project(self, own: object = None) -> str:
        """Return a resource's project: its own, or the provider's; CloudError where neither is set."""
        candidates = [own, self.settings.get("project"), *map(os.environ.get, _PROJECT_VARIABLES)]
        for project in candidates:
            if project:
                return str(project)
        raise CloudError("project: required field is not set; run `pulumi config set gcp:project PROJECT`")

    def find(self, path: str, operation: str) -> Any:
        """Return what is at a path, None where there is nothing."""
        return self._send("GET", path, operation, may_miss=True)

    def send(self, method: str, path: str, operation: str, *, body: Properties | None = None, **query: str) -> Any:
        """Send a request and return the answer; CloudError where it is refused."""
        return self._send(method, path, operation, body=body, query=query)

    def remove(self, method: str, path: str, operation: str) -> None:
        """Send a request that removes something; what is gone already is no error."""
        self._send(method, path, operation, may_miss=True)

    def _send(
        self,
        method: str,
        path: str,
        operation: str,
        *,
        body: Properties | None = None,
        query: dict[str, str] | None = None,
        may_miss: bool = False,
    ) -> Any:
        try:
            headers = {"authorization": f"Bearer {self._token()}"}
            url = f"{self._endpoint()}/{path}"
            answer = self._http.request(method, url, headers=headers, params=query or {}, json=body)
        except httpx.HTTPError as error:
            raise CloudError(f"Error {operation} ({path}): {type(error).__name__}") from None
        if answer.status_code == httpx.codes.NOT_FOUND and may_miss:
            return None
        if answer.is_error:
            detail = answer.json()["error"]
            raise CloudError(f"Error {operation}: googleapi: Error {detail['code']}: {detail['message']}")
        return answer.json()

    def _token(self) -> str:
        return str(self.settings.get("accessToken") or os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN", ""))

    def _endpoint(self) -> str:
        variable = os.environ.get("GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT")
        return str(self.settings.get("secretManagerCustomEndpoint") or variable or ENDPOINT).rstrip("/")
