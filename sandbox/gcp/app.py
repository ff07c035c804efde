"""Secret Manager's REST API, version 1: paths with a verb behind a colon, and errors as Google words them."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.gcp.secrets import PROJECT_NUMBER, ApiError, Json, Secrets

PROJECT = "sandbox"
TOKEN = "sandbox"  # noqa: S105 - the sandbox's own, made up
_PATH = re.compile(
    r"v1/projects/(?P<project>[^/:]+)/secrets"
    r"(?:/(?P<secret>[^/:]+)(?:/versions(?:/(?P<version>[^/:]+))?)?)?(?::(?P<verb>\w+))?"
)


class SecretManager:
    """One project's Secret Manager, by id and by number."""

    def __init__(self) -> None:
        self.secrets = Secrets()

    async def answer(self, request: Request) -> Response:
        """Answer one request; the token is asked for first."""
        if request.url.path == "/_health":
            return JSONResponse({})
        try:
            return JSONResponse(await self._answer(request))
        except ApiError as error:
            detail = {"code": error.code, "message": str(error), "status": error.status}
            return JSONResponse({"error": detail}, error.code)

    async def _answer(self, request: Request) -> Json:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise ApiError(
                HTTPStatus.UNAUTHORIZED, "UNAUTHENTICATED", "Request had invalid authentication credentials."
            )
        found = _PATH.fullmatch(request.url.path.removeprefix("/"))
        if found is None:
            raise ApiError(HTTPStatus.NOT_FOUND, "NOT_FOUND", "There is no such method.")
        if found["project"] not in (PROJECT, PROJECT_NUMBER):
            raise ApiError(HTTPStatus.FORBIDDEN, "PERMISSION_DENIED", f"Permission denied on {found['project']}.")
        body: Any = await request.json() if await request.body() else {}
        is_version = "/versions" in request.url.path
        return self._operation(request, found, is_version)(body)

    def _operation(self, request: Request, found: re.Match[str], is_version: bool) -> Callable[[Json], Json]:
        secret, version, verb = found["secret"], found["version"], found["verb"]
        if secret is None:
            return self._collection(request)
        if is_version:
            return self._version(request.method, secret, version, verb)
        return self._secret(request, secret, verb)

    def _collection(self, request: Request) -> Callable[[Json], Json]:
        if request.method == "POST":
            return lambda body: self.secrets.create(request.query_params["secretId"], body)
        return lambda _: {"secrets": [self.secrets.get(name) for name in self.secrets.names()]}

    def _secret(self, request: Request, secret: str, verb: str | None) -> Callable[[Json], Json]:
        mask = request.query_params.get("updateMask", "").split(",")
        known: dict[tuple[str, str | None], Callable[[Json], Json]] = {
            ("GET", None): lambda _: self.secrets.get(secret),
            ("PATCH", None): lambda body: self.secrets.update(secret, mask, body),
            ("DELETE", None): lambda _: self.secrets.delete(secret),
            ("POST", "addVersion"): lambda body: self.secrets.add_version(secret, body["payload"]),
            ("GET", "getIamPolicy"): lambda _: self.secrets.policy(secret),
            ("POST", "setIamPolicy"): lambda body: self.secrets.set_policy(secret, body["policy"]),
        }
        return _known(known, (request.method, verb))

    def _version(self, method: str, secret: str, version: str | None, verb: str | None) -> Callable[[Json], Json]:
        if version is None:
            return lambda _: {"versions": self.secrets.versions(secret)}
        known: dict[tuple[str, str | None], Callable[[Json], Json]] = {
            ("GET", None): lambda _: self.secrets.version(secret, version),
            ("GET", "access"): lambda _: self.secrets.access(secret, version),
        }
        for change in ("enable", "disable", "destroy"):
            known["POST", change] = lambda _, change=change: self.secrets.move(secret, version, change)  # type: ignore[misc]  # mypy can't type a lambda's default
        return _known(known, (method, verb))


def _known(
    operations: dict[tuple[str, str | None], Callable[[Json], Json]], wanted: tuple[str, str | None]
) -> Callable[[Json], Json]:
    if wanted not in operations:
        raise ApiError(HTTPStatus.NOT_FOUND, "NOT_FOUND", "There is no such method.")
    return operations[wanted]


def make_app(manager: SecretManager | None = None) -> Starlette:
    """Return the application that serves a Secret Manager."""
    methods = ["GET", "POST", "PATCH", "DELETE"]
    return Starlette(routes=[Route("/{path:path}", (manager or SecretManager()).answer, methods=methods)])
