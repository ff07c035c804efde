"""The sandbox's background services: how each is started, found ready, and stopped."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from sandbox import processes
from sandbox.environment import PROJECT_ROOT
from sandbox.errors import SandboxError
from sandbox.record import ServiceRecord

START_SECONDS = 40.0
_POLL_SECONDS = 0.05
_ANSWER_SECONDS = 3.0


@dataclass(frozen=True)
class Service:
    """A Python module that serves HTTP on a free port and writes that port to a file.

    Args:
        name: what the service is called in files.
        title: what people call it.
        module: run as `python -m module --port 0 --port-file FILE`.
        health_path: answers 200 once the service works.
    """

    name: str
    title: str
    module: str
    health_path: str

    def start(self, directory: Path, environment: dict[str, str]) -> ServiceRecord:
        """Start the service's process without waiting for it."""
        process = processes.start(
            self.module,
            ["--port", "0", "--port-file", str(self._port_file(directory))],
            root=PROJECT_ROOT,
            log=self._log(directory),
            environment=environment,
        )
        return ServiceRecord(process)

    def wait(self, directory: Path, started: ServiceRecord) -> ServiceRecord:
        """Return the record with its port once the service answers; SandboxError when it doesn't."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            port = self._port(directory)
            if port is not None and self.answers(port):
                return replace(started, port=port)
            if not started.process.is_running():
                raise SandboxError(f"the sandbox's {self.title} ended while starting: {self._last_words(directory)}")
            time.sleep(_POLL_SECONDS)
        raise SandboxError(f"the sandbox's {self.title} didn't answer within {START_SECONDS:.0f} s: try again")

    def answers(self, port: int) -> bool:
        """Say whether the service on this port is well."""
        try:
            with httpx.Client(trust_env=False, timeout=_ANSWER_SECONDS) as client:
                return client.get(f"http://127.0.0.1:{port}{self.health_path}").status_code == 200
        except httpx.HTTPError:
            return False

    def stop_strays(self, directory: Path) -> None:
        """Stop processes of this folder that no record names, left by a start that was killed."""
        for process in processes.running_with_argument(str(self._port_file(directory))):
            process.stop()

    def _port_file(self, directory: Path) -> Path:
        return directory / "ports" / self.name

    def _log(self, directory: Path) -> Path:
        return directory / "logs" / f"{self.name}.log"

    def _port(self, directory: Path) -> int | None:
        try:
            return int(self._port_file(directory).read_text())
        except (OSError, ValueError):
            return None

    def _last_words(self, directory: Path) -> str:
        lines = self._log(directory).read_text(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


@dataclass(frozen=True)
class PluginService(Service):
    """Forks the stand-in plugins; where it doesn't run, each starts by itself, only later."""

    def start(self, directory: Path, environment: dict[str, str]) -> ServiceRecord:
        """Start the process without waiting for it."""
        arguments = ["--socket", str(socket_of(directory)), *_PLUGINS]
        process = processes.start(
            self.module, arguments, root=PROJECT_ROOT, log=self._log(directory), environment=environment
        )
        return ServiceRecord(process, port=0)

    def wait(self, directory: Path, started: ServiceRecord) -> ServiceRecord:
        """Return the record: nothing waits for this service."""
        del directory
        return started

    def answers(self, port: int) -> bool:
        """Return true: it answers no HTTP."""
        del port
        return True

    def stop_strays(self, directory: Path) -> None:
        """Stop processes of this folder that no record names."""
        for process in processes.running_with_argument(str(socket_of(directory))):
            process.stop()


def socket_of(directory: Path) -> Path:
    """Return where a sandbox's plugins are asked for."""
    return directory / "plugins.socket"


_PLUGINS = tuple(f"sandbox.{name}_plugin.plugin" for name in ("aws", "gcp", "vault", "kubernetes"))
PLUGIN_SERVICE = PluginService("plugins", "plugins", "sandbox.plugins.forking", "")
SERVICES: tuple[Service, ...] = (
    Service("simulator", "OpenRouter simulator", "sandbox.openrouter", "/_sandbox/health"),
    Service("aws", "AWS server", "sandbox.aws", "/moto-api/data.json"),
    PLUGIN_SERVICE,
)
STORE_SERVICES: dict[str, Service] = {
    "gcp": Service("gcp", "Google Secret Manager", "sandbox.gcp", "/_health"),
    "vault": Service("vault", "Vault", "sandbox.vault", "/v1/sys/health"),
    "kubernetes": Service("kubernetes", "Kubernetes", "sandbox.kubernetes", "/readyz"),
}
"""The secret stores that a sandbox has only when it is asked for them, by their names."""
