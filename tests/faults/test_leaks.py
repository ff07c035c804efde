"""Credentials are looked for, whole and in pieces, wherever a stack's life leaves text: output, files, processes."""

import base64
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote_to_bytes

import httpx
import pytest

from openrouter_provider.api import ConnectionFailed, ManagementClient
from openrouter_provider.api.retry import RetryPolicy
from sandbox.lifecycle import Sandbox
from tests.harness import Run, Stack, open_stack

# One life of a stack serves all tests: keep them in one process.
pytestmark = pytest.mark.xdist_group("leaks")

SERVICES = {"checkout": {"limit": 50, "rotation": {"every": "90d", "overlap": "7d"}}, "search": {"format": "plain"}}
DEFAULTS = {"recoveryWindowInDays": 0, "limit": 5}
START, DUE, AFTER_OVERLAP = "2027-01-01T00:00:00Z", "2027-04-05T00:00:00Z", "2027-04-20T00:00:00Z"
BY_ENVIRONMENT, BY_CONFIG = "up, the management key in the environment", "up, the management key in the config"
PREVIEWS: Final = ("preview --diff --debug", "preview --json -v=7 --logtostderr")
COMMANDS: Final = (
    "verify --json",
    "drift --format json",
    "report --format json",
    "list --all-keys --format json",
    "show checkout --format json",
)
RUNS = (BY_ENVIRONMENT, BY_CONFIG, *PREVIEWS, *COMMANDS, "destroy")
# What a process is, by a part of its command line; the first that fits.
ROLES = {
    "pulumi-language-python-exec": "program",
    "pulumi.dynamic": "dynamic provider",
    "aws_plugin": "AWS plugin",
    "pulumi-language-python": "language host",
    "pulumi\0up": "command line",
}
POLL_SECONDS = 0.03
PATIENCE_SECONDS = 10
MADE_UP = "sk-or-v1-" + "0f1e2d3c4b5a6978" * 4
ONCE = RetryPolicy(max_attempts=1)


def pieces(secret: str) -> list[bytes]:
    """Return both halves of a secret: whoever prints it whole, cut or wrapped once prints one of them."""
    middle = len(secret) // 2
    return [secret[:middle].encode(), secret[middle:].encode()]


