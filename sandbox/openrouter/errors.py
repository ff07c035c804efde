"""Errors in OpenRouter's shape: {"error": {"code": …, "message": …}}."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class ApiError(Exception):
    """A refusal the API answers with a status and a message."""

    def __init__(self, status: int, message: str, metadata: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.metadata = metadata


def error_response(status: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return an error answer."""
    return JSONResponse({"error": {"code": status, "message": message}}, status, headers)


async def on_api_error(_request: Request, error: Exception) -> Response:
    """Answer an ApiError raised by a route."""
    if not isinstance(error, ApiError):
        raise error
    if error.metadata is None:
        return error_response(error.status, error.message)
    facts = {"code": error.status, "message": error.message, "metadata": error.metadata}
    return JSONResponse({"error": facts}, error.status)


async def on_http_exception(_request: Request, error: Exception) -> Response:
    """Answer an unknown path or method in the API's shape."""
    if not isinstance(error, HTTPException):
        raise error
    return error_response(error.status_code, error.detail, dict(error.headers or {}))


async def on_crash(_request: Request, _error: Exception) -> Response:
    """Answer a defect of the simulator as the API answers its own."""
    return error_response(500, "Internal Server Error")
