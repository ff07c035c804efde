"""The endpoints that manage other vendors' keys brought to OpenRouter (BYOK)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from pydantic import Field, SecretStr

from .endpoints import Endpoints, one
from .http.answers import Call, path_part
from .models import NamedRecord
from .scrub import quoted_name


class ByokRecord(NamedRecord):
    """A vendor's key as the management endpoints describe it; never its value."""

    provider: str = Field(min_length=1, description="The vendor's slug, such as openai")
    label: str = Field(description="The value's masked form, for people")
    name: str | None = Field(default=None, description="The physical name")
    workspace_id: str | None = Field(default=None, description="The workspace it belongs to; null is all of them")
    disabled: bool = Field(default=False, description="Whether it is switched off")
    is_fallback: bool = Field(default=False, description="Whether it is used only after the others")
    is_required: bool = Field(default=False, description="Whether its models use no shared endpoints of the vendor")
    is_byok_only: bool = Field(default=False, description="Whether no model uses shared endpoints of the vendor")
    declared_zdr: bool | None = Field(
        default=None, description="Whether the vendor's account keeps nothing; null is unsaid"
    )
    declared_region: str | None = Field(default=None, description="global, europe or us; null is unsaid")
    allowed_models: list[str] | None = Field(default=None, description="Model slugs; null is every model")
    allowed_api_key_hashes: list[str] | None = Field(default=None, description="OpenRouter keys; null is every key")
    allowed_user_ids: list[str] | None = Field(default=None, description="Members; null is everyone")


class ByokEndpoints(Endpoints):
    """Makes, reads, changes, deletes and lists vendors' keys; each method names its API page."""

    def create_byok_key(
        self, fields: Mapping[str, object], key: SecretStr, *, known_ids: Collection[str] = ()
    ) -> ByokRecord:
        """Bring a vendor's key and return its record; one that a lost answer hid is found again by its name.

        Args:
            fields: Wire names and JSON values; provider and name are needed.
            key: The vendor's key.
            known_ids: BYOK keys that had this name before; none of them is taken for the new one.

        Raises:
            OutcomeUnknown: It may have been made; the error says under which name.
            OpenRouterError: It failed and nothing was made.

        API: POST /byok
        """
        name, provider = str(fields["name"]), str(fields["provider"])
        workspace_id = fields.get("workspace_id")
        call = Call("POST", "/byok", f"creating BYOK key {quoted_name(name)}", body=dict(fields))

        def namesakes() -> Sequence[ByokRecord]:
            scope = None if workspace_id is None else str(workspace_id)
            listed = self.list_byok_keys(workspace_id=scope, provider=provider)
            return [record for record in listed if record.name == name]

        return self._make(_with_key(call, key), ByokRecord, name, namesakes, self.delete_byok_key, known_ids)

    def get_byok_key(self, id: str) -> ByokRecord:  # noqa: A002 - the API's own word
        """Return one BYOK key's record.

        Raises:
            NotFound: There is none with this id.

        API: GET /byok/{id}
        """
        return self._read(_path(id), f"reading BYOK key {id}", ByokRecord)

    def update_byok_key(
        self,
        id: str,  # noqa: A002 - see above
        changes: Mapping[str, object],
        key: SecretStr | None = None,
    ) -> ByokRecord:
        """Change the given fields of a BYOK key, no others, and return its record.

        Args:
            id: The BYOK key.
            changes: Wire names and JSON values; None is sent as null and clears the field.
            key: A new value; None leaves it as it is.

        Raises:
            NotFound: There is none with this id.

        API: PATCH /byok/{id}
        """
        call = _with_key(Call("PATCH", _path(id), f"changing BYOK key {id}", body=dict(changes)), key)
        return self._caller.repeat(call, one(call, ByokRecord))

    def delete_byok_key(self, id: str) -> None:  # noqa: A002 - see above
        """Delete a BYOK key for good; the vendor's own key lives on.

        Raises:
            NotFound: There was none with this id from the start.

        API: DELETE /byok/{id}
        """
        self._delete(_path(id), f"deleting BYOK key {id}")

    def list_byok_keys(self, *, workspace_id: str | None = None, provider: str | None = None) -> list[ByokRecord]:
        """Return every BYOK key of one workspace.

        Args:
            workspace_id: The workspace; None is the account's default one.
            provider: The vendor's slug; None is all of them.

        API: GET /byok
        """
        params = {"workspace_id": workspace_id, "provider": provider}
        return self._list("/byok", "listing BYOK keys", ByokRecord, lambda record: record.id, params)


def _path(byok_id: str) -> str:
    return f"/byok/{path_part(byok_id, 'BYOK key')}"


def _with_key(call: Call, key: SecretStr | None) -> Call:
    """Return the call with the vendor's key in its body, marked as what no message may repeat."""
    if key is None:
        return call
    return replace(call, body={**(call.body or {}), "key": key.get_secret_value()}, secrets=(key,))
