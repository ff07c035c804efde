"""The endpoints that manage keys."""

from collections.abc import Collection, Mapping

from .creating.creation import Creation, CreationCalls
from .endpoints import Endpoints, paged, read_created
from .http.answers import Call, path_part
from .http.retry import CallBudget
from .listing import Page, read_all
from .models import CreatedKey, CreateKeyRequest, KeyRecord
from .scrub import quoted_name


class KeyEndpoints(Endpoints):
    """Makes, reads, changes, deletes and lists keys; each method names its API page."""

    def create_key(self, request: CreateKeyRequest, *, known_hashes: Collection[str] = ()) -> CreatedKey:
        """Make a key and return it with its value, or fail and leave nothing behind.

        Ordinarily that is one POST. After a failure that leaves doubt, the key is looked up by its name and
        deleted if it has exactly this name, is not older than this call (five minutes are allowed for clocks that
        differ), was never used and isn't in known_hashes; then the create is tried again.

        Args:
            request: The key wanted; its name must be unique.
            known_hashes: Keys that the state holds; they are never touched.

        Raises:
            OutcomeUnknown: A key may be left; the error says which.
            OpenRouterError: It failed and nothing is left.

        API: POST /keys
        """
        budget = self._caller.budget("POST", reconciles=True)
        creation = Creation(self._calls(budget), self._patience(), request, known_hashes)
        return self._caller.loop(budget, creation.attempt)

    def _calls(self, budget: CallBudget) -> CreationCalls:
        def post(request: CreateKeyRequest) -> CreatedKey:
            call = Call("POST", "/keys", f"creating key {quoted_name(request.name)}", body=request.body())
            return self._caller.once(call, read_created(call), budget)

        return CreationCalls(
            post=post,
            listing=budget.aside(lambda workspace_id: self.list_keys(workspace_id=workspace_id)),
            delete=budget.aside(self.delete_key),
        )

    def get_key(self, hash: str) -> KeyRecord:  # noqa: A002 - the API's own word
        """Return one key.

        Raises:
            NotFound: There is none with this hash.

        API: GET /keys/{hash}
        """
        return self._read(_key_path(hash), f"reading key {hash}", KeyRecord)

    def update_key(self, hash: str, changes: Mapping[str, object]) -> KeyRecord:  # noqa: A002 - the API's own word
        """Change the given fields of a key, no others, and return the key.

        Args:
            hash: The key.
            changes: Wire names and JSON values; None is sent as null and clears the field.

        Raises:
            NotFound: There is none with this hash.

        API: PATCH /keys/{hash}
        """
        return self._patch(_key_path(hash), f"changing key {hash}", changes, KeyRecord)

    def delete_key(self, hash: str) -> None:  # noqa: A002 - the API's own word
        """Delete a key for good.

        When an earlier attempt of this call may have deleted it, its absence counts as success.

        Raises:
            NotFound: There was none with this hash from the start.

        API: DELETE /keys/{hash}
        """
        self._delete(_key_path(hash), f"deleting key {hash}")

    def list_keys(self, *, workspace_id: str | None = None, include_disabled: bool = True) -> list[KeyRecord]:
        """Return every key of one workspace, expired ones too.

        Args:
            workspace_id: The workspace; None is the account's default one.
            include_disabled: Whether keys that are switched off are listed too.

        API: GET /keys
        """
        return read_all(
            lambda offset: self._page_of_keys(offset, workspace_id, include_disabled),
            lambda record: record.hash,
            "listing keys",
        )

    def list_keys_page(
        self,
        offset: int,
        workspace_id: str | None = None,
        include_disabled: bool = True,
    ) -> list[KeyRecord]:
        """Return one page, at most 100 keys, of a workspace's keys, expired ones too.

        A page may be shorter though another follows it.

        Args:
            offset: How many keys to skip.
            workspace_id: The workspace; None is the account's default one.
            include_disabled: Whether keys that are switched off are listed too.

        API: GET /keys
        """
        return list(self._page_of_keys(offset, workspace_id, include_disabled).items)

    def _page_of_keys(self, offset: int, workspace_id: str | None, include_disabled: bool) -> Page[KeyRecord]:
        params = {"offset": str(offset), "include_disabled": "true" if include_disabled else "false"}
        params["include_expired"] = "true"
        if workspace_id is not None:
            params["workspace_id"] = workspace_id
        call = Call("GET", "/keys", "listing keys", params=params)
        return self._caller.repeat(call, paged(call, KeyRecord))


def _key_path(key_hash: str) -> str:
    return f"/keys/{path_part(key_hash, 'key')}"
