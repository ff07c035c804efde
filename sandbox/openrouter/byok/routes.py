"""Routes under /byok: list, create, and one by id."""

from typing import Any

from sandbox.openrouter.area import Area
from sandbox.openrouter.byok.records import ByokKey, masked
from sandbox.openrouter.byok.requests import ByokPage, CreateByokKey, UpdateByokKey
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.store import Account
from sandbox.openrouter.workspaces.finding import check_workspace


class ByokKeys(Area[ByokKey]):
    """How the keys of other vendors live."""

    path = "/byok"
    noun = "BYOK key"
    create_body = CreateByokKey
    update_body = UpdateByokKey
    query = ByokPage

    def owned(self, account: Account) -> dict[str, ByokKey]:
        """Return every key by id."""
        return account.byok_keys

    def listed(self, account: Account, query: ByokPage) -> list[ByokKey]:
        """Return a workspace's keys, of all providers or of one, in the order they are tried."""
        check_workspace(account, query.workspace_id)
        wanted = query.workspace_id or account.default_workspace.id
        found = [key for key in account.byok_keys.values() if key.workspace_id == wanted]
        found = [key for key in found if query.provider in {None, key.fields["provider"]}]
        return sorted(found, key=lambda key: key.sort_order)

    def make(self, account: Account, wish: CreateByokKey) -> ByokKey:
        """Take a key in."""
        fields = wish.model_dump()
        workspace_id = fields.pop("workspace_id") or account.default_workspace.id
        check_workspace(account, workspace_id)
        _check_hashes(account, fields)
        _check_exclusive(fields)
        plaintext = fields.pop("key")
        account.provider_keys.append(plaintext)
        key = ByokKey(
            fields=fields,
            created_at=account.now(),
            workspace_id=workspace_id,
            label=masked(plaintext),
            sort_order=_last(account, workspace_id, wish.provider) + 1,
        )
        account.byok_keys[key.id] = key
        return key

    def change(self, account: Account, item: ByokKey, fields: dict[str, Any]) -> None:
        """Change the fields given; a new value gives a new label."""
        _check_hashes(account, fields)
        _check_exclusive(item.fields | fields)
        if plaintext := fields.pop("key", None):
            account.provider_keys.append(plaintext)
            item.label = masked(plaintext)
        item.change(fields, account.now())

    def remove(self, account: Account, item: ByokKey) -> None:
        """Forget a key; its value stays known to searches after leaks."""
        account.byok_keys.pop(item.id, None)


def _last(account: Account, workspace_id: str, provider: str) -> int:
    """Return the position of the provider's last key in a workspace, -1 when there is none."""
    keys = account.byok_keys.values()
    taken = [k.sort_order for k in keys if (k.workspace_id, k.fields["provider"]) == (workspace_id, provider)]
    return max(taken, default=-1)


def _check_hashes(account: Account, fields: dict[str, Any]) -> None:
    hashes = fields.get("allowed_api_key_hashes") or []
    if unknown := sorted(set(hashes).difference(account.keys)):
        raise ApiError(400, f"allowed_api_key_hashes: not found: {', '.join(unknown)}")


def _check_exclusive(fields: dict[str, Any]) -> None:
    if fields["is_byok_only"] and fields["is_fallback"]:
        raise ApiError(400, "is_byok_only: cannot be combined with is_fallback")


BYOK_KEYS = ByokKeys()
ROUTES = BYOK_KEYS.routes()
