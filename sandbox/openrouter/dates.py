"""The Date header of every answer: the real time, or that of a server whose clock is elsewhere."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.openrouter.auth import bearer
from sandbox.openrouter.store import Store


class Dated:
    """ASGI layer that dates what the layers below it answer; the server itself does not."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self.app = app
        self.store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(datetime.now(UTC) + self._ahead(scope), usegmt=True)
                message["headers"] = [*message.get("headers", ()), (b"date", date.encode())]
            await send(message)

        await self.app(scope, receive, dated)

    def _ahead(self, scope: Scope) -> timedelta:
        credential = bearer(dict(scope.get("headers", ())).get(b"authorization", b"").decode("latin-1"))
        account = self.store.account_of(credential) if credential else None
        return timedelta(seconds=account.settings.date_ahead_seconds if account else 0)
