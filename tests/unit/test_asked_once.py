"""The Python that tests give to Pulumi's language host says of the installed packages what pip says."""

import json
import subprocess
import sys
from pathlib import Path

from tests.asked_once import PIP_LIST, spared


def test_the_answer_is_pip_s_own_and_all_else_is_python_s(tmp_path: Path) -> None:
    """Asked as the language host asks, it lists what pip lists; anything else it leaves to this Python."""
    python = spared(tmp_path / "project")["PULUMI_PYTHON_CMD"]

    def said(*command: str) -> str:
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    packages = json.loads(said(python, *PIP_LIST.split()))
    assert packages == json.loads(said(sys.executable, *PIP_LIST.split()))
    assert {"pulumi", "pulumi_aws"} <= {package["name"] for package in packages}
    assert said(python, "-c", "import sys; print(sys.prefix)").strip() == sys.prefix