def spellings(piece: bytes) -> Iterator[bytes]:
    """Yield a piece as it is, and the part of its base64 that what stands around it can't change, three ways."""
    yield piece
    for shift in range(3):
        whole = (shift + len(piece)) // 3 * 4
        encoded = base64.b64encode(b"\0" * shift + piece)[-(-shift * 8 // 6) : whole]
        yield from {encoded, encoded.replace(b"+", b"-").replace(b"/", b"_")}


def holds(text: bytes | str, secrets: list[str]) -> bool:
    """Whether a text holds a secret or half of one, plain or in base64, each also under any URL-encoding."""
    raw = text.encode() if isinstance(text, str) else text
    sought = [spelling for secret in secrets for piece in pieces(secret) for spelling in spellings(piece)]
    return any(spelling in readable for readable in (raw, unquote_to_bytes(raw)) for spelling in sought)


@dataclass(frozen=True)
class Process:
    """What a process shows to its user's other processes."""

    arguments: bytes = field(repr=False)
    environment: bytes = field(repr=False)

    @property
    def role(self) -> str:
        """What it is, as far as it is known."""
        line = self.arguments.decode(errors="replace")
        return next((role for part, role in ROLES.items() if part in line), "other")


def family(folder: Path) -> Iterator[Path]:
    """Yield the processes that run in the folder or descend from one that does."""
    parents: dict[str, str] = {}
    found: set[str] = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[process.name] = (process / "stat").read_text().rpartition(")")[2].split()[1]
            if (process / "cwd").readlink() == folder:
                found.add(process.name)
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    yield from (Path("/proc", name) for name in found)


@contextmanager
def watching(folder: Path) -> Iterator[set[Process]]:
    """Yield the set of processes that are seen at work for the folder meanwhile."""
    seen: set[Process] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.wait(POLL_SECONDS):
            for process in family(folder.resolve()):
                with suppress(OSError):
                    seen.add(Process((process / "cmdline").read_bytes(), (process / "environ").read_bytes()))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


@dataclass
class Evidence:
    """Everything that one life of a stack left behind: what was printed, stored and seen of its processes."""

    stack: Stack
    secrets: list[str] = field(default_factory=list, repr=False)
    hashes: list[str] = field(default_factory=list)
    runs: dict[str, Run] = field(default_factory=dict, repr=False)
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    processes: dict[str, set[Process]] = field(default_factory=dict, repr=False)

    def note(self, label: str, run: Callable[[], Run]) -> None:
        """Keep what a run prints and which processes it has."""
        with watching(self.stack.folder) as self.processes[label]:
            self.runs[label] = run()

    def keep_files(self, moment: str) -> None:
        """Keep the files of the backend, of Pulumi's own logs and of the project as they are now."""
        backend = Path(self.stack.environment["PULUMI_BACKEND_URL"].removeprefix("file://"))
        logs = Path(self.stack.environment["PULUMI_HOME"], "logs")
        for kind, root in {"backend": backend, "logs": logs, "project": self.stack.folder}.items():
            for path in root.rglob("*"):
                if path.is_file() and ".venv" not in path.parts:
                    self.files[f"{moment}: {kind}/{path.relative_to(root)}"] = path.read_bytes()


@pytest.fixture(scope="module")
def evidence(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """The life of a stack: made, rotated, previewed, tampered with, looked at by every command, destroyed."""
    stack = open_stack(tmp_path_factory.mktemp("leaks") / "project", sandbox)
    found = Evidence(stack)
    stack.configure(SERVICES, defaults=DEFAULTS)
    stack.now = START
    found.note(BY_ENVIRONMENT, stack.up)
    move_management_key_to_config(stack)
    stack.now = DUE
    found.note(BY_CONFIG, stack.up)
    stack.now = AFTER_OVERLAP
    for words in PREVIEWS:
        found.note(words, partial(stack.pulumi, *words.split()))
    _, foreign = stack.control.create_key(name="made by hand", limit=1)
    stack.aws().put_secret_value(SecretId=stack.secret_name("search"), SecretString=foreign)
    for words in COMMANDS:
        line = ["openrouter-keys", *words.split(), "--stack", stack.name]
        found.note(words, partial(stack.run, *line, check=False))
    found.keep_files("deployed")
    found.secrets, found.hashes = stack.control.all_secrets(), list(stack.control.secrets()["keys"])
    found.note("destroy", stack.destroy)
    found.keep_files("destroyed")
    return found


def move_management_key_to_config(stack: Stack) -> None:
    """Store the key encrypted in the stack's config, through standard input, and take it from the environment."""
    line = f'printf %s "$VALUE" | pulumi config set --secret openrouter:managementKey --stack {stack.name}'
    stack.run("sh", "-c", line, VALUE=stack.environment.pop("OPENROUTER_MANAGEMENT_KEY"))


@pytest.mark.parametrize("around", ["", "a", "ab"])
@pytest.mark.parametrize("cut", [slice(None), slice(0, 40), slice(30, None)])
@pytest.mark.parametrize(
    "write",
    [
        str.encode,
        lambda text: base64.b64encode(text.encode()),
        lambda text: base64.urlsafe_b64encode(text.encode()).rstrip(b"="),
        lambda text: quote(text, safe="").encode(),
        lambda text: "".join(f"%{byte:02x}" for byte in text.encode()).encode(),
        lambda text: quote(base64.b64encode(text.encode()), safe="").encode(),
    ],
    ids=["plain", "base64", "URL-safe base64", "URL-encoded", "percent-encoded", "URL-encoded base64"],
)
@pytest.mark.parametrize("secret", [MADE_UP, "~?>/ü+" * 12], ids=["a key", "one that every encoding changes"])
def test_search_finds_a_planted_secret(around: str, cut: slice, write: Callable[[str], bytes], secret: str) -> None:
    """A planted secret is found in every form, at every alignment, also when an end of it is missing."""
    assert holds(b'{"log": "' + write(f"{around}{secret[cut]}{around}") + b'"}', ["another " * 8, secret])


def test_search_passes_over_what_may_be_shown() -> None:
    """A key's label, the beginning that labels share and another key are no finds."""
    other = MADE_UP[:9] + "a" * 64
    assert not holds(f"{MADE_UP[:12]}...{MADE_UP[-3:]} {MADE_UP[:20]} {other}", [MADE_UP])


def test_evidence_is_of_keys_that_were_issued(evidence: Evidence) -> None:
    """The life had two services' keys, a successor and a foreign key, beside the management key."""
    assert len(evidence.hashes) == 4
    assert sorted(map(len, evidence.secrets)) == [len(MADE_UP)] * 5
    assert set(evidence.runs) == set(RUNS)


@pytest.mark.parametrize("label", RUNS)
def test_nothing_printed_holds_a_credential(evidence: Evidence, label: str) -> None:
    """A run that concerns the keys prints neither the management key nor an issued one."""
    run = evidence.runs[label]
    assert "checkout" in run.output or "search" in run.output, "it printed nothing that concerns the keys"
    assert not holds(run.output, evidence.secrets), label


def test_previews_and_checks_had_something_to_tell(evidence: Evidence) -> None:
    """Debug lines, JSON, a verbose log and the findings of a tampered secret were really among what was searched."""
    debugging, verbose = (evidence.runs[words] for words in PREVIEWS)
    assert "debug:" in debugging.output
    assert "retires_at" in debugging.output
    assert json.loads(verbose.stdout)["steps"]
    assert len(verbose.stderr) > 10_000
    assert [evidence.runs[words].code for words in COMMANDS] == [2, 2, 0, 0, 0]


@pytest.mark.parametrize(
    "part", ["backend/.pulumi/stacks", "backend/.pulumi/history", "backend/.pulumi/backups", "logs", "project"]
)
def test_nothing_stored_holds_a_credential(evidence: Evidence, part: str) -> None:
    """State, history, backups, Pulumi's automatic logs and the project folder hold no credential in any form."""
    files = {name: text for name, text in evidence.files.items() if f": {part}/" in name}
    assert files
    assert [name for name, text in files.items() if holds(text, evidence.secrets)] == []


@pytest.mark.parametrize("part", ["stacks", "history", "backups"])
def test_files_that_were_searched_are_those_of_the_keys(evidence: Evidence, part: str) -> None:
    """Each kind of state file names keys by their hashes, readably: the search was not of compressed files."""
    texts = [text for name, text in evidence.files.items() if f": backend/.pulumi/{part}/" in name]
    assert any(key_hash.encode() in text for key_hash in evidence.hashes for text in texts)


@pytest.mark.parametrize("label", RUNS)
def test_no_process_has_a_credential_in_its_arguments(evidence: Evidence, label: str) -> None:
    """No process that a run starts shows a credential to whoever lists processes."""
    assert len(evidence.processes[label]) > 1
    assert [seen for seen in evidence.processes[label] if holds(seen.arguments, evidence.secrets)] == []


@pytest.mark.parametrize("label", [BY_ENVIRONMENT, BY_CONFIG])
def test_every_kind_of_process_was_watched(evidence: Evidence, label: str) -> None:
    """The watch met the command line, the language host, the program and both providers."""
    assert {seen.role for seen in evidence.processes[label]} >= set(ROLES.values())


@pytest.mark.parametrize("label", RUNS)
def test_no_process_has_an_issued_key_in_its_environment(evidence: Evidence, label: str) -> None:
    """The value of an issued key is in no process's environment, whatever way the management key came."""
    issued = [secret for secret in evidence.secrets if secret != evidence.stack.control.management_key]
    assert [seen.role for seen in evidence.processes[label] if holds(seen.environment, issued)] == []


def test_key_in_the_environment_is_inherited_by_every_process(evidence: Evidence) -> None:
    """Given by the environment, the management key is in that of all processes, AWS's plugin too, as documented."""
    assert holders(evidence, BY_ENVIRONMENT) >= set(ROLES.values())


@pytest.mark.parametrize("label", [BY_CONFIG, *PREVIEWS, *COMMANDS, "destroy"])
def test_key_in_the_config_is_in_the_program_s_environment_alone(evidence: Evidence, label: str) -> None:
    """Given by encrypted config, the management key is in no environment but the one Pulumi gives the program."""
    assert holders(evidence, label) <= {"program"}


def holders(evidence: Evidence, label: str) -> set[str]:
    """Return which processes of a run have the management key in their environment."""
    key = [evidence.stack.control.management_key]
    return {seen.role for seen in evidence.processes[label] if holds(seen.environment, key)}


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """What arrives at the proxy that the environment names; it answers nothing."""
    arrived: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{listener.getsockname()[1]}")
            monkeypatch.delenv(name.lower(), raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        thread = threading.Thread(target=_listen, args=(listener, arrived))
        thread.start()
        yield arrived
        # Closing alone doesn't end an accept in another thread.
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE_SECONDS)


def _listen(listener: socket.socket, arrived: list[bytes]) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection:
                arrived.append(connection.recv(65536))


def test_ambient_proxy_is_not_used_for_plain_http(sandbox: Sandbox, proxy: list[bytes]) -> None:
    """A call to loopback goes there directly, past a proxy of the environment that other programs would use."""
    with ManagementClient(sandbox.management_key, base_url=sandbox.simulator_url, policy=ONCE) as client:
        client.list_keys()
    assert proxy == []
    with suppress(httpx.HTTPError):
        httpx.get(sandbox.simulator_url)
    assert len(proxy) == 1


def test_ambient_proxy_sees_a_tunnel_and_no_credential(proxy: list[bytes]) -> None:
    """A proxy of the environment is asked for a tunnel to the API, and gets no credential."""
    with (
        ManagementClient(MADE_UP, base_url="https://openrouter.example/api/v1", policy=ONCE) as client,
        pytest.raises(ConnectionFailed),
    ):
        client.list_keys()
    assert proxy
    assert all(request.startswith(b"CONNECT openrouter.example:443 ") for request in proxy)
    assert not any(holds(request, [MADE_UP]) for request in proxy)
