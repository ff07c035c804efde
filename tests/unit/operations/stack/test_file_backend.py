"""Which files of a file backend a kill left unwritten."""

from pathlib import Path

import pytest

from openrouter_provider.operations.stack.history import backend_folder, unwritten_attributes


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("file:///var/state", Path("/var/state/.pulumi")),
        ("file:///var/state?no_tmp_dir=true", Path("/var/state/.pulumi")),
        ("file://~", Path.home() / ".pulumi"),
        ("s3://bucket?region=eu-west-1", None),
        ("https://app.pulumi.com/acme", None),
        (None, None),
    ],
)
def test_only_a_file_backend_has_a_folder(url: str | None, expected: Path | None) -> None:
    """The folder is that of the URL, without its options; other backends have none."""
    assert backend_folder(url) == expected


def test_only_empty_attributes_of_the_stack_are_unwritten(tmp_path: Path) -> None:
    """Written ones, other stacks' and files that are no attributes are left out."""
    unwritten = ["stacks/p/dev.json.attrs", "locks/organization/p/dev/1.json.attrs", "history/p/dev/dev-1.json.attrs"]
    others = [
        "stacks/p/dev2.json.attrs",
        "stacks/p/prod.json.attrs",
        "stacks/p/dev.json",
        "locks/organization/p/x.attrs",
    ]
    for name in [*unwritten, *others]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "stacks/p/dev.json.bak.attrs").write_text("{}")
    for stack in ("dev", "organization/p/dev"):
        assert unwritten_attributes(tmp_path, stack) == sorted(tmp_path / name for name in unwritten)
