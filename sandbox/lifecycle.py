"""Start, describe and stop a sandbox: an OpenRouter simulator, moto, and a private Pulumi home and backend."""

import os
import secrets
import shutil
from pathlib import Path
from typing import Self

from sandbox import plugin, record
from sandbox.environment import KUBECONFIG, sandbox_variables, store_variables
from sandbox.errors import SandboxError
from sandbox.kubernetes.kubeconfig import write_kubeconfig
from sandbox.lock import exclusive
from sandbox.record import SandboxRecord
from sandbox.services import SERVICES, STORE_SERVICES, Service

DEFAULT_DIRECTORY = Path(".sandbox")
MARKER = "this-folder-belongs-to-the-sandbox"
_KEY_PREFIX = "sk-or-v1-"


class Sandbox:
    """One sandbox in one folder; any number can run side by side.

    Args:
        directory: where the sandbox keeps everything; made when missing, removed by `down`.
        services: the background services, first started first.
    """

    def __init__(self, directory: Path = DEFAULT_DIRECTORY, services: tuple[Service, ...] = SERVICES) -> None:
        self.directory = directory.absolute()
        self._services = services

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def up(self) -> bool:
        """Start everything that a healthy sandbox has; False when one runs already.

        Raises:
            SandboxError: a part didn't start; whatever had started is stopped again.
        """
        with exclusive(self.directory):
            if self.trouble() is None:
                return False
            self._clear()
            self._claim()
            try:
                self._start()
            except BaseException:
                self._clear()
                raise
            return True

    def open_store(self, store: str) -> bool:
        """Start a secret store beside AWS in a sandbox that is up, with its plugin; False when it has it already.

        Args:
            store: gcp, vault or kubernetes.

        Raises:
            SandboxError: there is no such store, no sandbox, or the store didn't start.
        """
        if store not in STORE_SERVICES:
            raise SandboxError(f"the sandbox has no store {store}: choose of {', '.join(STORE_SERVICES)}")
        with exclusive(self.directory):
            state, service = self._record(), STORE_SERVICES[store]
            if store in state.services:
                return False
            started = service.start(self.directory, dict(os.environ))
            plugin.install(self.directory, self.directory / "pulumi-home", store)
            state.services[store] = service.wait(self.directory, started)
            if store == "kubernetes":
                write_kubeconfig(self.directory / KUBECONFIG, f"http://127.0.0.1:{state.services[store].port}")
            state.write(self._state_file)
            return True

    def stores(self) -> list[str]:
        """Return the names of the stores that were opened beside AWS."""
        return [name for name in self._record().services if name in STORE_SERVICES]

    def down(self) -> bool:
        """Stop the sandbox and remove its folder; False when there was none."""
        with exclusive(self.directory):
            return self._clear()

    def trouble(self) -> str | None:
        """Return why the sandbox can't be used and the fix, as one line; None when it is healthy."""
        written = record.read(self._state_file)
        if written is None:
            return "no sandbox runs here: start one with `python -m sandbox up`"
        fix = "run `python -m sandbox up` to start anew"
        if not written.ready:
            return f"the sandbox is only half started: {fix}"
        for service in (*self._services, *_opened(written)):
            known = written.services.get(service.name)
            if known is None or known.port is None or not known.process.is_running():
                return f"the sandbox's {service.title} has died: {fix}"
            if not service.answers(known.port):
                return f"the sandbox's {service.title} doesn't answer: {fix}"
        return None

    @property
    def management_key(self) -> str:
        """The management key that the simulator accepts."""
        return self._record().management_key

    @property
    def simulator_url(self) -> str:
        """The simulator's API base, without a slash at its end."""
        return f"{self._origin('simulator')}/api/v1"

    @property
    def aws_endpoint(self) -> str:
        """Moto's address."""
        return self._origin("aws")

    def environment(self) -> dict[str, str]:
        """Return the sandbox's own variables, PATH complete; the caller's aren't looked at."""
        variables = sandbox_variables(
            self.directory,
            simulator_url=self.simulator_url,
            management_key=self.management_key,
            aws_endpoint=self.aws_endpoint,
        )
        for store in self.stores():
            variables |= store_variables(store, self._origin(store), self.directory)
        return variables

    def process_ids(self) -> dict[str, int]:
        """Return the process id of each service."""
        return {name: service.process.pid for name, service in self._record().services.items()}

    @property
    def _state_file(self) -> Path:
        return self.directory / "state.json"

    def _record(self) -> SandboxRecord:
        written = record.read(self._state_file)
        if written is None or not written.ready:
            raise SandboxError(self.trouble() or "the sandbox was just started: ask again")
        return written

    def _origin(self, service: str) -> str:
        return f"http://127.0.0.1:{self._record().services[service].port}"

    def _claim(self) -> None:
        if self.directory.exists() and any(self.directory.iterdir()):
            raise SandboxError(f"{self.directory} isn't empty and isn't a sandbox's: choose another folder with --dir")
        for name in ("backend", "logs", "ports", "pulumi-home"):
            (self.directory / name).mkdir(parents=True, exist_ok=True)
            (self.directory / MARKER).touch()
        self.directory.chmod(0o700)

    def _start(self) -> None:
        state = SandboxRecord(management_key=_KEY_PREFIX + secrets.token_hex(32))
        environment = dict(os.environ) | {"OPENROUTER_SIMULATOR_MANAGEMENT_KEY": state.management_key}
        for service in self._services:
            state.services[service.name] = service.start(self.directory, environment)
            state.write(self._state_file)
        plugin.install(self.directory, self.directory / "pulumi-home")
        for service in self._services:
            state.services[service.name] = service.wait(self.directory, state.services[service.name])
        state.ready = True
        state.write(self._state_file)

    def _clear(self) -> bool:
        written = record.read(self._state_file)
        for known in written.services.values() if written else ():
            known.process.stop()
        for service in (*self._services, *STORE_SERVICES.values()):
            service.stop_strays(self.directory)
        if not (self.directory / MARKER).exists():
            return False
        shutil.rmtree(self.directory)
        return True


def _opened(written: SandboxRecord) -> list[Service]:
    return [service for name, service in STORE_SERVICES.items() if name in written.services]
