"""What pyproject.toml can't say: the page of errors goes into the package, and the README's links leave the repository.

`openrouter-keys explain` reads docs/errors.md, which stays the one source. On a package index the README has no
repository around it, so its relative links and pictures become the addresses that pyproject.toml names.
"""

import re
import tomllib
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
ERRORS = ("docs/errors.md", "openrouter_provider/commands/errors.md")


class WithErrors(build_py):
    """Copies the page of errors into what is built; an editable installation reads the checkout's."""

    def run(self) -> None:
        """Build the modules, then put the page beside the command that reads it."""
        super().run()
        if not self.editable_mode:
            self.copy_file(str(ROOT / ERRORS[0]), str(Path(self.build_lib, ERRORS[1])))


def absolute(readme: str, urls: dict[str, str]) -> str:
    """Return the README with addresses for what it names in the repository.

    Args:
        readme: its text.
        urls: the project's addresses, of which `Documentation` and `Repository` are used.
    """
    documents, repository = urls["Documentation"].rstrip("/"), urls["Repository"].rstrip("/")

    def address(link: re.Match[str]) -> str:
        target = link[1]
        if target.startswith("docs/") and not target.startswith("docs/adr/"):
            return f"]({documents}/{target.removeprefix('docs/').replace('.md', '.html')})"
        return f"]({repository}/blob/main/{target})"

    return re.sub(r"\]\((?!https?://|#)([^)\s]+)\)", address, readme)


if __name__ == "__main__":
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    setup(
        cmdclass={"build_py": WithErrors},
        long_description=absolute((ROOT / "README.md").read_text(encoding="utf-8"), project["urls"]),
        long_description_content_type="text/markdown",
    )
