"""Vault's HTTP API as far as its clients need it here: one KV engine, ACL policies and child tokens."""

import re
import secrets
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.vault.kv import Json, KvEngine, KvError

MOUNT = "secret"
TOKEN = "sandbox"  # noqa: S105 - the sandbox's own, made up
_KV = re.compile(rf"{MOUNT}/(data|metadata)/(.+)")
_POLICY = re.compile(r"sys/policies/acl/([^/]+)")
_METHODS = ["GET", "POST", "PUT", "DELETE", "LIST"]


class Vault:
    """One Vault: its engine, its policies and the tokens that it knows."""

    def __init__(self) -> None:
        self.kv = KvEngine()
        self.policies: dict[str, str] = {}
        self.tokens = {TOKEN}

    async def answer(self, request: Request) -> Response:
        """Answer one request; the token is asked for first."""
        path: str = request.path_params["path"]
        if path == "sys/health":
            return JSONResponse({"initialized": True, "sealed": False, "version": "1.20.0"})
        if request.headers.get("x-vault-token") not in self.tokens:
            return _refuse(HTTPStatus.FORBIDDEN, "permission denied")
        body = await _body(request)
        method = "POST" if request.method == "PUT" else request.method
        if found := _KV.fullmatch(path):
            return self._kv(method, found[1], found[2], body, request)
        if found := _POLICY.fullmatch(path):
            return self._policy(method, found[1], body)
        if path.startswith("auth/token/"):
            return self._token(path, body)
        return _refuse(HTTPStatus.NOT_FOUND, f'no handler for route "{path}". route entry not found.')

    def _kv(self, method: str, part: str, path: str, body: Json, request: Request) -> Response:
        if part == "metadata":
            return self._kv_metadata(method, path, body)
        try:
            return self._kv_data(method, path, body, request.query_params.get("version", "0"))
        except KvError as error:
            return _refuse(HTTPStatus.BAD_REQUEST, str(error))

    def _kv_data(self, method: str, path: str, body: Json, version: str) -> Response:
        if method == "POST":
            return _data(self.kv.write(path, body))
        if method == "DELETE":
            self.kv.delete_latest(path)
            return Response(status_code=HTTPStatus.NO_CONTENT)
        if not version.isdigit():
            raise KvError('error converting input for field "version"')
        found = self.kv.read(path, int(version))
        if found is None:
            return _refuse(HTTPStatus.NOT_FOUND)
        return _data(found, HTTPStatus.OK if found["data"] is not None else HTTPStatus.NOT_FOUND)

    def _kv_metadata(self, method: str, path: str, body: Json) -> Response:
        if method == "GET":
            found = self.kv.describe(path)
            return _data(found) if found else _refuse(HTTPStatus.NOT_FOUND)
        if method == "POST":
            self.kv.annotate(path, body)
        else:
            self.kv.delete_all(path)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    def _policy(self, method: str, name: str, body: Json) -> Response:
        if method == "GET":
            text = self.policies.get(name)
            return _data({"name": name, "policy": text}) if text is not None else _refuse(HTTPStatus.NOT_FOUND)
        if method == "POST":
            self.policies[name] = str(body["policy"])
        else:
            self.policies.pop(name, None)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    def _token(self, path: str, body: Json) -> Response:
        if path != "auth/token/create":
            return _data({"policies": ["root"], "ttl": 0})
        child = f"hvs.{secrets.token_hex(12)}"
        self.tokens.add(child)
        return JSONResponse({"auth": {"client_token": child, "lease_duration": body.get("ttl", 0)}})


def make_app(vault: Vault | None = None) -> Starlette:
    """Return the application that serves a Vault."""
    return Starlette(routes=[Route("/v1/{path:path}", (vault or Vault()).answer, methods=_METHODS)])


async def _body(request: Request) -> Json:
    text = await request.body()
    parsed: Any = await request.json() if text else {}
    return parsed if isinstance(parsed, dict) else {}


def _data(data: Json, status: int = HTTPStatus.OK) -> Response:
    return JSONResponse({"request_id": secrets.token_hex(8), "lease_id": "", "data": data}, status)


def _refuse(status: int, *errors: str) -> Response:
    return JSONResponse({"errors": list(errors)}, status)
