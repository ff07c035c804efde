"""docs/library.md: its programs run, and its program in YAML is the example's."""

import gc
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from openrouter_provider.host.registration import tune_program
from tests.program.mock_engine import API_KEY, COMPONENT, ROOT, SUPERSEDED, deploy

PAGE = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
EXAMPLE: Path = ROOT / "examples" / "yaml"


@pytest.fixture(autouse=True)
def untuned() -> Iterator[None]:
    """One of the programs tunes itself; the next test's does not."""
    before = gc.get_threshold()
    yield
    tune_program.cache_clear()
    gc.set_threshold(*before)


def declared(program: str) -> list[tuple[str, str]]:
    """Return the types and names of what a program declares, run as the language host does."""
    return [(each.type, each.name) for each in deploy(lambda: exec(program, {})).registered]  # noqa: S102 - our own page


def test_there_are_three_programs() -> None:
    """A service's key, a key alone, and many keys."""
    service, key, many = map(declared, PROGRAMS)
    assert {(COMPONENT, "checkout"), (API_KEY, "checkout"), (SUPERSEDED, "checkout")} <= set(service)
    assert {(API_KEY, "batch"), (SUPERSEDED, "batch")} <= set(key)
    assert sum(kind == API_KEY for kind, _ in many) == 300


def test_the_program_in_yaml_is_the_example_s() -> None:
    """What the page shows is a part of what is run."""
    (shown,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    page, example = yaml.safe_load(shown), yaml.safe_load((EXAMPLE / "Pulumi.yaml").read_text(encoding="utf-8"))
    for section in ("runtime", "packages", "plugins"):
        assert page[section] == example[section]
    service, whole = page["resources"]["checkout"], example["resources"]["checkout"]
    assert service["type"] == whole["type"]
    assert service["properties"].items() <= whole["properties"].items()
