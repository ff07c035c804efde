"""What a timeline stands on: an account and a secret of its own, looked at without the API."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from sandbox.aws.client import AwsControl
from sandbox.openrouter import Control
from sandbox.openrouter.client import NO_TLS
from sandbox.openrouter.store import Account

Record = dict[str, Any]
USAGE = ("usage", "limit_remaining", "last_used_at", "byok_usage", "updated_at")


@dataclass(frozen=True)
class Ground:
    """One account of the simulator, and the AWS server.

    Attributes:
        account: the simulator's own object.
        control: its control endpoint.
        aws: a client of Secrets Manager that tries once.
        faults: plans AWS's faults.
        name: the timeline's own, in names of secrets.
    """

    account: Account
    control: Control
    aws: Any
    faults: AwsControl
    name: str

    def make_secret(self, service: str) -> str:
        """Return the ARN of a new, empty secret."""
        return str(self.aws.create_secret(Name=f"{self.name}/{service}/openrouter")["ARN"])

    def set_time(self, now: datetime) -> None:
        """Set the API's clock."""
        self.account.settings = self.account.settings.model_copy(update={"now": now})

    def live(self) -> dict[str, Record]:
        """Return the records of the keys that exist, by hash."""
        return {key.hash: self.account.record(key) for key in list(self.account.keys.values())}

    def settings_of_keys(self) -> dict[str, Record]:
        """Return of each key that exists what somebody may have set; not its usage, which time alone changes."""
        kept = self.live().items()
        return {
            hash_: {name: value for name, value in record.items() if not name.startswith(USAGE)}
            for hash_, record in kept
        }

    def hash_of(self, value: str | None) -> str | None:
        """Return the hash of a key that the account ever issued, by its value."""
        return next((hash_ for hash_, issued in self.account.issued.items() if issued == value), None)

    def authenticates(self, hash_: str) -> bool:
        """Whether the API accepts the key."""
        headers = {"Authorization": f"Bearer {self.account.issued[hash_]}"}
        with httpx.Client(verify=NO_TLS, trust_env=False) as http:
            return http.get(f"{self.control.url}/key", headers=headers).status_code == httpx.codes.OK
