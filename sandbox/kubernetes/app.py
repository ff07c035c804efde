"""The API server's paths for Secrets and ExternalSecrets, behind a bearer token."""

import json
from http import HTTPStatus
from typing import Any

import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.kubernetes.external_secrets import ExternalSecrets
from sandbox.kubernetes.kubeconfig import TOKEN
from sandbox.kubernetes.objects import Json, Objects, StatusError
from sandbox.kubernetes.secrets import Secrets

MERGE, APPLY = "application/merge-patch+json", "application/apply-patch+yaml"
_DEFAULT_MANAGER = "unknown"


class Kind:
    """The paths of one kind."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects

    async def answer(self, request: Request) -> Response:
        """Answer one request about its objects; the token is asked for first."""
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _status(StatusError(HTTPStatus.UNAUTHORIZED, "Unauthorized", "Unauthorized"))
        try:
            body = await _body(request)
            answer = self._one(request, body) if "name" in request.path_params else self._all(request, body)
        except StatusError as error:
            return _status(error)
        return JSONResponse(answer, HTTPStatus.CREATED if request.method == "POST" else HTTPStatus.OK)

    def _all(self, request: Request, body: Json) -> Json:
        namespace, objects = request.path_params["namespace"], self.objects
        if request.method == "POST":
            return objects.create(namespace, body, _manager(request))
        head = {"apiVersion": objects.api_version, "kind": f"{objects.kind}List", "metadata": {}}
        return {**head, "items": objects.list(namespace)}

    def _one(self, request: Request, body: Json) -> Json:
        place = request.path_params["namespace"], request.path_params["name"]
        if request.method == "GET":
            return self.objects.get(*place)
        if request.method == "DELETE":
            self.objects.delete(*place)
            return {"apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Success"}
        if request.headers.get("content-type") == MERGE:
            return self.objects.merge(*place, body, _manager(request))
        if request.headers.get("content-type") == APPLY:
            force = request.query_params.get("force") == "true"
            return self.objects.apply(*place, body, _manager(request), force=force)
        raise StatusError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", "the body was in an unknown format"
        )


def make_app() -> Starlette:
    """Return the application that serves a new cluster."""

    async def ready(_request: Request) -> Response:
        return Response("ok")

    routes = [Route("/readyz", ready)]
    for objects in (Secrets(), ExternalSecrets()):
        answer = Kind(objects).answer
        routes.append(Route(objects.path, answer, methods=["GET", "POST"]))
        routes.append(Route(f"{objects.path}/{{name}}", answer, methods=["GET", "PATCH", "DELETE"]))
    return Starlette(routes=routes)


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
