"""The API server's paths for Secrets, behind a bearer token."""

import json
from http import HTTPStatus
from typing import Any

import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.kubernetes.kubeconfig import TOKEN
from sandbox.kubernetes.secrets import Json, Secrets, StatusError

MERGE, APPLY = "application/merge-patch+json", "application/apply-patch+yaml"
_DEFAULT_MANAGER = "unknown"


class Kubernetes:
    """One cluster."""

    def __init__(self) -> None:
        self.secrets = Secrets()

    async def answer(self, request: Request) -> Response:
        """Answer one request about Secrets; the token is asked for first."""
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _status(StatusError(HTTPStatus.UNAUTHORIZED, "Unauthorized", "Unauthorized"))
        try:
            body = await _body(request)
            answer = self._one(request, body) if "name" in request.path_params else self._all(request, body)
        except StatusError as error:
            return _status(error)
        return JSONResponse(answer, HTTPStatus.CREATED if request.method == "POST" else HTTPStatus.OK)

    def _all(self, request: Request, body: Json) -> Json:
        namespace = request.path_params["namespace"]
        if request.method == "POST":
            return self.secrets.create(namespace, body, _manager(request))
        return {"apiVersion": "v1", "kind": "SecretList", "metadata": {}, "items": self.secrets.list(namespace)}

    def _one(self, request: Request, body: Json) -> Json:
        place = request.path_params["namespace"], request.path_params["name"]
        if request.method == "GET":
            return self.secrets.get(*place)
        if request.method == "DELETE":
            self.secrets.delete(*place)
            return {"apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Success"}
        if request.headers.get("content-type") == MERGE:
            return self.secrets.merge(*place, body, _manager(request))
        if request.headers.get("content-type") == APPLY:
            force = request.query_params.get("force") == "true"
            return self.secrets.apply(*place, body, _manager(request), force=force)
        raise StatusError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", "the body was in an unknown format"
        )


def make_app(cluster: Kubernetes | None = None) -> Starlette:
    """Return the application that serves a cluster."""
    answer, path = (cluster or Kubernetes()).answer, "/api/v1/namespaces/{namespace}/secrets"

    async def ready(_request: Request) -> Response:
        return Response("ok")

    return Starlette(
        routes=[
            Route("/readyz", ready),
            Route(path, answer, methods=["GET", "POST"]),
            Route(f"{path}/{{name}}", answer, methods=["GET", "PATCH", "DELETE"]),
        ]
    )


def _manager(request: Request) -> str:
    return request.query_params.get("fieldManager") or _DEFAULT_MANAGER


async def _body(request: Request) -> Json:
    text = await request.body()
    try:
        parsed: Any = yaml.safe_load(text) if text else {}  # JSON is YAML.
    except yaml.YAMLError:
        parsed = None
    if not isinstance(parsed, dict):
        raise StatusError(HTTPStatus.BAD_REQUEST, "BadRequest", "the object provided is unrecognized")
    return parsed


def _status(error: StatusError) -> Response:
    body: Json = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    body |= {"message": str(error), "reason": error.reason, "code": int(error.code)}
    return Response(json.dumps(body), error.code, media_type="application/json")
