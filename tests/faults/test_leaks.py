"""Credentials are looked for, whole and in pieces, wherever a stack's life leaves text: output, files, processes.

`make test` looks at a brief life; OPENROUTER_KEYS_SOAK=1, which `make faults` sets, at a whole one.
"""

import json

import pytest

from sandbox.lifecycle import Sandbox
from tests.faults.leak_evidence import (
    BY_CONFIG,
    BY_ENVIRONMENT,
    COMMANDS,
    DEBUGGING,
    RUNS,
    SILENT,
    VERBOSE,
    Evidence,
    brief_life,
    whole_life,
)
from tests.faults.leak_search import holds
from tests.harness import open_stack
from tests.processes import ROLES
from tests.soak import SOAK, only_in_soak

# One life of a stack serves all tests: keep them in one process.
pytestmark = pytest.mark.xdist_group("leaks")

KEY_LENGTH = len("sk-or-v1-") + 64


@pytest.fixture(scope="module")
def evidence(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """What the life of a stack left."""
    stack = open_stack(tmp_path_factory.mktemp("leaks") / "project", sandbox)
    return whole_life(stack) if SOAK else brief_life(stack)


def test_evidence_is_of_keys_that_were_issued(evidence: Evidence) -> None:
    """The life had two services' keys, the whole one a successor and a foreign key too, beside the management key."""
    assert len(evidence.hashes) == (4 if SOAK else 2)
    assert sorted(map(len, evidence.secrets)) == [KEY_LENGTH] * (1 + len(evidence.hashes))
    assert set(evidence.runs) == set(RUNS)


@pytest.mark.parametrize("label", RUNS)
def test_nothing_printed_holds_a_credential(evidence: Evidence, label: str) -> None:
    """A run that concerns the keys prints neither the management key nor an issued one."""
    run = evidence.runs[label]
    names_a_service = "checkout" in run.output or "search" in run.output
    assert names_a_service or label in SILENT, "it printed nothing that concerns the keys"
    assert not holds(run.output, evidence.secrets), label


def test_verbose_preview_had_something_to_tell(evidence: Evidence) -> None:
    """JSON and a verbose log were really among what was searched."""
    verbose = evidence.runs[VERBOSE]
    assert json.loads(verbose.stdout)["steps"]
    assert len(verbose.stderr) > 10_000


@only_in_soak
def test_previews_and_checks_had_something_to_tell(evidence: Evidence) -> None:
    """Debug lines and the findings of a tampered secret were really among what was searched."""
    assert "debug:" in evidence.runs[DEBUGGING].output
    assert "retires_at" in evidence.runs[DEBUGGING].output
    assert {words: evidence.runs[words].code for words in COMMANDS} == COMMANDS


@pytest.mark.parametrize(
    "part",
    ["backend/.pulumi/stacks", "backend/.pulumi/history", "backend/.pulumi/backups", "logs", "project", "records"],
)
def test_nothing_stored_holds_a_credential(evidence: Evidence, part: str) -> None:
    """State, history, backups, logs, the project folder and records at DEBUG hold no credential in any form."""
    files = {name: text for name, text in evidence.files.items() if f": {part}/" in name}
    assert files
    assert [name for name, text in files.items() if holds(text, evidence.secrets)] == []


@pytest.mark.parametrize("part", ["stacks", "history", "backups"])
def test_files_that_were_searched_are_those_of_the_keys(evidence: Evidence, part: str) -> None:
    """Each kind of state file names keys by their hashes, readably: the search was not of compressed files."""
    texts = [text for name, text in evidence.files.items() if f": backend/.pulumi/{part}/" in name]
    assert any(key_hash.encode() in text for key_hash in evidence.hashes for text in texts)


def test_records_are_of_every_layer(evidence: Evidence) -> None:
    """The log records that were searched are the client's own and those of the libraries that carry credentials."""
    text = b"".join(text for name, text in evidence.files.items() if ": records/" in name)
    assert [name for name in (b" openrouter_provider", b" httpcore", b" botocore") if name not in text] == []


@pytest.mark.parametrize("label", RUNS)
def test_no_process_has_a_credential_in_its_arguments(evidence: Evidence, label: str) -> None:
    """No process that a run starts shows a credential to whoever lists processes."""
    assert evidence.processes[label]
    assert [seen for seen in evidence.processes[label] if holds(seen.arguments, evidence.secrets)] == []


@pytest.mark.parametrize("label", [pytest.param(BY_ENVIRONMENT, marks=only_in_soak), BY_CONFIG])
def test_every_kind_of_process_was_watched(evidence: Evidence, label: str) -> None:
    """The watch met the command line, the language host, the program and both providers."""
    assert {seen.role for seen in evidence.processes[label]} >= set(ROLES.values())


@pytest.mark.parametrize("label", RUNS)
def test_no_process_has_an_issued_key_in_its_environment(evidence: Evidence, label: str) -> None:
    """The value of an issued key is in no process's environment, whatever way the management key came."""
    issued = [secret for secret in evidence.secrets if secret != evidence.stack.control.management_key]
    assert [seen.role for seen in evidence.processes[label] if holds(seen.environment, issued)] == []


@only_in_soak
def test_key_in_the_environment_is_inherited_by_every_process(evidence: Evidence) -> None:
    """Given by the environment, the management key is in that of all processes, AWS's plugin too, as documented."""
    assert holders(evidence, BY_ENVIRONMENT) >= set(ROLES.values())


@pytest.mark.parametrize("label", [label for label in RUNS if label != BY_ENVIRONMENT])
def test_key_in_the_config_is_in_the_program_s_environment_alone(evidence: Evidence, label: str) -> None:
    """Given by encrypted config, the management key is in no environment but the one Pulumi gives the program."""
    assert holders(evidence, label) <= {"program"}


def holders(evidence: Evidence, label: str) -> set[str]:
    """Return which processes of a run have the management key in their environment."""
    key = [evidence.stack.control.management_key]
    return {seen.role for seen in evidence.processes[label] if holds(seen.environment, key)}
