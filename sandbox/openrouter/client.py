"""How a test talks to the control endpoint."""

import ssl
from types import TracebackType
from typing import Any, Self

import httpx

from sandbox.openrouter.client_items import ItemControl, Record

# Trusts nobody, needs no certificates read from disk: the simulator speaks plain HTTP on loopback.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class ControlError(Exception):
    """The control endpoint refused; the message is its own."""


class Control(ItemControl):
    """Steers one account of a running simulator."""

    def __init__(
        self, control_url: str, management_key: str, *, account_id: str = "", default_workspace_id: str = ""
    ) -> None:
        self.control_url = control_url
        self.management_key = management_key
        self.account_id = account_id
        self.default_workspace_id = default_workspace_id
        headers = {"authorization": f"Bearer {management_key}"}
        self._http = httpx.Client(base_url=control_url, headers=headers, timeout=10, trust_env=False, verify=NO_TLS)

    @classmethod
    def open_account(cls, control_url: str) -> "Control":
        """Open an account of its own on a running simulator."""
        answer = httpx.post(f"{control_url}/accounts", timeout=10, trust_env=False, verify=NO_TLS)
        answer.raise_for_status()
        facts = answer.json()
        return cls(control_url, facts.pop("management_key"), **facts)

    @property
    def url(self) -> str:
        """Return the base URL of the API beside the control endpoint."""
        return self.control_url.removesuffix("/_sandbox") + "/api/v1"

    def configure(self, **settings: Any) -> Record:
        """Change settings of the account (see `settings.Settings`); those not named stay."""
        return self._object("PUT", "/settings", settings)

    def settings(self) -> Record:
        """Return the account's settings."""
        return self._object("GET", "/settings")

    def fault(self, operation: str, kind: str, **options: Any) -> Record:
        """Plan a fault (see `faults.Fault`)."""
        return self._object("POST", "/faults", {"operation": operation, "kind": kind, **options})

    def faults(self) -> list[Record]:
        """Return the planned faults; `fired` counts the calls each has spoiled."""
        return self._array("GET", "/faults")

    def clear_faults(self) -> None:
        """Forget every planned fault."""
        self._request("DELETE", "/faults")

    def calls(self, operation: str | None = None) -> list[Record]:
        """Return the calls of the account in order, all or those of one operation."""
        return [call for call in self._array("GET", "/calls") if operation in {None, call["operation"]}]

    def clear_calls(self) -> None:
        """Forget the calls made so far."""
        self._request("DELETE", "/calls")

    def stats(self) -> Record:
        """Return `max_concurrent` and the counts `by_operation`."""
        return self._object("GET", "/stats")

    def keys(self) -> list[Record]:
        """Return the record of every live key in every workspace, disabled ones too."""
        return self._array("GET", "/keys")

    def named(self, name: str) -> list[Record]:
        """Return the live keys of exactly this name."""
        return [key for key in self.keys() if key["name"] == name]

    def create_key(self, **fields: Any) -> tuple[Record, str]:
        """Create a key out of band; return its record and its value."""
        made = self._object("POST", "/keys", fields)
        return made["data"], made["key"]

    def edit_key(self, key_hash: str, **fields: Any) -> Record:
        """Set any fields of a key out of band, usage counters included; return its record."""
        edited: Record = self._object("PATCH", f"/keys/{key_hash}", fields)["data"]
        return edited

    def delete_key(self, key_hash: str) -> None:
        """Delete a key out of band."""
        self._request("DELETE", f"/keys/{key_hash}")

    def secrets(self) -> Record:
        """Return every credential the account ever had.

        `management_key`; `keys`, the value of every key ever issued by its hash; `provider_keys`, the values of other
        vendors' keys that were ever sent.
        """
        return self._object("GET", "/secrets")

    def all_secrets(self) -> list[str]:
        """Return every credential of the account in one list."""
        known = self.secrets()
        return [known["management_key"], *known["keys"].values(), *known["provider_keys"]]

    def health(self) -> Record:
        """Return the simulator's own word that it is up."""
        return self._object("GET", "/health")

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _request(self, method: str, path: str, body: Record | None = None) -> Any:
        answer = self._http.request(method, path, json=body)
        if answer.is_error:
            raise ControlError(f"{method} {path}: {answer.status_code} {answer.json()['error']['message']}")
        return answer.json()
