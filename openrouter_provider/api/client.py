"""The management API's client: synchronous, thread-safe, patient, and silent about credentials."""

import re
import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from openrouter_provider.api.caller import Caller
from openrouter_provider.api.creation import Creation, Ground
from openrouter_provider.api.credentials import DEFAULT_BASE_URL, check_base_url, check_credential
from openrouter_provider.api.errors import ConfigurationError, NotFound
from openrouter_provider.api.listing import PAGE_SIZE, read_all
from openrouter_provider.api.models import (
    HASH_PATTERN,
    ChatReply,
    CreatedKey,
    CreateKeyRequest,
    Credits,
    CurrentKey,
    KeyRecord,
    Workspace,
)
from openrouter_provider.api.reading import many, one, read_chat, read_created, read_deleted
from openrouter_provider.api.retry import CallBudget, RetryPolicy
from openrouter_provider.api.scrub import printable, quoted_name
from openrouter_provider.api.wire import Call, Wire

__all__ = [
    "DEFAULT_BASE_URL",
    "PAGE_SIZE",
    "ManagementClient",
    "check_base_url",
    "check_credential",
    "utc_now",
]

DEFAULT_TIMEOUT_SECONDS = 20.0


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


class ManagementClient:
    """Manages keys on OpenRouter.

    Every method may be called from any thread. All threads share one connection pool and one pace. GET, PATCH
    and DELETE are repeated when they fail in passing; a create is repeated only once it is certain that nothing
    was made.

    Args:
        credential: The management key.
        base_url: Where the API is; HTTPS, except on loopback.
        transport: Replaces the network, for tests.
        policy: How long and how often a call is tried.
        clock: The time in UTC.
        monotonic: Seconds from an arbitrary start.
        sleep: Waits that many seconds.
        timeout_seconds: How long one attempt may wait for its answer.

    Raises:
        ConfigurationError: The credential or the address can't be right.
    """

    def __init__(
        self,
        credential: str,
        *,
        base_url: str = DEFAULT_BASE_URL,
        transport: httpx.BaseTransport | None = None,
        policy: RetryPolicy | None = None,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    ) -> None:
        secret = SecretStr(check_credential(credential))
        self.base_url = check_base_url(base_url)
        self._clock = clock
        self._wire = Wire(
            self.base_url,
            secret,
            transport=transport,
            timeout_seconds=timeout_seconds,
            clock=clock,
            monotonic=monotonic,
        )
        self._caller = Caller(self._wire, secret, policy or RetryPolicy(), monotonic=monotonic, sleep=sleep)

    def __repr__(self) -> str:
        return f"ManagementClient({self.base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the pooled connections."""
        self._wire.close()

    def create_key(
        self, request: CreateKeyRequest, *, known_hashes: Collection[str] = (), recover: bool = False
    ) -> CreatedKey:
        """Make a key and return it with its value, or fail and leave nothing behind.

        Ordinarily that is one POST. After a failure that leaves doubt, the key is looked up by its name and
        deleted if it has exactly this name, is not older than this call (five minutes are allowed for clocks that
        differ), was never used and isn't in known_hashes; then the create is tried again.

        Args:
            request: The key wanted; its name must be unique.
            known_hashes: Keys that the state holds; they are never touched.
            recover: First delete what an earlier, killed run left under exactly this name.

        Raises:
            OutcomeUnknown: A key may be left; the error says which.
            OpenRouterError: It failed and nothing is left.

        API: POST /keys
        """
        budget = self._caller.budget("POST", reconciles=True)
        creation = Creation(self._ground(budget), request, known_hashes)
        if recover:
            creation.clear_leftovers()
        return self._caller.loop(budget, creation.attempt)

    def _ground(self, budget: CallBudget) -> Ground:
        def post(request: CreateKeyRequest) -> CreatedKey:
            call = Call("POST", "/keys", f"creating key {quoted_name(request.name)}", body=request.body())
            return self._caller.once(call, read_created(call), budget)

        return Ground(
            post=post,
            listing=lambda workspace_id: self.list_keys(workspace_id=workspace_id),
            delete=self.delete_key,
            server_now=lambda: self._clock() + self._wire.server_ahead,
            monotonic=self._caller.monotonic,
            sleep=self._caller.sleep,
            policy=self._caller.policy,
        )

    def get_key(self, hash: str) -> KeyRecord:  # noqa: A002 - the API's own word
        """Return one key.

        Raises:
            NotFound: There is none with this hash.

        API: GET /keys/{hash}
        """
        call = Call("GET", _key_path(hash), f"reading key {hash}")
        return self._caller.repeat(call, one(call, KeyRecord))

    def update_key(self, hash: str, changes: Mapping[str, object]) -> KeyRecord:  # noqa: A002 - the API's own word
        """Change the given fields of a key, no others, and return the key.

        Args:
            hash: The key.
            changes: Wire names and JSON values; None is sent as null and clears the field.

        Raises:
            NotFound: There is none with this hash.

        API: PATCH /keys/{hash}
        """
        call = Call("PATCH", _key_path(hash), f"changing key {hash}", body=dict(changes))
        return self._caller.repeat(call, one(call, KeyRecord))

    def delete_key(self, hash: str) -> None:  # noqa: A002 - the API's own word
        """Delete a key for good.

        When an earlier attempt of this call may have deleted it, its absence counts as success.

        Raises:
            NotFound: There was none with this hash from the start.

        API: DELETE /keys/{hash}
        """
        call = Call("DELETE", _key_path(hash), f"deleting key {hash}")
        budget = self._caller.budget("DELETE")

        def attempt() -> None:
            try:
                self._caller.once(call, read_deleted(call), budget)
            except NotFound:
                if not budget.doubtful:
                    raise

        self._caller.loop(budget, attempt)

    def list_keys(self, *, workspace_id: str | None = None, include_disabled: bool = True) -> list[KeyRecord]:
        """Return every key of one workspace.

        Args:
            workspace_id: The workspace; None is the account's default one.
            include_disabled: Whether keys that are switched off are listed too.

        API: GET /keys
        """
        return read_all(
            lambda offset: self.list_keys_page(offset, workspace_id, include_disabled),
            lambda record: record.hash,
        )

    def list_keys_page(
        self,
        offset: int,
        workspace_id: str | None = None,
        include_disabled: bool = True,
    ) -> list[KeyRecord]:
        """Return one page, at most 100 keys, of a workspace's keys.

        Args:
            offset: How many keys to skip.
            workspace_id: The workspace; None is the account's default one.
            include_disabled: Whether keys that are switched off are listed too.

        API: GET /keys
        """
        params = {"offset": str(offset), "include_disabled": "true" if include_disabled else "false"}
        if workspace_id is not None:
            params["workspace_id"] = workspace_id
        call = Call("GET", "/keys", "listing keys", params=params)
        return self._caller.repeat(call, many(call, KeyRecord))

    def current_key(self, credential: SecretStr | None = None) -> CurrentKey:
        """Return what a key may learn about itself, which also shows that it authenticates.

        Args:
            credential: The key to ask about; None is the client's own.

        Raises:
            AuthenticationError: It does not authenticate.

        API: GET /key
        """
        call = Call("GET", "/key", "asking about the key in use", credential=credential)
        return self._caller.repeat(call, one(call, CurrentKey))

    def get_credits(self) -> Credits:
        """Return what the account has bought and used.

        API: GET /credits
        """
        call = Call("GET", "/credits", "reading the account's credits")
        return self._caller.repeat(call, one(call, Credits))

    def list_workspaces(self) -> list[Workspace]:
        """Return every workspace of the account.

        API: GET /workspaces
        """

        def page(offset: int) -> list[Workspace]:
            params = {"offset": str(offset), "limit": str(PAGE_SIZE)}
            call = Call("GET", "/workspaces", "listing workspaces", params=params)
            return self._caller.repeat(call, many(call, Workspace))

        return read_all(page, lambda workspace: workspace.id)

    def get_workspace(self, id: str) -> Workspace:  # noqa: A002 - the API's own word
        """Return one workspace.

        Args:
            id: Its id or its slug.

        Raises:
            NotFound: There is no such workspace.

        API: GET /workspaces/{id}
        """
        call = Call("GET", f"/workspaces/{_path_part(id, 'workspace')}", f"reading workspace '{printable(id)}'")
        return self._caller.repeat(call, one(call, Workspace))

    def chat(
        self,
        credential: SecretStr,
        model: str,
        prompt: str,
        *,
        referer: str | None = None,
        title: str | None = None,
    ) -> ChatReply:
        """Send one prompt with a service's key; never twice once it may have been charged.

        Args:
            credential: The service's key.
            model: A model's slug.
            prompt: What to say.
            referer: The application's address, sent as HTTP-Referer.
            title: The application's name, sent as X-Title.

        Raises:
            InsufficientCredits: The key's limit or the account's credits are used up.
            AuthenticationError: The key does not authenticate.

        API: POST /chat/completions
        """
        body: dict[str, object] = {"model": model, "messages": [{"role": "user", "content": prompt}]}
        named = {"HTTP-Referer": referer, "X-Title": title}
        headers = {header: value for header, value in named.items() if value}
        action = f"sending a prompt to '{printable(model)}'"
        call = Call("POST", "/chat/completions", action, body=body, headers=headers, credential=credential)
        return self._caller.repeat(call, read_chat(call))


def _path_part(value: str, what: str) -> str:
    if not re.fullmatch(HASH_PATTERN, value):
        raise ConfigurationError(f"'{printable(value)}' can't identify a {what} (docs/errors.md#configuration)")
    return quote(value, safe="")


def _key_path(key_hash: str) -> str:
    return f"/keys/{_path_part(key_hash, 'key')}"
