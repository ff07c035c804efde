"""Stand-in plugins are forked where the sandbox runs, start by themselves where it doesn't, and end with the engine."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grpc  # type: ignore[import-untyped]  # it has no types here
import pytest
from google.protobuf import empty_pb2  # type: ignore[import-untyped]  # no types are installed
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from sandbox.environment import PROJECT_ROOT
from sandbox.plugin import write_launcher
from sandbox.processes import running_with_argument, start_time
from sandbox.services import PLUGIN_SERVICE, socket_of

PATIENCE_SECONDS = 30


@pytest.fixture(scope="module")
def forking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a sandbox of which the plugin service alone runs."""
    directory = tmp_path_factory.mktemp("plugins")
    (directory / "logs").mkdir()
    process = PLUGIN_SERVICE.start(directory, dict(os.environ)).process
    until(socket_of(directory).exists)
    yield directory
    process.stop()


def until(true: object) -> None:
    """Wait until a function returns something true."""
    assert callable(true)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def launched(directory: Path, folder: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start the AWS plugin as the engine does."""
    launcher = write_launcher(directory, folder / "launcher", "aws")
    return subprocess.Popen([launcher], cwd=folder, env={**os.environ, **environment}, stdout=subprocess.PIPE)


def served(process: subprocess.Popen[bytes]) -> bool:
    """Whether a plugin serves on the port that it says."""
    assert process.stdout is not None
    with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
        answer = ResourceProviderStub(channel).GetPluginInfo(empty_pb2.Empty(), timeout=PATIENCE_SECONDS)
    return bool(answer.version)


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has forked."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in listed.split()]


def service_pid(directory: Path) -> int:
    """Return the process of the plugin service, which is older than what it forks."""
    return min(process.pid for process in running_with_argument(str(socket_of(directory))))


@pytest.mark.parametrize("ended_by", ["kill", "terminate"])
def test_plugin_ends_with_its_launcher(forking: Path, tmp_path: Path, ended_by: str) -> None:
    """A forked plugin serves, and is gone when whoever started it kills or ends what it started."""
    with launched(forking, tmp_path) as process:
        assert served(process)
        (plugin,) = children_of(service_pid(forking))
        getattr(process, ended_by)()
    until(lambda: start_time(plugin) is None)


def test_plugin_ends_with_a_killed_engine(forking: Path, tmp_path: Path) -> None:
    """An engine that is killed leaves no plugin behind, though nobody told its launcher to end."""
    launcher = write_launcher(forking, tmp_path / "launcher", "aws")
    engine = ["sh", "-c", f"{shlex.quote(str(launcher))} & wait"]
    with subprocess.Popen(engine, cwd=tmp_path, stdout=subprocess.PIPE) as process:
        assert served(process)
        (plugin,) = children_of(service_pid(forking))
        process.kill()
    until(lambda: start_time(plugin) is None)


def test_launcher_ends_with_its_plugin(forking: Path, tmp_path: Path) -> None:
    """A plugin that dies is seen to have died by whoever started it."""
    with launched(forking, tmp_path) as process:
        assert served(process)
        (plugin,) = children_of(service_pid(forking))
        os.kill(plugin, 9)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_forked_plugin_is_in_the_place_of_its_launcher(forking: Path, tmp_path: Path) -> None:
    """It runs in the launcher's folder, with the launcher's variables and no others."""
    with launched(forking, tmp_path) as process:
        assert served(process)
        (plugin,) = children_of(service_pid(forking))
        assert Path(f"/proc/{plugin}/cwd").readlink() == tmp_path
        process.kill()


def test_without_the_service_a_plugin_starts_by_itself(tmp_path: Path) -> None:
    """Where no service runs, the launcher becomes the plugin."""
    with launched(tmp_path / "nowhere", tmp_path) as process:
        assert served(process)
        process.kill()


def test_launcher_imports_little(tmp_path: Path) -> None:
    """Nothing slow is imported by what the engine starts: neither site-packages nor pathlib."""
    script = PROJECT_ROOT / "sandbox" / "plugins" / "launching.py"
    listed = subprocess.run(
        [sys.executable, "-I", "-S", "-X", "importtime", "-c", f"exec(open({str(script)!r}).read().split('def ')[0])"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    imported = {line.rpartition("|")[2].strip() for line in listed.stderr.splitlines()}
    assert "json" in imported
    assert not imported & {"pathlib", "grpc", "asyncio"}
