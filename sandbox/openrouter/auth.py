"""Who is calling: which credential opens which route.

OpenRouter's published description leaves open how some refusals look. Chosen here:
- no header, or one that isn't a bearer token: 401 "No auth credentials found";
- a credential that was never issued, or whose key was deleted: 401 "User not found.";
- a disabled key: 403 "API key is disabled", or 401 "User not found." (the setting `disabled_key_status`);
- an expired one: 401 "User not found.", as an operator saw it;
- a standard key on a management route: the account's `standard_key_status` (403 unless set to 401) and
  "Only management keys can perform this operation";
- a management key asking for a completion: 403 "Management keys cannot be used for completions".
"""

from starlette.requests import Request

from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.records import Key
from sandbox.openrouter.store import Account, Store


def bearer(header: str) -> str | None:
    """Return the token of an Authorization header, or None."""
    scheme, _, token = header.partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def store_of(request: Request) -> Store:
    """Return the simulator's state."""
    store = request.app.state.store
    if not isinstance(store, Store):
        raise TypeError("the application was made without a store")
    return store


def caller(request: Request) -> tuple[Account, Key | None]:
    """Return who calls, with the key if it is a standard one; raise ApiError for a credential that can't."""
    credential = bearer(request.headers.get("authorization", ""))
    if credential is None:
        raise ApiError(401, "No auth credentials found")
    holder = store_of(request).holder_of(credential)
    if holder is None:
        raise ApiError(401, "User not found.")
    account, key = holder
    if key and key.disabled and account.settings.disabled_key_status == 403:
        raise ApiError(403, "API key is disabled")
    if key and (key.disabled or key.expired(account.now())):
        raise ApiError(401, "User not found.")
    return holder


def manager(request: Request) -> Account:
    """Return the account of a management key; raise ApiError for any other credential."""
    account, key = caller(request)
    if key is not None:
        raise ApiError(account.settings.standard_key_status, "Only management keys can perform this operation")
    return account


def spender(request: Request) -> tuple[Account, Key]:
    """Return the account and the standard key that asks for a completion; a management key is refused."""
    account, key = caller(request)
    if key is None:
        raise ApiError(403, "Management keys cannot be used for completions")
    return account, key
