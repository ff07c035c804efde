"""Routes of an organisation's settings: there is one of them, and nobody makes or deletes it."""

from typing import Any

from pydantic import BaseModel, StrictBool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.openrouter.area import Area
from sandbox.openrouter.auth import manager
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.items import Item
from sandbox.openrouter.paging import Page
from sandbox.openrouter.records import TimestampStyle
from sandbox.openrouter.store import Account
from sandbox.openrouter.validation import body_of


class UpdateSettings(BaseModel):
    """Body of PATCH /organization/settings."""

    is_filtered_model_catalog_enabled: StrictBool


class OrganizationSettings(Item):
    """The settings."""

    def record(self, style: TimestampStyle) -> dict[str, Any]:
        """Return them as the API does, which tells no instants."""
        del style
        return {"id": self.id, **self.fields}


class Organization(Area[OrganizationSettings]):
    """How the settings live."""

    path = "/organization/settings"
    noun = "Organization settings"
    create_body = UpdateSettings
    update_body = UpdateSettings
    query = Page

    def owned(self, account: Account) -> dict[str, Any]:
        """Return the settings by the organisation's id."""
        kept = account.around["organization"]
        fields = {"is_filtered_model_catalog_enabled": False}
        kept.setdefault(
            account.organization_id,
            OrganizationSettings(fields=fields, created_at=account.created_at, id=account.organization_id),
        )
        return kept

    def make(self, account: Account, wish: UpdateSettings) -> OrganizationSettings:
        """Refuse: they are there."""
        del account, wish
        raise ApiError(405, "Method not allowed")

    def change(self, account: Account, item: OrganizationSettings, fields: dict[str, Any]) -> None:
        """Change the fields given."""
        item.change(fields, account.now())

    def remove(self, account: Account, item: OrganizationSettings) -> None:
        """Refuse: they stay."""
        del account, item
        raise ApiError(405, "Method not allowed")


ORGANIZATION = Organization()


async def settings(request: Request) -> JSONResponse:
    """Show the settings; a PATCH first changes them."""
    account = manager(request)
    (item,) = ORGANIZATION.owned(account).values()
    if request.method == "PATCH":
        ORGANIZATION.change(account, item, (await body_of(request, UpdateSettings)).model_dump())
    return JSONResponse({"data": item.record(account.settings.timestamp_style)})


ROUTES = [Route("/organization/settings", settings, methods=["GET", "PATCH"])]
AREAS = {"organization": ORGANIZATION}
OPERATIONS = {
    "GET /organization/settings": "get_organization_settings",
    "PATCH /organization/settings": "update_organization_settings",
}
