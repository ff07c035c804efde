"""The sandbox starts, is described, is found broken, and stops without a trace."""

import os
import shlex
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sandbox import lifecycle, plugin
from sandbox.environment import CREDENTIALS, PROJECT_ROOT, export_lines
from sandbox.errors import SandboxError
from sandbox.lifecycle import Sandbox
from sandbox.processes import ProcessIdentity, running_with_argument, start_time
from sandbox.services import SERVICES, Service

NAMES = {
    "PATH",
    "PULUMI_HOME",
    "PULUMI_BACKEND_URL",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION",
    "PULUMI_SKIP_UPDATE_CHECK",
    "PULUMI_PYTHON_CMD",
    "OPENROUTER_BASE_URL",
    "OPENROUTER_MANAGEMENT_KEY",
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Start a sandbox in a folder whose name needs quoting."""
    with Sandbox(tmp_path_factory.mktemp("sandbox") / "it's here") as sandbox:
        yield sandbox


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the plugin out, where a test is about processes only."""
    monkeypatch.setattr(plugin, "install", lambda *_: None)


def run(*words: str, directory: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in an environment without any of the sandbox's variables."""
    environment = {name: value for name, value in os.environ.items() if name not in NAMES - {"PATH"}}
    return subprocess.run(
        [sys.executable, "-m", "sandbox", *words, "--dir", str(directory)],
        cwd=PROJECT_ROOT,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def exports(text: str) -> dict[str, str]:
    """Read export lines as a shell does."""
    words = [shlex.split(line) for line in text.splitlines()]
    assert all(line[0] == "export" and len(line) == 2 for line in words)
    return dict(line[1].split("=", 1) for line in words)


def test_env_prints_the_whole_environment(running: Sandbox) -> None:
    """`env` prints every variable that plain pulumi commands need, as a shell reads it."""
    answer = run("env", directory=running.directory)
    assert answer.returncode == 0, answer.stderr
    values = exports(answer.stdout)
    assert set(values) == NAMES
    assert values["OPENROUTER_BASE_URL"] == running.simulator_url
    assert values["PULUMI_HOME"] == running.environment()["PULUMI_HOME"]


def test_callers_variable_wins(running: Sandbox) -> None:
    """A variable that the caller has set stays, and a credential of the caller isn't repeated; PATH is prepended."""
    mine = {"AWS_REGION": "eu-west-1", "OPENROUTER_MANAGEMENT_KEY": "canary"}
    answer = run("env", directory=running.directory, **mine)
    values = exports(answer.stdout)
    assert values["AWS_REGION"] == "eu-west-1"
    assert "OPENROUTER_MANAGEMENT_KEY" not in values
    assert "canary" not in answer.stdout + answer.stderr
    assert values["PATH"].endswith(os.environ["PATH"].rsplit(os.pathsep, 1)[-1])
    assert str(Path(sys.executable).parent) in values["PATH"].split(os.pathsep)[:2]


def test_empty_passphrase_of_the_caller_wins() -> None:
    """An empty passphrase is a passphrase; another empty variable is none."""
    variables = {"PULUMI_CONFIG_PASSPHRASE": "theirs", "AWS_REGION": "here"}
    empty = dict.fromkeys(variables, "")
    assert export_lines(variables, empty) == ["export AWS_REGION=here"]
    assert "PULUMI_CONFIG_PASSPHRASE" in CREDENTIALS


def test_both_services_answer(running: Sandbox) -> None:
    """The simulator takes the created management key, and AWS answers."""
    authorization = {"authorization": f"Bearer {running.management_key}"}
    with httpx.Client(trust_env=False, timeout=5) as client:
        assert client.get(f"{running.simulator_url}/keys", headers=authorization).status_code == 200
        assert client.get(running.aws_endpoint).status_code == 200


def test_plugin_is_where_the_engine_looks(running: Sandbox) -> None:
    """The plugin is installed into the private home and starts from there, in any folder."""
    (launcher,) = Path(running.environment()["PULUMI_HOME"]).glob("plugins/resource-aws-v*/pulumi-resource-aws")
    process = subprocess.Popen([launcher, "engine"], cwd="/", stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_second_up_is_idempotent(running: Sandbox) -> None:
    """A second `up` leaves a healthy sandbox as it is and says so."""
    before = (running.process_ids(), running.management_key)
    answer = run("up", directory=running.directory)
    assert (answer.returncode, answer.stdout.splitlines()[0]) == (0, "The sandbox is up already.")
    assert (running.process_ids(), running.management_key) == before


def test_key_stays_private(running: Sandbox) -> None:
    """The state file is its owner's only, and the key is in no process's arguments."""
    mode = (running.directory / "state.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    for pid in running.process_ids().values():
        assert running.management_key.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_a_store_is_opened_when_it_is_asked_for(tmp_path: Path) -> None:
    """A sandbox has AWS alone; a store that is opened has a server, a plugin and variables, and goes with it."""
    with Sandbox(tmp_path / "box") as sandbox:
        assert (sandbox.stores(), set(sandbox.environment())) == ([], NAMES)
        assert run("up", "--store", "vault", directory=sandbox.directory).returncode == 0
        assert sandbox.stores() == ["vault"]
        assert sandbox.open_store("vault") is False
        values = exports(run("env", directory=sandbox.directory).stdout)
        assert set(values) == NAMES | {"VAULT_ADDR", "VAULT_TOKEN"}
        assert list(sandbox.directory.glob("pulumi-home/plugins/resource-vault-v*/pulumi-resource-vault"))
        pid = sandbox.process_ids()["vault"]
        os.kill(pid, signal.SIGKILL)
        assert "Vault has died" in str(sandbox.trouble())
    with pytest.raises(SandboxError, match="no store azure: choose of gcp, vault, kubernetes"):
        sandbox.open_store("azure")


@pytest.mark.usefixtures("bare")
def test_died_process_is_noticed_and_replaced(tmp_path: Path) -> None:
    """A dead service is one line with the fix, `env` exits 1, and `up` starts anew."""
    directory = tmp_path / "box"
    with Sandbox(directory) as sandbox:
        old = sandbox.process_ids()
        os.kill(old["aws"], signal.SIGKILL)
        answer = run("env", directory=directory)
        assert (answer.returncode, answer.stdout) == (1, "")
        assert answer.stderr == "error: the sandbox's AWS server has died: run `python -m sandbox up` to start anew\n"
        assert sandbox.up() is True
        assert sandbox.trouble() is None
        assert start_time(old["simulator"]) is None


def test_down_leaves_nothing(tmp_path: Path) -> None:
    """`down` without a sandbox is no error; with one it ends both processes and removes the folder."""
    directory = tmp_path / "box"
    assert run("down", directory=directory).returncode == 0
    assert run("env", directory=directory).returncode == 1
    assert run("up", directory=directory).returncode == 0
    ids = Sandbox(directory).process_ids()
    assert run("down", directory=directory).returncode == 0
    assert not directory.exists()
    assert set(ids) == {service.name for service in SERVICES}
    assert {start_time(pid) for pid in ids.values()} == {None}


@pytest.mark.usefixtures("bare")
def test_failed_start_stops_what_had_started(tmp_path: Path) -> None:
    """A service that ends while starting is one line with its last words, and nothing keeps running."""
    directory = tmp_path / "box"
    broken = Service("broken", "broken service", "sandbox.no_such_module", "/")
    with pytest.raises(SandboxError, match=r"broken service ended while starting: .*No module named"):
        Sandbox(directory, (*SERVICES[1:], broken)).up()
    assert not directory.exists()
    assert running_with_argument(str(directory / "ports" / "aws")) == []


def test_killed_start_is_cleaned_up(tmp_path: Path) -> None:
    """A process that no record names, because `up` was killed, is stopped by `down`."""
    directory = tmp_path / "box"
    sandbox = Sandbox(directory)
    for name in ("logs", "ports"):
        (directory / name).mkdir(parents=True)
    (directory / lifecycle.MARKER).touch()
    started = SERVICES[1].start(sandbox.directory, dict(os.environ))
    assert started.process.is_running()
    assert sandbox.trouble() is not None
    assert sandbox.down() is True
    assert not started.process.is_running()


def test_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    """A folder with somebody's files is neither taken by `up` nor removed by `down`."""
    (tmp_path / "precious").touch()
    with pytest.raises(SandboxError, match="isn't empty"):
        Sandbox(tmp_path).up()
    assert Sandbox(tmp_path).down() is False
    assert (tmp_path / "precious").exists()


def test_reused_process_id_is_spared() -> None:
    """A process that has only the id of a recorded one isn't stopped."""
    stranger = ProcessIdentity(os.getpid(), "another time")
    assert not stranger.is_running()
    stranger.stop()
