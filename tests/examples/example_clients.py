"""The example clients as a person runs them: as processes, on a key or on a secret."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.demo import host_environment
from tests.harness import PLAINTEXT, ROOT

ANSWER = "Hello from the sandbox."


@dataclass(frozen=True)
class Client:
    """One of the example clients.

    Attributes:
        command: starts it.
        with_env_file: starts it with what the file .env of the current folder says.
        variables: what it needs in its environment to be found.
    """

    command: tuple[str, ...]
    with_env_file: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run it once; what it prints never holds a key."""
        return self._finish([*self.command, *arguments], ROOT, variables)

    def run_with_env_file(self, folder: Path, question: str) -> subprocess.CompletedProcess[str]:
        """Run it once in a folder that has a file .env."""
        return self._finish([*self.with_env_file, question], folder, {})

    @contextmanager
    def talking(self, *arguments: str, **variables: str) -> Iterator["Conversation"]:
        """Run it for many questions; yield the conversation."""
        with subprocess.Popen(
            [*self.command, *arguments],
            env=self._environment(variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            conversation = Conversation(process)
            try:
                conversation.greeting = conversation.hear()
                yield conversation
            finally:
                conversation.end()

    def _finish(
        self, command: list[str], folder: Path, variables: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        run = subprocess.run(
            command,
            cwd=folder,
            env=self._environment(variables),
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=120,
        )
        assert not PLAINTEXT.search(run.stdout + run.stderr), "a key in the clear in a client's output"
        return run

    def _environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        return {**host_environment(), **self.variables, **variables}


@dataclass
class Conversation:
    """A running client that answers line by line."""

    process: subprocess.Popen[str]
    greeting: str = ""

    def ask(self, question: str = "Are you there?") -> str:
        """Ask, and return the line that comes back."""
        assert self.process.stdin
        self.process.stdin.write(f"{question}\n")
        self.process.stdin.flush()
        return self.hear()

    def hear(self) -> str:
        """Return the next line."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, f"the client ended with {self.process.wait()}"
        assert not PLAINTEXT.search(line), "a key in the clear in a client's output"
        return line.rstrip("\n")

    def end(self) -> int:
        """Ask nothing more, and return the exit code."""
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        return self.process.wait(timeout=60)
