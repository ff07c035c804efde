"""The commands of the quick start, run in its order as they stand there."""

import re
import subprocess
import sys

from tests.examples.client_makers import PYTHON_CLIENT
from tests.examples.example_clients import ANSWER
from tests.harness import PLAINTEXT, ROOT, Stack

PAGE = (ROOT / "docs" / "quickstart.md").read_text(encoding="utf-8")
SKIPPED = ("git clone", "make setup", "export PATH", "pulumi login", "python -m venv", "cd examples/typescript-client")
"""What prepares a machine, signs in where the sandbox's environment names the backend, or is tested elsewhere."""
AS_A_SCRIPT = {
    "pulumi config set --secret": 'printf %s "$OPENROUTER_MANAGEMENT_KEY" | pulumi config set --secret',
    "pulumi up": "pulumi up --yes --skip-preview",
    "pulumi destroy": "pulumi destroy --yes --skip-preview",
    "pulumi stack rm": "pulumi stack rm --yes",
    "/tmp/hello/bin/python": sys.executable,  # noqa: S108 - as the page has it; nothing is made there
}
"""What a person types or confirms, as a script says it."""


def commands() -> list[str]:
    """Return the page's commands, without their comments."""
    blocks = re.findall(r"^```(sh|console)\n(.*?)^```$|`(pulumi config set [^`]+)`", PAGE, re.MULTILINE | re.DOTALL)
    found: list[str] = []
    for language, block, inline in blocks:
        lines = block.splitlines() or [inline]
        typed = [line.removeprefix("$ ") for line in lines if language != "console" or line.startswith("$ ")]
        found += [line.partition("  #")[0].strip() for line in typed]
    return [line for line in found if not line.startswith(SKIPPED)]


def test_the_quick_start_leads_to_an_answer_and_out_again(stack: Stack) -> None:
    """Each command does what the page says: a key, an answer through it, a rotation, and nothing left."""
    script = "\n".join(commands())
    for typed, said in AS_A_SCRIPT.items():
        assert typed in script, typed
        script = script.replace(typed, said)
    run = subprocess.run(
        ["bash", "-euc", script],  # noqa: S607 - the shell of the person's own machine
        cwd=stack.folder,
        env={**stack.environment, "PYTHONPATH": str(PYTHON_CLIENT)},
        check=False,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=300,
    )
    assert not PLAINTEXT.search(run.stdout + run.stderr), "a key in the clear in the output of the quick start"
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"\+ 6 created", run.stdout)
    assert re.search(r"\thello\topenrouter-keys/team/hello/openrouter\t.*\t\$1\.00\t\$1\.00\tnever\tok\n", run.stdout)
    assert re.search(rf"^{ANSWER}$", run.stdout, re.MULTILINE)
    assert re.search(r"^key sk-or-v1-\w{3}\.\.\.\w{4}: \$1\.00 of \$1\.00 left$", run.stderr, re.MULTILINE)
    assert "generation    : 1 => 2" in run.stdout
    assert stack.control.keys() == []
