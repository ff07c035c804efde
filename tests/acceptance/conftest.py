"""Real OpenRouter and real AWS: switched on by a variable, with names of their own, and swept up afterwards."""

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import boto3
import pytest

from openrouter_provider.api.client import DEFAULT_BASE_URL, ManagementClient
from openrouter_provider.api.errors import NotFound
from openrouter_provider.api.models import KeyRecord
from sandbox.openrouter import Control
from tests.harness import ROOT, Stack

SWITCH = "OPENROUTER_KEYS_ACCEPTANCE"
FOLDER = "openrouter-keys-acceptance"
LEFT_OVER_AFTER = timedelta(hours=1)
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is in this folder unless it was asked for."""
    if os.environ.get(SWITCH) == "1":
        return
    skip = pytest.mark.skip(reason=f"creates real keys and secrets: run {SWITCH}=1 make acceptance")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(skip)


@dataclass
class Account:
    """The real accounts, in the two ways the tests need them: what is there, and what is to go."""

    client: ManagementClient
    secretsmanager: Any

    def records(self, prefix: str) -> list[KeyRecord]:
        """Return the keys under a prefix."""
        return [record for record in self.client.list_keys() if record.name.startswith(prefix)]

    def keys(self) -> list[dict[str, Any]]:
        """Return the keys of all acceptance runs as the simulator's control would."""
        return [
            {"hash": record.hash, "name": record.name, "limit": record.limit, "disabled": record.disabled}
            for record in self.records(f"{FOLDER}/")
        ]

    def is_gone(self, hash_: str) -> bool:
        """Whether the API answers 404 for a key."""
        try:
            self.client.get_key(hash_)
        except NotFound:
            return True
        return False

    def sweep(self, prefix: str, before: datetime) -> None:
        """Delete the keys and secrets under a prefix that are older than an instant, and prove each key's deletion."""
        for record in self.records(prefix):
            if record.created_at < before:
                self.client.delete_key(record.hash)
                assert self.is_gone(record.hash), f"key {record.name} was deleted and is still there"
        filters = [{"Key": "name", "Values": [prefix]}]
        for page in self.secretsmanager.get_paginator("list_secrets").paginate(Filters=filters):
            for secret in page["SecretList"]:
                if secret["CreatedDate"] < before:
                    self.secretsmanager.delete_secret(SecretId=secret["ARN"], ForceDeleteWithoutRecovery=True)


class RealStack(Stack):
    """A stack on the real accounts; its state is in its own folder, and its keys are under its own prefix."""

    @property
    def prefix(self) -> str:
        """The prefix of this stack's key and secret names."""
        return f"{FOLDER}/{self.name}"

    def write_config(self, config: Mapping[str, Any]) -> None:
        """Write the stack's config, in the region of the credentials."""
        super().write_config({**config, "aws:region": self.environment["AWS_REGION"]})

    def aws(self, service: str = "secretsmanager") -> Any:
        """Return a boto3 client with the caller's credentials."""
        return boto3.client(service, region_name=self.environment["AWS_REGION"])  # type: ignore[call-overload]  # the service's name is an argument


def _missing(session: boto3.session.Session) -> list[str]:
    wanted = {
        "OPENROUTER_MANAGEMENT_KEY": os.environ.get("OPENROUTER_MANAGEMENT_KEY"),
        "AWS credentials": session.get_credentials(),
        "AWS_REGION": session.region_name,
        "pulumi on PATH": shutil.which("pulumi"),
    }
    return [name for name, value in wanted.items() if not value]


@pytest.fixture(scope="session")
def account() -> Iterator[Account]:
    """The real accounts, swept of what an earlier run left; without credentials the run ends with one line."""
    session = boto3.session.Session()
    if missing := _missing(session):
        pytest.exit(f"acceptance tests need {', '.join(missing)} (.env.example has the variables)", returncode=1)
    base_url = os.environ.get("OPENROUTER_BASE_URL") or DEFAULT_BASE_URL
    with ManagementClient(os.environ["OPENROUTER_MANAGEMENT_KEY"], base_url=base_url) as client:
        found = Account(client, session.client("secretsmanager"))
        found.sweep(f"{FOLDER}/", datetime.now(UTC) - LEFT_OVER_AFTER)
        yield found


@pytest.fixture
def stack(account: Account, tmp_path: Path) -> Iterator[RealStack]:
    """A new, empty stack; whatever a test leaves of it is deleted, key by key."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "state").mkdir()
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    region = boto3.session.Session().region_name
    ours = {
        "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": secrets.token_hex(16),
        "OPENROUTER_BASE_URL": account.client.base_url,
        "AWS_REGION": region,
    }
    # The harness only ever asks the control for its keys, which the account answers.
    real = RealStack(folder, {**os.environ, **ours}, cast(Control, account))
    real.configure({})
    real.run("pulumi", "stack", "init", real.name, "--no-select")
    try:
        yield real
        real.destroy()
    finally:
        account.sweep(f"{real.prefix}/", datetime.max.replace(tzinfo=UTC))
