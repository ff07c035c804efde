"""`python -m tests.old_states NAME`: keep what this tree deploys as tests/fixtures/NAME, for the trees to come."""

import sys
import tempfile
from pathlib import Path

from sandbox.lifecycle import Sandbox
from tests.old_states import library, services
from tests.old_states.fixtures import FIXTURES, open_at, save


def main(name: str) -> None:
    """Deploy the stacks in a sandbox of their own and write the fixture."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(Path(folder) / "sandbox") as sandbox:
        for store in ("gcp", "vault"):
            sandbox.open_store(store)
        for deployed in (services, library):
            part = deployed.__name__.rpartition(".")[2]
            stack = open_at(Path(folder) / part, sandbox, "old")
            stack.configure({})
            stack.run("pulumi", "stack", "init", stack.name, "--no-select")
            deployed.deploy(stack)
            save(stack, deployed.INSTANT, FIXTURES / name / part)


if __name__ == "__main__":
    main(sys.argv[1])
