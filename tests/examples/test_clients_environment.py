"""Both example clients on a laptop: a key from the environment or from a file .env, and what goes out with it."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from openrouter_provider.operations.verify import FREE_MODEL
from sandbox.openrouter import Control
from tests.examples.example_clients import ANSWER, Client
from tests.harness import ROOT

pytestmark = pytest.mark.xdist_group("examples")
ANSWERS = {
    "/api/v1/key": {"data": {"label": "sk-or-v1-can...nary", "limit": None, "limit_remaining": None}},
    "/api/v1/chat/completions": {"choices": [{"message": {"role": "assistant", "content": ANSWER}}]},
}


class _Recorder(ThreadingHTTPServer):
    """Answers as OpenRouter does and keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.headers: dict[str, dict[str, str]] = {}
        self.bodies: list[bytes] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Recorder

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["content-length"])))
        self._answer()

    def _answer(self) -> None:
        self.server.headers[self.path] = {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps(ANSWERS[self.path]).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def recorder() -> Iterator[_Recorder]:
    """A server that keeps the headers that it was sent."""
    with _Recorder() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_env_file_is_enough(account: Control, client: Client, tmp_path: Path) -> None:
    """The same client answers with a key from a file .env, and no AWS."""
    record, value = account.create_key(name="laptop", limit=1)
    (tmp_path / ".env").write_text(f"OPENROUTER_API_KEY={value}\nOPENROUTER_BASE_URL={account.url}\n")
    run = client.run_with_env_file(tmp_path, "Hello?")
    assert run.stderr == f"key {record['label']}: $1.00 of $1.00 left\n"
    assert (run.stdout, run.returncode) == (f"{ANSWER}\n", 0)


def test_headers_of_a_request(recorder: _Recorder, client: Client) -> None:
    """The key, the type, and the application's address and title go out; a title is made fit for a header."""
    run = client.run(
        "Hello?",
        OPENROUTER_API_KEY="sk-or-v1-canary",
        OPENROUTER_BASE_URL=f"http://127.0.0.1:{recorder.server_port}/api/v1",
        OPENROUTER_APP_URL="https://checkout.example.com",
        OPENROUTER_APP_TITLE="Café",
    )
    assert (run.stdout, run.stderr) == (f"{ANSWER}\n", "key sk-or-v1-can...nary: no limit\n")
    expected = {
        "authorization": "Bearer sk-or-v1-canary",
        "http-referer": "https://checkout.example.com",
        "x-title": "Caf?",
    }
    assert {path: headers.items() >= expected.items() for path, headers in recorder.headers.items()} == dict.fromkeys(
        ANSWERS, True
    )
    assert recorder.headers["/api/v1/chat/completions"]["content-type"] == "application/json"


def test_question_goes_to_a_free_model(recorder: _Recorder, client: Client) -> None:
    """Without another wish the model is the free one that `openrouter-keys verify --chat` asks too."""
    address = f"http://127.0.0.1:{recorder.server_port}/api/v1"
    client.run("Hello?", OPENROUTER_API_KEY="sk-or-v1-canary", OPENROUTER_BASE_URL=address)
    (body,) = recorder.bodies
    assert json.loads(body) == {"model": FREE_MODEL, "messages": [{"role": "user", "content": "Hello?"}]}
    assert FREE_MODEL.endswith(":free")


@pytest.mark.parametrize("folder", ["python-client", "typescript-client"])
def test_env_example_is_the_services_own(folder: str) -> None:
    """The file to copy names what the secret's JSON would hold, and no management key."""
    text = (ROOT / "examples" / folder / ".env.example").read_text(encoding="utf-8")
    names = {line.lstrip("#").partition("=")[0] for line in text.splitlines() if "=" in line and " " not in line}
    assert names == {"OPENROUTER_API_KEY", "OPENROUTER_BASE_URL", "OPENROUTER_APP_URL", "OPENROUTER_APP_TITLE"}
