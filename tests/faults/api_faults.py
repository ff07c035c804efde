"""The rows of the first table: what OpenRouter, a gateway before it or the way to it can do to a call."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from tests.faults.door import EVENTS, Refused
from tests.faults.lives import (
    CHANGE,
    CREATE,
    DESTROY,
    REFRESH,
    ROTATE,
    TWICE,
    UPDATE,
    Row,
    Step,
    Trouble,
    Witness,
    calls_of,
)
from tests.harness import Stack

PAST_TIMEOUT_SECONDS = 25
STALE_SECONDS = 2
PAGE = 100
FOR_EVER = 10**6

FAULTS: dict[str, dict[str, Any]] = {
    "429, Retry-After 1 s": {"kind": "status_before", "status": 429, "retry_after": "1"},
    "429, Retry-After a date 2 s ahead": {"kind": "status_before", "status": 429, "retry_after_date_in": 2},
    "429, Retry-After a past date": {"kind": "status_before", "status": 429, "retry_after_date_in": -60},
    "429 without Retry-After": {"kind": "status_before", "status": 429},
    "500": {"kind": "status_before", "status": 500},
    "500 after the work": {"kind": "status_after", "status": 500},
    "502 with HTML": {"kind": "html"},
    "502 with HTML after the work": {"kind": "html", "after": True},
    "503": {"kind": "status_before", "status": 503},
    "504 after the work": {"kind": "status_after", "status": 504},
    "dropped before the work": {"kind": "drop_before"},
    "dropped after the work": {"kind": "drop_after"},
    "hang past the timeout": {"kind": "hang", "seconds": PAST_TIMEOUT_SECONDS},
    "hang past the timeout after the work": {"kind": "hang", "seconds": PAST_TIMEOUT_SECONDS, "after": True},
    "a trickle past the timeout": {"kind": "trickle", "seconds": PAST_TIMEOUT_SECONDS},
    "broken JSON after the work": {"kind": "broken_json", "after": True},
    "JSON of the wrong shape after the work": {"kind": "wrong_shape", "after": True},
    "empty body after the work": {"kind": "empty", "after": True},
}


def spoiled(fault: Mapping[str, Any], *, repeats: bool = True) -> Trouble:
    """Return the trouble of a fault that the simulator plans for a step's calls.

    Args:
        fault: the simulator's fault.
        repeats: whether a call that meets it is made again, so that each meets it twice.
    """

    @contextmanager
    def trouble(stack: Stack, step: Step) -> Iterator[Witness]:
        for operation in step.operations:
            count = calls_of(operation) if repeats else calls_of(operation) // TWICE
            stack.control.fault(operation, count=count, **fault)
        yield Witness(met=lambda: _fully_fired(stack), planned=len(step.operations))
        stack.control.clear_faults()

    return trouble


def _fully_fired(stack: Stack) -> int:
    return sum(fault["fired"] == fault["count"] for fault in stack.control.faults())


@contextmanager
def stale(stack: Stack, step: Step) -> Iterator[Witness]:
    """Drop connections after the work, with a listing that shows every write late."""
    stack.control.configure(stale_listing_seconds=STALE_SECONDS)
    with spoiled({"kind": "drop_after"})(stack, step) as witness:
        yield witness


@contextmanager
def shifting(stack: Stack, step: Step) -> Iterator[Witness]:
    """Shift the second page of a listing in which the stack's keys lie across the border of two pages.

    A create reads the listing only where its answer was lost, so that is lost too. A refresh reads each page once.
    """
    for number in range({CREATE: PAGE, CHANGE: PAGE - 2}.get(step, 0)):
        stack.control.create_key(name=f"a stranger's of before {step.name}, {number}")
    for shift in (1,) if step is CHANGE else (1, -1):
        stack.control.fault("list_keys", "shift_page", shift=shift)
    if step is CREATE:
        stack.control.fault("create_key", "drop_after", count=calls_of("create_key"))
    planned = len(stack.control.faults())
    yield Witness(met=lambda: _fully_fired(stack) == planned)
    stack.control.clear_faults()


@contextmanager
def redirected(stack: Stack, step: Step) -> Iterator[Witness]:
    """Redirect to another host, where a listener notes who calls and with which credential."""
    arrived: list[str] = []

    class Thief(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            arrived.append(str(self.headers))
            self.send_response(204)
            self.end_headers()

        do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the base class's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.2", 0), Thief) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.2:{server.server_port}/stolen"
        # The listener must be one that would have noticed.
        httpx.get(address, trust_env=False)
        listens = len(arrived) == 1
        with spoiled({"kind": "redirect", "location": address})(stack, step) as witness:
            yield Witness(lambda: witness.met() if listens else 0, witness.planned, leaks=lambda: len(arrived) - 1)
        server.shutdown()


@contextmanager
def without_credits(stack: Stack, step: Step) -> Iterator[Witness]:
    """Refuse every call that manages keys with 402."""
    for operation in step.operations:
        stack.control.fault(operation, "status_before", status=402, count=FOR_EVER)
    yield Witness(met=lambda: any(fault["fired"] for fault in stack.control.faults()))
    stack.control.clear_faults()


def as_standard_key(*, disabled: bool) -> Trouble:
    """Return the trouble of a key that calls models where a management key is needed."""

    @contextmanager
    def trouble(stack: Stack, step: Step) -> Iterator[Witness]:
        record, value = stack.control.create_key(name="a standard key", limit=0, disabled=disabled)
        with with_key(value)(stack, step) as witness:
            yield witness
        stack.control.delete_key(record["hash"])

    return trouble


def with_key(value: str) -> Trouble:
    """Return the trouble of a management key that isn't the account's."""

    @contextmanager
    def trouble(stack: Stack, _step: Step) -> Iterator[Witness]:
        right = stack.environment["OPENROUTER_MANAGEMENT_KEY"]
        stack.environment["OPENROUTER_MANAGEMENT_KEY"] = value
        yield Witness(met=lambda: True)
        stack.environment["OPENROUTER_MANAGEMENT_KEY"] = right

    return trouble


def rows() -> list[Row]:
    """Return the faults that pass: every run has to succeed by itself."""
    singly = (CREATE, REFRESH, UPDATE, ROTATE, DESTROY)
    logged = [replace(step, arguments=(*step.arguments, "--event-log", EVENTS)) for step in singly]
    return [
        *(Row(name, spoiled(fault)) for name, fault in FAULTS.items()),
        Row("a trickle of bytes for 5 s", spoiled({"kind": "trickle", "seconds": 5}, repeats=False)),
        Row("redirect to another host", redirected),
        Row("connection refused", Refused(), logged),
        Row("dropped after the work, listing 2 s stale", stale),
        Row("listing page that shifts", shifting, (CREATE, CHANGE, ROTATE)),
    ]


def refusals() -> list[Row]:
    """Return what no retry can help: a run fails with one line for each key, and the next one ends right."""
    wrong = "sk-or-v1-" + "0" * 64
    return [
        Row("wrong management key", with_key(wrong), refusal="docs/errors.md#invalid-key"),
        Row("standard key", as_standard_key(disabled=False), refusal="docs/errors.md#not-a-management-key"),
        Row("disabled key", as_standard_key(disabled=True), refusal="docs/errors.md#key-disabled"),
        Row("no credits (402)", without_credits, refusal="docs/errors.md#insufficient-credits"),
    ]
