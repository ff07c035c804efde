"""Faults a test plans for an account, and which of them a call meets."""

import itertools
from threading import Lock
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

FaultKind = Literal[
    "status_before",
    "status_after",
    "drop_before",
    "drop_after",
    "hang",
    "trickle",
    "broken_json",
    "wrong_shape",
    "empty",
    "html",
    "redirect",
    "shift_page",
]
Operation = Literal[
    "any",
    "create_key",
    "get_key",
    "update_key",
    "delete_key",
    "list_keys",
    "current_key",
    "credits",
    "chat",
    "list_models",
    "list_endpoints",
    "list_providers",
    "list_presets",
    "get_preset",
    "get_activity",
    "create_workspace",
    "get_workspace",
    "update_workspace",
    "delete_workspace",
    "list_workspaces",
    "list_budgets",
    "get_budget",
    "put_budget",
    "delete_budget",
    "list_members",
    "add_members",
    "remove_members",
    "create_guardrail",
    "get_guardrail",
    "update_guardrail",
    "delete_guardrail",
    "list_guardrails",
    "assign_keys",
    "unassign_keys",
    "list_key_assignments",
    "list_all_key_assignments",
    "assign_members",
    "unassign_members",
    "list_member_assignments",
    "list_all_member_assignments",
    "create_byok_key",
    "get_byok_key",
    "update_byok_key",
    "delete_byok_key",
    "list_byok_keys",
]


class Fault(BaseModel):
    """One planned fault: which calls it meets, how often, and what becomes of them."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    operation: Operation = Field(description="calls it meets")
    kind: FaultKind = Field(description="what becomes of the call")
    count: int = Field(1, ge=1, description="how many calls it spoils")
    skip: int = Field(0, ge=0, description="how many matching calls pass first")
    after: bool = Field(False, description="whether the work is done before the answer is spoiled")
    status: int | None = Field(None, ge=200, le=599, description="status of the spoiled answer")
    retry_after: str | None = Field(None, description="Retry-After header, sent verbatim")
    retry_after_date_in: float | None = Field(
        None, ge=-1e6, le=1e6, description="Retry-After as an HTTP date so many seconds after the answer"
    )
    location: str | None = Field(None, description="where a redirect points")
    seconds: float = Field(30, ge=0, le=600, description="length of a hang or of a trickled answer")
    shift: int = Field(1, description="entries a page is moved by: 1 misses one, -1 repeats one")

    @model_validator(mode="after")
    def _complete(self) -> "Fault":
        if self.kind == "redirect" and not self.location:
            raise ValueError("a redirect needs a location")
        if self.kind == "shift_page" and self.operation not in {"list_keys", "any"}:
            raise ValueError("shift_page concerns list_keys")
        if self.retry_after is not None and self.retry_after_date_in is not None:
            raise ValueError("an answer has one Retry-After")
        return self

    @property
    def works_first(self) -> bool:
        """Say whether the call does its work although its answer is spoiled."""
        return self.after or self.kind in {"status_after", "drop_after", "trickle", "shift_page"}


class FaultPlan:
    """The faults planned for an account, in the order they were planned. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ids = itertools.count(1)
        self._planned: list[tuple[int, Fault]] = []
        self._fired: dict[int, int] = {}
        self._skipped: dict[int, int] = {}

    def add(self, fault: Fault) -> dict[str, Any]:
        """Plan a fault and return its record."""
        with self._lock:
            number = next(self._ids)
            self._planned.append((number, fault))
            return self._record(number, fault)

    def clear(self) -> None:
        """Forget every fault."""
        with self._lock:
            self._planned.clear()

    def records(self) -> list[dict[str, Any]]:
        """Return every planned fault and how often it has fired."""
        with self._lock:
            return [self._record(number, fault) for number, fault in self._planned]

    def pick(self, operation: str, query: str) -> Fault | None:
        """Return the fault this call meets, counting it; the one planned first wins."""
        with self._lock:
            for number, fault in self._planned:
                if self._matches(fault, operation, query) and self._due(number, fault):
                    return fault
        return None

    @staticmethod
    def _matches(fault: Fault, operation: str, query: str) -> bool:
        """Say whether a fault concerns a call; a page can only shift after the first one."""
        if fault.kind == "shift_page":
            return operation == "list_keys" and "offset=" in query and "offset=0" not in query.split("&")
        return fault.operation in {"any", operation}

    def _due(self, number: int, fault: Fault) -> bool:
        if self._fired.get(number, 0) >= fault.count:
            return False
        if self._skipped.get(number, 0) < fault.skip:
            self._skipped[number] = self._skipped.get(number, 0) + 1
            return False
        self._fired[number] = self._fired.get(number, 0) + 1
        return True

    def _record(self, number: int, fault: Fault) -> dict[str, Any]:
        return {"id": number, "fired": self._fired.get(number, 0), **fault.model_dump()}
