"""Running the drift check of a test's stack, and the commands that its findings name."""

import json
import shlex
from typing import Any

import hvac

from openrouter_provider.operations.drift.findings import commands_in
from tests.harness import Run, Stack

Findings = list[dict[str, Any]]


def drift(stack: Stack, **variables: str) -> tuple[Run, Findings]:
    """Run the check; return the run and its findings."""
    arguments = ("drift", "--stack", stack.name, "--format", "json")
    run = stack.run("openrouter-keys", *arguments, check=False, **variables)
    (found,) = json.loads(run.output[run.output.index("{") : run.output.rindex("}") + 1])["stacks"]
    assert run.code in ((1,) if found["error"] else (0, 2)), run
    findings: Findings = found["findings"]
    return run, findings


def commands(findings: Findings) -> list[str]:
    """Return the commands that the findings' heals name, each once."""
    return list(dict.fromkeys(command for finding in findings for command in commands_in(finding["heal"])))


def carry_out(stack: Stack, command: str, **variables: str) -> None:
    """Run a printed command as it is; of pulumi's the stack and the consent are added, others' tools are played."""
    tool, *words = shlex.split(command)
    if tool == "pulumi":
        stack.pulumi(*words, "--yes", "--skip-preview", check=True, **variables)
    elif tool == "aws":
        _aws(stack, words)
    elif tool == "vault":
        _vault(stack, words)
    else:
        raise AssertionError(f"a heal names a tool that no test knows: {command}")


def _aws(stack: Stack, words: list[str]) -> None:
    service, operation, *options = words
    given = dict(zip(options[::2], options[1::2], strict=True))
    assert (service, given.pop("--region")) == ("secretsmanager", "us-east-1"), words
    names = {"--secret-id": "SecretId", "--kms-key-id": "KmsKeyId"}
    arguments = {names[option]: value for option, value in given.items()}
    getattr(stack.aws(), operation.replace("-", "_"))(**arguments)


def _vault(stack: Stack, words: list[str]) -> None:
    assert words[:3] == ["kv", "metadata", "delete"], words
    mount, path = words[3].removeprefix("-mount="), words[4]
    client = hvac.Client(stack.environment["VAULT_ADDR"], stack.environment["VAULT_TOKEN"])
    client.secrets.kv.v2.delete_metadata_and_all_versions(path, mount_point=mount)
