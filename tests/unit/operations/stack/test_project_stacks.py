"""The states of the project's other stacks."""

from pathlib import Path

import pytest

from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.operations.stack.history import stack_names
from openrouter_provider.operations.stack.pending import Checkpoint
from openrouter_provider.operations.stack.siblings import ALL_OF_THEM, OtherStacks, ProjectStacks, is_same_stack


def test_each_state_is_read_once_and_ones_own_never() -> None:
    """Several stacks of one run share what was read; the stack in question is no sibling of its own."""
    asked: list[str] = []

    def export(stack: str) -> Checkpoint:
        asked.append(stack)
        return {"of": stack}

    stacks = ProjectStacks(lambda: ["dev", "eu", "us"], export)
    assert dict(stacks.besides("dev").states) == {"eu": {"of": "eu"}, "us": {"of": "us"}}
    assert dict(stacks.besides("eu").states) == {"dev": {"of": "dev"}, "us": {"of": "us"}}
    assert sorted(asked) == ["dev", "eu", "us"]


def test_what_cannot_be_read_is_named() -> None:
    """One stack's failure hides no other; a list that can't be had stands for them all."""

    def export(stack: str) -> Checkpoint:
        if stack == "eu":
            raise ConfigurationError("denied")
        return {}

    found = ProjectStacks(lambda: ["dev", "eu", "us"], export).besides("dev")
    assert (list(found.states), dict(found.unread)) == (["us"], {"eu": "denied"})
    assert found.doubt == "stack eu could not be read (denied)"

    def refuse() -> list[str]:
        raise ConfigurationError("no backend")

    assert dict(ProjectStacks(refuse, export).besides("dev").unread) == {ALL_OF_THEM: "no backend"}


def test_hashes_names_and_ids_are_those_of_every_state() -> None:
    """What is being made counts by its name, what is there by its id."""
    key = {"type": "pulumi-python:dynamic/openrouter:ApiKey", "id": "h1"}
    making = {"type": "creating", "resource": {"type": key["type"], "inputs": {"name": "acme/a-1234567"}}}
    found = OtherStacks({"eu": {"resources": [key]}, "us": {"pending_operations": [making]}})
    assert [set(each) for each in (found.hashes, found.ids, found.names)] == [{"h1"}, {"h1"}, {"acme/a-1234567"}]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("dev", "dev", True),
        ("ann/dev", "dev", True),
        ("organization/openrouter-keys/dev", "dev", True),
        ("ann/dev", "bob/dev", False),
        ("dev", "dev2", False),
    ],
)
def test_stack_may_be_named_with_its_organisation(one: str, other: str, same: bool) -> None:
    """Only where both names have one do they have to agree in it."""
    assert is_same_stack(one, other) is same


def test_file_backend_tells_damaged_stacks_too(tmp_path: Path) -> None:
    """Its files name the stacks, whatever is in them; copies and attributes are none."""
    folder = tmp_path / "stacks" / "p"
    folder.mkdir(parents=True)
    for name in ("dev.json", "dev.json.bak", "dev.json.attrs", "eu.json.gz", "a.b.json"):
        (folder / name).write_text("{")
    assert stack_names(tmp_path, "p") == ["a.b", "dev", "eu"]
