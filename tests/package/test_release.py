"""`make release`: what it builds passes its checks, and each check finds what it is for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.release import NEEDED, main, strangers, to_do, unreachable, unready

URLS = {"Documentation": "https://docs.example.com/keys/", "Repository": "https://git.example.com/keys"}


def test_a_release_is_built_and_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The sdist and the wheel are there, and what a person has still to do is said."""
    main(tmp_path / "dist")
    assert {path.suffix for path in (tmp_path / "dist").iterdir()} == {".gz", ".whl"}
    assert all(line.startswith("release: ") for line in capsys.readouterr().out.splitlines())


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (unready("## 0.1.0 (2026-11-25)", "0.1.0"), []),
        (unready("## 0.1.0", "0.1"), ["CHANGELOG.md has no entry for 0.1"]),
        (strangers(set(NEEDED)), []),
        (strangers({*NEEDED, "tests/x.py"} - {"LICENSE"}), ["the sdist has no LICENSE", "the sdist has tests/x.py"]),
        (unreachable("[x](https://docs.example.com/keys/errors.html#refused) ![y](https://x.example/y.svg)", URLS), []),
        (
            unreachable("![y](docs/y.svg)", URLS),
            ["the README names docs/y.svg, which is nothing on a package index"],
        ),
        (
            unreachable("[x](https://docs.example.com/keys/nowhere.html)", URLS),
            ["the README names https://docs.example.com/keys/nowhere.html, and docs/ has no such page"],
        ),
        (to_do("## 0.1.0 (2026-11-25)", "0.1.0", URLS), []),
        (to_do("## 0.1.0 (unreleased)", "0.1.0", URLS), ["give 0.1.0 its date in CHANGELOG.md"]),
        (
            to_do("", "0.1.0", {"Repository": "https://github.com/ORG/keys"}),
            ["put who publishes this in place of ORG in pyproject.toml's project.urls"],
        ),
    ],
)
def test_a_check_finds_what_it_is_for(found: Iterator[str], wanted: list[str]) -> None:
    """Each check passes what is right and names what isn't."""
    assert list(found) == wanted
