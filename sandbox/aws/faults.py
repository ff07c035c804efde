"""Secrets Manager calls that a test spoils, the record of all of them, and the WSGI application that does both.

Everything under /_sandbox belongs to the test and is never spoiled or recorded. Other services, STS and S3 among them,
pass through untouched.
"""

import functools
import io
import itertools
import json
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Annotated, Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import botocore.session
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from werkzeug.wrappers import Request, Response

CONTROL = "/_sandbox"
UNTIL_CLEARED = -1
_TARGET = "secretsmanager."


@functools.cache
def operations() -> frozenset[str]:
    """Return the names of Secrets Manager's operations as boto3 knows them."""
    return frozenset(botocore.session.get_session().get_service_model("secretsmanager").operation_names)


def _known(operation: str) -> str:
    if operation != "any" and operation not in operations():
        raise ValueError('Secrets Manager has no such operation; "any" means all')
    return operation


def _times(count: int) -> int:
    if count < 1 and count != UNTIL_CLEARED:
        raise ValueError("a fault fires at least once; -1 means until it is cleared")
    return count


def _usual_status(given: dict[str, Any]) -> int:
    return 500 if given.get("error") == "InternalServiceError" else 400


class Fault(BaseModel):
    """One planned fault: which calls it meets, how often, and what they are answered."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    operation: Annotated[str, AfterValidator(_known)] = Field(description='calls it meets, or "any"')
    error: str = Field(pattern=r"^[A-Za-z]+$", description="error code that boto3 raises")
    status: int = Field(default_factory=_usual_status, ge=400, le=599, description="HTTP status of the answer")
    secret: str = Field("", description="part of the SecretId or Name of the calls it meets; empty meets all")
    message: str = Field("", description="AWS's words; empty says that a test planned it")
    count: Annotated[int, AfterValidator(_times)] = Field(1, description="how many calls it spoils; -1 is no end")
    after: bool = Field(False, description="whether the work is done before the error is answered")
    seconds: float = Field(0, ge=0, le=600, description="delay before the answer")

    def meets(self, operation: str, secret: str) -> bool:
        """Say whether it concerns a call."""
        return self.operation in {"any", operation} and self.secret in secret


class FaultPlan:
    """The planned faults in the order they were planned. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ids = itertools.count(1)
        self._planned: dict[int, Fault] = {}
        self._fired: dict[int, int] = {}

    def add(self, fault: Fault) -> dict[str, Any]:
        """Plan a fault and return its record."""
        with self._lock:
            number = next(self._ids)
            self._planned[number] = fault
            self._fired[number] = 0
            return self._record(number)

    def clear(self, secret: str) -> None:
        """Forget the faults whose `secret` contains this text; empty forgets all."""
        with self._lock:
            self._planned = {number: fault for number, fault in self._planned.items() if secret not in fault.secret}

    def records(self) -> list[dict[str, Any]]:
        """Return every planned fault and how often it has fired."""
        with self._lock:
            return [self._record(number) for number in self._planned]

    def pick(self, operation: str, secret: str) -> Fault | None:
        """Return the fault this call meets, counting it; the one planned first wins."""
        with self._lock:
            for number, fault in self._planned.items():
                if fault.meets(operation, secret) and self._fired[number] != fault.count:
                    self._fired[number] += 1
                    return fault
        return None

    def _record(self, number: int) -> dict[str, Any]:
        return {"id": number, "fired": self._fired[number], **self._planned[number].model_dump()}


@dataclass
class Call:
    """One call, by name and never with a value; `status` is None until it is answered."""

    operation: str
    secret: str
    status: int | None = None
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="microseconds"))

    @classmethod
    def of(cls, request: Request) -> "Call | None":
        """Return the Secrets Manager call that a request makes; None when it is of another service."""
        target = request.headers.get("x-amz-target", "")
        if not target.startswith(_TARGET):
            return None
        body = request.get_json(force=True, silent=True)
        given = body if isinstance(body, dict) else {}
        return cls(target.removeprefix(_TARGET), str(given.get("SecretId") or given.get("Name") or ""))


class CallLog:
    """The calls in order of arrival. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: list[Call] = []

    def add(self, call: Call) -> None:
        """Note a call that has arrived."""
        with self._lock:
            self._calls.append(call)

    def clear(self, secret: str) -> None:
        """Forget the calls whose `secret` contains this text; empty forgets all."""
        with self._lock:
            self._calls = [call for call in self._calls if secret not in call.secret]

    def records(self, secret: str) -> list[dict[str, Any]]:
        """Return the calls whose `secret` contains this text; empty returns all."""
        with self._lock:
            return [asdict(call) for call in self._calls if secret in call.secret]


class Faulty:
    """WSGI application that spoils and records another one's Secrets Manager calls."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._faults = FaultPlan()
        self._calls = CallLog()
        self._routes: dict[tuple[str, str], Callable[[Request], Response]] = {
            ("POST", "/faults"): self._plan,
            ("GET", "/faults"): lambda _: _json(self._faults.records()),
            ("DELETE", "/faults"): self._clear_faults,
            ("GET", "/calls"): lambda request: _json(self._calls.records(request.args.get("secret", ""))),
            ("DELETE", "/calls"): self._clear_calls,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ, populate_request=False)
        if request.path.startswith(f"{CONTROL}/"):
            return self._control(request)(environ, start_response)
        call = Call.of(request)
        if call is None:
            return self._application(environ, start_response)
        environ["wsgi.input"] = io.BytesIO(request.get_data())
        self._calls.add(call)
        answer = self._answer(call, environ)
        call.status = answer.status_code
        return answer(environ, start_response)

    def _answer(self, call: Call, environ: WSGIEnvironment) -> Response:
        fault = self._faults.pick(call.operation, call.secret)
        if fault is None:
            return self._work(environ)
        if fault.after:
            self._work(environ)
        time.sleep(fault.seconds)
        return _error(fault)

    def _work(self, environ: WSGIEnvironment) -> Response:
        return Response.from_app(self._application, environ, buffered=True)

    def _control(self, request: Request) -> Response:
        route = self._routes.get((request.method, request.path.removeprefix(CONTROL)))
        return route(request) if route else _json({"error": {"message": "No such control endpoint"}}, 404)

    def _plan(self, request: Request) -> Response:
        try:
            fault = Fault.model_validate_json(request.get_data())
        except ValidationError as error:
            problems = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
            return _json({"error": {"message": "; ".join(problems)}}, 400)
        return _json(self._faults.add(fault), 201)

    def _clear_faults(self, request: Request) -> Response:
        self._faults.clear(request.args.get("secret", ""))
        return _json(self._faults.records())

    def _clear_calls(self, request: Request) -> Response:
        self._calls.clear(request.args.get("secret", ""))
        return _json(self._calls.records(""))


def _json(content: object, status: int = 200) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")


def _error(fault: Fault) -> Response:
    """Return the error as AWS JSON 1.1 has it; which spelling of `message` is used differs between errors of AWS."""
    message = fault.message or f"{fault.error}, as the test planned"
    body = {"__type": fault.error, "Message": message, "message": message}
    headers = {"x-amzn-errortype": fault.error, "x-amzn-requestid": str(uuid.uuid4())}
    return Response(json.dumps(body), fault.status, headers, content_type="application/x-amz-json-1.1")
