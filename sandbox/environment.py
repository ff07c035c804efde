"""The variables with which plain `pulumi` and boto3 commands work against a sandbox."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]
REGION = "us-east-1"
KUBECONFIG = "kubeconfig"
_LABEL = "sandbox"
# Never printed when they are the caller's own: what the caller has exported needs no second export.
CREDENTIALS = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "GOOGLE_OAUTH_ACCESS_TOKEN",
        "OPENROUTER_MANAGEMENT_KEY",
        "PULUMI_CONFIG_PASSPHRASE",
        "VAULT_TOKEN",
    }
)
_MEANINGFUL_WHEN_EMPTY = frozenset({"PULUMI_CONFIG_PASSPHRASE"})


def sandbox_variables(directory: Path, *, simulator_url: str, management_key: str, aws_endpoint: str) -> dict[str, str]:
    """Return the sandbox's own values, PATH complete."""
    return {
        "PATH": os.pathsep.join([*tool_folders(), *_other_folders()]),
        "PULUMI_HOME": str(directory / "pulumi-home"),
        "PULUMI_BACKEND_URL": f"file://{directory / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": _LABEL,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # Otherwise each command tries five times, some seconds, to download the plugin of each installed package.
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_PYTHON_CMD": sys.executable,
        "OPENROUTER_BASE_URL": simulator_url,
        "OPENROUTER_MANAGEMENT_KEY": management_key,
        "AWS_ENDPOINT_URL": aws_endpoint,
        "AWS_ACCESS_KEY_ID": _LABEL,
        "AWS_SECRET_ACCESS_KEY": _LABEL,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }


def store_variables(store: str, origin: str, directory: Path) -> dict[str, str]:
    """Return what points a store's plugin and its readers at the sandbox's own server.

    Args:
        store: gcp, vault or kubernetes.
        origin: where it serves, without a slash at its end.
        directory: the sandbox's folder, where a file that a variable names is.
    """
    if store == "kubernetes":
        return {"KUBECONFIG": str(directory / KUBECONFIG)}
    if store == "vault":
        return {"VAULT_ADDR": origin, "VAULT_TOKEN": _LABEL}
    return {
        "GOOGLE_PROJECT": _LABEL,
        "GOOGLE_OAUTH_ACCESS_TOKEN": _LABEL,
        "GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT": f"{origin}/v1",
    }


def export_lines(variables: Mapping[str, str], caller: Mapping[str, str]) -> list[str]:
    """Return `export NAME=value` lines; what the caller has set already wins, except that PATH is prepended."""
    lines = []
    for name, value in variables.items():
        theirs = caller.get(name)
        taken = name != "PATH" and theirs is not None and (theirs != "" or name in _MEANINGFUL_WHEN_EMPTY)
        if taken and name in CREDENTIALS:
            continue
        lines.append(f"export {name}={shlex.quote(str(theirs) if taken else value)}")
    return lines


def tool_folders() -> list[str]:
    """Return the folders that go in front of PATH: this project's pulumi, and its virtual environment."""
    tools = PROJECT_ROOT / ".tools" / "bin"
    folders = [str(tools)] if (tools / "pulumi").exists() else []
    return [*folders, str(Path(sys.executable).parent)]


def find_pulumi() -> str | None:
    """Return the pulumi command that the sandbox uses."""
    return shutil.which("pulumi", path=os.pathsep.join([*tool_folders(), *_other_folders()]))


def _other_folders() -> list[str]:
    first = set(tool_folders())
    return [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if folder not in first]
