"""One kind of thing that can be created, listed, read, changed and deleted, and the routes all kinds share."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.openrouter.auth import manager
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.items import Item
from sandbox.openrouter.paging import Page, page_of
from sandbox.openrouter.store import Account
from sandbox.openrouter.validation import body_of, query_of, set_fields

Owned = TypeVar("Owned", bound=Item)


class Area(ABC, Generic[Owned]):
    """How one kind of thing lives; the rules are the same over the API and out of band."""

    path: ClassVar[str]
    noun: ClassVar[str]
    create_body: ClassVar[type[BaseModel]]
    update_body: ClassVar[type[BaseModel]]
    query: ClassVar[type[Page]]

    @abstractmethod
    def owned(self, account: Account) -> dict[str, Owned]:
        """Return everything of this kind by id."""

    @abstractmethod
    def make(self, account: Account, wish: Any) -> Owned:
        """Create a thing from a body of `create_body`; raise ApiError when it can't be."""

    @abstractmethod
    def change(self, account: Account, item: Owned, fields: dict[str, Any]) -> None:
        """Set the fields of a body of `update_body`; raise ApiError when they can't be."""

    @abstractmethod
    def remove(self, account: Account, item: Owned) -> None:
        """Delete a thing and all that hangs on it; raise ApiError when it can't be."""

    def listed(self, account: Account, _query: Any) -> list[Owned]:
        """Return what a query asks for, in the order of creation."""
        return list(self.owned(account).values())

    def find(self, account: Account, name: str) -> Owned | None:
        """Return the thing a path names."""
        return self.owned(account).get(name.lower())

    def find_to_change(self, account: Account, name: str) -> Owned | None:
        """Return the thing a path names for a change of it."""
        return self.find(account, name)

    def existing(self, found: Owned | None) -> Owned:
        """Return what was found; raise ApiError 404 for nothing."""
        if found is None:
            raise ApiError(404, f"{self.noun} not found")
        return found

    def routes(self) -> list[Route]:
        """Return the five routes of the API."""
        one = f"{self.path}/{{id}}"
        return [
            Route(self.path, self._create, methods=["POST"]),
            Route(self.path, self._list, methods=["GET"]),
            Route(one, self._get, methods=["GET"]),
            Route(one, self._update, methods=["PATCH"]),
            Route(one, self._delete, methods=["DELETE"]),
        ]

    async def _create(self, request: Request) -> JSONResponse:
        account = manager(request)
        wish = await body_of(request, self.create_body)
        with account.lock:
            return show(account, self.make(account, wish), 201)

    async def _list(self, request: Request) -> JSONResponse:
        account = manager(request)
        query = query_of(request, self.query)
        style = account.settings.timestamp_style
        records = [item.record(style) for item in self.listed(account, query)]
        return page_of(query, records, account.settings.short_pages)

    async def _get(self, request: Request) -> JSONResponse:
        account = manager(request)
        return show(account, self.existing(self.find(account, request.path_params["id"])))

    async def _update(self, request: Request) -> JSONResponse:
        account = manager(request)
        item = self.existing(self.find_to_change(account, request.path_params["id"]))
        fields = set_fields(await body_of(request, self.update_body))
        with account.lock:
            self.change(account, item, fields)
        return show(account, item)

    async def _delete(self, request: Request) -> JSONResponse:
        account = manager(request)
        with account.lock:
            self.remove(account, self.existing(self.find(account, request.path_params["id"])))
        return JSONResponse({"deleted": True})


def show(account: Account, item: Item, status: int = 200) -> JSONResponse:
    """Return one thing as the API answers it."""
    return JSONResponse({"data": item.record(account.settings.timestamp_style)}, status)
