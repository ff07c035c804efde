"""One Pulumi project of a test's own, run by the real CLI against the sandbox."""

import json
import re
import shutil
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import yaml

from openrouter_provider.stores.payload import key_in
from sandbox.aws_plugin.cloud import RETRY_SECONDS_VARIABLE
from sandbox.demo import host_environment
from sandbox.lifecycle import Sandbox
from sandbox.openrouter import Control
from tests.asked_once import initialise, spared
from tests.clients import aws_client, http_client

ROOT = Path(__file__).resolve().parent.parent
PLAINTEXT = re.compile(r"sk-or-v1-[0-9a-f]{8,}")
VIOLATED_EXPECTATION = 7
COMMAND_TIMEOUT_SECONDS = 300
PAUSE_SECONDS = 0.04
"""Between two looks at a service's key: with one that takes some milliseconds, about twenty a second."""
NO_AWS = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1", "SANDBOX_AWS_MAX_ATTEMPTS": "1"}
"""An environment in which AWS is away, and its plugin does not wait for it."""


@dataclass(frozen=True)
class Run:
    """One finished command: its exit code and everything it printed."""

    arguments: list[str]
    code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """What it printed, on either stream."""
        return self.stdout + self.stderr

    def __str__(self) -> str:
        return f"$ {' '.join(self.arguments)}\nexit code {self.code}\n{self.output}"


@dataclass
class Stack:
    """A stack with its own project folder, its own OpenRouter account and its own name prefix in AWS."""

    folder: Path
    environment: dict[str, str]
    control: Control
    name: str = field(default_factory=lambda: f"t{uuid.uuid4().hex[:8]}")
    now: str | None = None
    providers: dict[str, str] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """The prefix of this stack's key and secret names."""
        return f"acme/{self.name}"

    @property
    def backend(self) -> Path:
        """The folder of the file backend that holds this stack's state, history and backups."""
        return Path(self.environment["PULUMI_BACKEND_URL"].removeprefix("file://"))

    @property
    def config_file(self) -> Path:
        """The stack's own file in the project."""
        return self.folder / f"Pulumi.{self.name}.yaml"

    def configure(self, services: Mapping[str, Any], **settings: Any) -> None:
        """Write the stack's config: the services, and other settings of the project."""
        ours = {"namePrefix": self.prefix, "defaults": {"recoveryWindowInDays": 0}} | settings
        config = {f"openrouter-keys:{name}": value for name, value in ours.items() if value is not None}
        own = {"aws:region": "us-east-1", **self.providers, **config, "openrouter-keys:services": dict(services)}
        self.write_config(own)

    def write_config(self, config: Mapping[str, Any]) -> None:
        """Write the stack's config file, keeping its encryption salt."""
        path = self.config_file
        kept = yaml.safe_load(path.read_text()) if path.exists() else {}
        kept["config"] = dict(config)
        path.write_text(yaml.safe_dump(kept))

    def command_environment(self) -> dict[str, str]:
        """Return the environment of a command, with the clock that the test set."""
        moment = {"OPENROUTER_KEYS_NOW": self.now} if self.now else {}
        return {**self.environment, **moment}

    def run(self, *arguments: str, check: bool = True, **variables: str) -> Run:
        """Run a command in the project's folder; by default an unexpected failure shows everything it printed."""
        environment = {**self.command_environment(), **variables}
        finished = subprocess.run(
            arguments,
            cwd=self.folder,
            env=environment,
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=COMMAND_TIMEOUT_SECONDS,
        )
        run = Run(list(arguments), finished.returncode, finished.stdout, finished.stderr)
        assert not PLAINTEXT.search(run.output), f"a key in the clear in the output of {' '.join(arguments)}"
        if check and run.code:
            raise AssertionError(str(run))
        return run

    def pulumi(self, *arguments: str, check: bool = True, **variables: str) -> Run:
        """Run pulumi for this stack."""
        return self.run("pulumi", *arguments, "--stack", self.name, "--non-interactive", check=check, **variables)

    def up(self, *arguments: str, check: bool = True, **variables: str) -> Run:
        """Deploy."""
        return self.pulumi("up", "--yes", "--skip-preview", *arguments, check=check, **variables)

    def drifted(self) -> bool:
        """Whether a read-only refresh preview finds anything to change."""
        run = self.pulumi("preview", "--refresh", "--expect-no-changes", "--diff", check=False)
        if run.code not in (0, VIOLATED_EXPECTATION):
            raise AssertionError(str(run))
        return run.code == VIOLATED_EXPECTATION

    def destroy(self) -> Run:
        """Destroy everything."""
        return self.pulumi("destroy", "--yes", "--skip-preview")

    def export(self) -> dict[str, Any]:
        """Return the state as `pulumi stack export` gives it: secrets encrypted."""
        exported: dict[str, Any] = json.loads(self.pulumi("stack", "export").stdout)
        return exported

    def resources(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the state's resources of a type token's last part, by logical name."""
        resources = self.export()["deployment"].get("resources", [])
        return {r["urn"].rpartition("::")[2]: r for r in resources if r["type"].rpartition(":")[2] == kind}

    def services(self) -> dict[str, dict[str, Any]]:
        """Return the stack's output `services`."""
        outputs: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json").stdout)
        services: dict[str, dict[str, Any]] = outputs["services"]
        return services

    def aws(self, service: str = "secretsmanager") -> Any:
        """Return a boto3 client of the sandbox."""
        variables = self.environment
        credentials = variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]
        return aws_client(service, variables["AWS_ENDPOINT_URL"], variables["AWS_REGION"], *credentials)

    def secret_name(self, service: str) -> str:
        """Return the name of a service's secret."""
        return f"{self.prefix}/{service}/openrouter"

    def secret_text(self, service: str) -> str:
        """Return what the service would read."""
        value: str = self.aws().get_secret_value(SecretId=self.secret_name(service))["SecretString"]
        return value

    def secret_names(self) -> list[str]:
        """Return the names of this stack's secrets."""
        filters = [{"Key": "name", "Values": [f"{self.prefix}/"]}]
        pages = self.aws().get_paginator("list_secrets").paginate(Filters=filters)
        return [secret["Name"] for page in pages for secret in page["SecretList"]]

    def authenticates(self, service: str) -> bool:
        """Whether the key in the service's secret is accepted by the API."""
        return self.accepted(self.secret_text(service))

    def accepted(self, text: str) -> bool:
        """Whether the key in a secret's text is accepted by the API."""
        headers = {"Authorization": f"Bearer {key_in(text)}"}
        answer = http_client().get(f"{self.environment['OPENROUTER_BASE_URL']}/key", headers=headers)
        return answer.status_code == httpx.codes.OK

    def works(self, service: str) -> bool:
        """Whether the service has a secret, and the key in it is accepted by the API."""
        try:
            return self.authenticates(service)
        except self.aws().exceptions.ResourceNotFoundException:
            return False

    def live(self, service: str) -> list[dict[str, Any]]:
        """Return the service's keys that exist on OpenRouter, whatever state they are in."""
        records = self.control.keys()
        return [record for record in records if record["name"].startswith(f"{self.prefix}/{service}-")]

    @contextmanager
    def watching(self, service: str, read: Callable[[str], str] | None = None) -> Iterator[list[str]]:
        """Read and try the service's key again and again; yield the list of failures, which must stay empty.

        Args:
            service: its name.
            read: returns what the service would read; default: its secret in AWS.
        """
        read = read or self.secret_text
        failures: list[str] = []
        looks: list[float] = []
        done = threading.Event()

        def watch() -> None:
            while not done.is_set():
                look()
                looks.append(time.monotonic())
                done.wait(PAUSE_SECONDS)

        def look() -> None:
            try:
                text = read(service)
                # A key that the secret held a moment ago may be refused by now; what it holds must not be.
                if not self.accepted(text) and text == read(service):
                    failures.append(f"{time.time():.3f}: the key in the secret of {service} was refused")
            except Exception as error:  # noqa: BLE001 - a secret that cannot be read is a failure too
                failures.append(f"{time.time():.3f}: {service}: {type(error).__name__}: {error}")

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield failures
        finally:
            done.set()
            thread.join()
            assert looks, "the watcher never looked"


