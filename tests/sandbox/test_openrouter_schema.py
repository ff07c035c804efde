"""The simulator against OpenRouter's published description: what it answers, and what it refuses.

The description isn't part of this repository. OPENROUTER_KEYS_OPENAPI names it; without that it is looked for in
`shared` beside the repository, and where it isn't found these tests are skipped.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from sandbox.openrouter import Control, SimulatorServer

BESIDE = Path(__file__).parents[3] / "shared" / "openrouter-management.openapi.yaml"
DESCRIPTION = Path(os.environ.get("OPENROUTER_KEYS_OPENAPI") or BESIDE)
EXAMPLES = 100 if os.environ.get("OPENROUTER_KEYS_SOAK") == "1" else 2
CHECKS = ("not_a_server_error", "response_schema_conformance", "content_type_conformance")

pytestmark = pytest.mark.skipif(not DESCRIPTION.is_file(), reason="OpenRouter's description of its API isn't here")


def existing(control: Control, path: str) -> dict[str, str]:
    """Make what a path names by its id or hash, and return those parameters."""
    if "{hash}" in path:
        return {"hash": control.create_key()[0]["hash"]}
    if "{id}" not in path:
        return {}
    match path.split("/")[1]:
        case "guardrails":
            return {"id": control.create_guardrail(name="g")["id"]}
        case "byok":
            return {"id": control.create_byok_key(provider="openai", key="k")["id"]}
        case _:
            slug = f"w{len(control.workspaces())}"
            return {"id": control.create_workspace(name="W", slug=slug)["id"]}


@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_answers_are_as_described(simulator: SimulatorServer, control: Control, mode: str) -> None:
    """No request crashes it, each answer has the described shape, and what the description forbids is refused."""
    import schemathesis  # noqa: PLC0415 # loading it would cost each worker a second, also where these tests don't run

    schema = schemathesis.openapi.from_path(DESCRIPTION)
    names = [*CHECKS, "negative_data_rejection"] if mode == "negative" else CHECKS
    judged = schemathesis.checks.CHECKS.get_by_names(names)
    headers = {"authorization": f"Bearer {control.management_key}"}
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr] # a description that can't be read fails here
        # An operation with a name in its path and nothing else takes nothing that could be wrong.
        if mode == "positive" or operation.query or operation.body:
            hold(operation, schemathesis.GenerationMode(mode), simulator.url, headers, control, judged)


def hold(operation: Any, mode: Any, url: str, headers: dict[str, str], control: Control, judged: Any) -> None:
    """Put generated requests of one operation to the simulator; right ones name things that exist."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        if mode.is_positive:
            case.path_parameters = {**(case.path_parameters or {}), **existing(control, operation.path)}
        case.validate_response(case.call(base_url=url, headers=headers), checks=judged)

    ask()
