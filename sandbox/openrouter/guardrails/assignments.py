"""Routes that put keys and members under guardrails, release them, and tell who is under which.

As OpenRouter's own Terraform provider found: an unknown key is passed over, which only `assigned_count` tells (the
setting `unknown_assignee`); the assignment of a deleted key stays a row that is counted and shown to nobody; a
guardrail binds only keys of its own workspace, and a workspace's default guardrail nobody in particular. Releasing
somebody who isn't under the guardrail is no error: the answer counts those who were.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.openrouter.auth import manager
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.guardrails.assigned import Assignment, Assignments
from sandbox.openrouter.guardrails.records import Guardrail
from sandbox.openrouter.guardrails.requests import AssignKeys, AssignMembers
from sandbox.openrouter.guardrails.routes import GUARDRAILS
from sandbox.openrouter.paging import Page, Row, living, page_of
from sandbox.openrouter.records import label_of, stamp
from sandbox.openrouter.store import Account
from sandbox.openrouter.validation import body_of, query_of


class Subjects(ABC):
    """One kind of those who can be under a guardrail, and its routes."""

    kind: ClassVar[str]
    body: ClassVar[type[BaseModel]]

    @abstractmethod
    def table(self, account: Account) -> Assignments:
        """Return the assignments of this kind."""

    @abstractmethod
    def known(self, account: Account) -> Iterable[str]:
        """Return all who can be assigned."""

    @abstractmethod
    def facts(self, account: Account, subject: str) -> dict[str, Any]:
        """Return what the record of an assignment tells of whom it concerns."""

    def record(self, account: Account, assignment: Assignment) -> dict[str, Any]:
        """Return an assignment as the API's record."""
        return {
            "id": assignment.id,
            "guardrail_id": assignment.guardrail_id,
            **self.facts(account, assignment.subject),
            "assigned_by": assignment.assigned_by,
            "created_at": stamp(assignment.created_at, account.settings.timestamp_style),
        }

    def rows(self, account: Account, guardrail_id: str | None = None) -> list[Row]:
        """Return every assignment, or those to one guardrail, as the API's records; None for one of who is gone."""
        known = set(self.known(account))
        rows = self.table(account).all(guardrail_id)
        return [self.record(account, row) if row.subject in known else None for row in rows]

    def records(self, account: Account) -> list[dict[str, Any]]:
        """Return every assignment that is shown."""
        return living(self.rows(account))

    def assign(self, account: Account, guardrail_id: str, subjects: list[str]) -> int:
        """Put all who are known under a guardrail and return how many are new.

        Raises:
            ApiError: 400 when nobody can be under this guardrail, or one of them can't; then nobody is.
        """
        known = set(self.known(account))
        unknown = sorted(set(subjects) - known)
        if unknown and account.settings.unknown_assignee == "refused":
            raise ApiError(400, f"{self.field}: not found: {', '.join(unknown)}")
        guardrail = account.guardrails[guardrail_id]
        if guardrail.is_default:
            raise ApiError(400, "A workspace's default guardrail cannot be assigned")
        living_ones = [subject for subject in subjects if subject in known]
        self.check(account, guardrail, living_ones)
        return self.table(account).assign(guardrail_id, living_ones, account.id, account.now())

    @abstractmethod
    def check(self, account: Account, guardrail: Guardrail, subjects: list[str]) -> None:
        """Raise ApiError 400 when one of them can't be under this guardrail."""

    @property
    def field(self) -> str:
        """Return the one field of the body."""
        return next(iter(self.body.model_fields))

    def routes(self) -> list[Route]:
        """Return the four routes."""
        of_one = f"/guardrails/{{id}}/assignments/{self.kind}"
        return [
            Route(f"/guardrails/assignments/{self.kind}", self._list_all, methods=["GET"]),
            Route(of_one, self._list, methods=["GET"]),
            Route(of_one, self._assign, methods=["POST"]),
            Route(f"{of_one}/remove", self._unassign, methods=["POST"]),
        ]

    async def _list_all(self, request: Request) -> JSONResponse:
        account = manager(request)
        return page_of(query_of(request, Page), self.rows(account), account.settings.short_pages)

    async def _list(self, request: Request) -> JSONResponse:
        account = manager(request)
        guardrail_id = _guardrail_id(account, request)
        return page_of(query_of(request, Page), self.rows(account, guardrail_id), account.settings.short_pages)

    async def _assign(self, request: Request) -> JSONResponse:
        account = manager(request)
        guardrail_id, subjects = _guardrail_id(account, request), await self._sent(request)
        with account.lock:
            return JSONResponse({"assigned_count": self.assign(account, guardrail_id, subjects)})

    async def _unassign(self, request: Request) -> JSONResponse:
        account = manager(request)
        guardrail_id, subjects = _guardrail_id(account, request), await self._sent(request)
        with account.lock:
            return JSONResponse({"unassigned_count": self.table(account).unassign(guardrail_id, subjects)})

    async def _sent(self, request: Request) -> list[str]:
        subjects: list[str] = getattr(await body_of(request, self.body), self.field)
        return subjects


class Keys(Subjects):
    """Standard keys, by hash."""

    kind = "keys"
    body = AssignKeys

    def table(self, account: Account) -> Assignments:
        """Return the assignments of keys."""
        return account.key_assignments

    def known(self, account: Account) -> Iterable[str]:
        """Return the hashes of all live keys."""
        return account.keys

    def check(self, account: Account, guardrail: Guardrail, subjects: list[str]) -> None:
        """Raise ApiError 400 when a key is in another workspace than the guardrail."""
        if any(account.keys[subject].workspace_id != guardrail.workspace_id for subject in subjects):
            raise ApiError(400, "Some keys do not belong to the same workspace as the guardrail")

    def facts(self, account: Account, subject: str) -> dict[str, Any]:
        """Return what a record tells of a key."""
        key = account.keys[subject]
        return {"key_hash": subject, "key_name": key.name, "key_label": label_of(key.plaintext)}


class Members(Subjects):
    """Members of the organization, by user id."""

    kind = "members"
    body = AssignMembers

    def table(self, account: Account) -> Assignments:
        """Return the assignments of members."""
        return account.member_assignments

    def known(self, account: Account) -> Iterable[str]:
        """Return everybody in the organization."""
        return account.members

    def check(self, account: Account, guardrail: Guardrail, subjects: list[str]) -> None:
        """Accept everybody: a member is of the organization, and in no one workspace."""

    def facts(self, account: Account, subject: str) -> dict[str, Any]:
        """Return what a record tells of a member."""
        return {"user_id": subject, "organization_id": account.organization_id}


def _guardrail_id(account: Account, request: Request) -> str:
    return GUARDRAILS.existing(GUARDRAILS.find(account, request.path_params["id"])).id


SUBJECTS: dict[str, Subjects] = {subjects.kind: subjects for subjects in (Keys(), Members())}
ROUTES = [route for subjects in SUBJECTS.values() for route in subjects.routes()]