def open_account(sandbox: Sandbox) -> Control:
    """Return a new account of the sandbox's API."""
    return Control.open_account(sandbox.simulator_url.replace("/api/v1", "/_sandbox"))


def open_stack(
    folder: Path, sandbox: Sandbox, *arguments: str, account: Control | None = None, **variables: str
) -> Stack:
    """Return a new, empty stack in a project folder of its own.

    Args:
        folder: the project's folder.
        sandbox: where it runs.
        arguments: more of those of `pulumi stack init`.
        account: where its keys live; default: an account of its own.
        variables: of the environment, over the sandbox's.
    """
    control = account or open_account(sandbox)
    environment = {**host_environment(), **sandbox.environment(), "OPENROUTER_MANAGEMENT_KEY": control.management_key}
    environment[RETRY_SECONDS_VARIABLE] = "1"
    folder.mkdir(parents=True, exist_ok=True)
    environment |= spared(folder) | variables
    if "PULUMI_BACKEND_URL" not in variables:
        # Of its own, as a project's is: commands look at every stack of the project.
        backend = folder.parent / f"{folder.name}.backend"
        backend.mkdir()
        environment["PULUMI_BACKEND_URL"] = f"file://{backend}"
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    stack = Stack(folder, environment, control)
    stack.configure({})
    init = partial(stack.run, "pulumi", "stack", "init", stack.name, "--no-select", *arguments)
    if arguments or variables:
        init()
    else:
        initialise(stack.name, stack.backend, stack.config_file, init)
    return stack
