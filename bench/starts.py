"""What merely starting costs: the imports beyond pulumi itself, and the command line's help."""

import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .results import Start

TIMES = 5
_IMPORT = """
import importlib, sys, time
from openrouter_provider.host.process import leave_out_httpx_command_line
leave_out_httpx_command_line()
for name in sys.argv[2:]:
    importlib.import_module(name)
began = time.process_time()
importlib.import_module(sys.argv[1])
print(time.process_time() - began)
"""


def measure_starts() -> list[Start]:
    """Return the least of several measurements of each start."""
    return [
        Start("import pulumi", _import("pulumi")),
        Start(
            "provider process or a program of keys alone, beyond pulumi",
            _import("openrouter_provider.resources.api_key", "pulumi"),
        ),
        Start(
            "program of whole services, beyond pulumi and pulumi-aws",
            _import("openrouter_provider.program.declare", "pulumi", "pulumi_aws.secretsmanager"),
        ),
        Start("openrouter-keys --help", _command([str(Path(sys.executable).with_name("openrouter-keys")), "--help"])),
    ]


def _import(module: str, *before: str) -> float:
    command = [sys.executable, "-c", _IMPORT, module, *before]
    return min(float(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(TIMES))


def _command(command: Sequence[str]) -> float:
    return min(_spent(command) for _ in range(TIMES))


def _spent(command: Sequence[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
