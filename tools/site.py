"""Build the documents as a site, by `make docs`. A warning of mkdocs is an error."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tools.shell import ROOT, SetupError, run

SITE = ROOT / "build" / "site"


def build(folder: Path) -> None:
    """Build the site into a folder.

    Raises:
        SetupError: a page or a link is wrong; the message says which.
    """
    # Not --quiet: what isn't logged isn't counted by --strict.
    words = ["build", "--clean", "--strict", "--site-dir", str(folder)]
    # The theme's own announcement of another version is no fault of a page.
    run([sys.executable, "-m", "mkdocs", *words], env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})


if __name__ == "__main__":
    try:
        build(SITE)
    except SetupError as error:
        sys.exit(f"docs: {error}")
    sys.stdout.write(f"the documents are in {SITE.relative_to(ROOT)}: open index.html\n")
