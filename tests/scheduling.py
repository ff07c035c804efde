"""Which tests run in one process: those that share something which takes long to make, such as a deployed stack.

pytest-xdist has `--dist loadgroup` for it. Up to 3.8 it works by changing a test's private id, which pytest 9.2 does
not look at, so that every process made what was to be shared. Here the groups are known from the tests' files.
"""

import re
from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has no types here

ROOT = Path(__file__).resolve().parent.parent
_GROUP = re.compile(r'^pytestmark = pytest\.mark\.xdist_group\("([^"]+)"\)$', re.MULTILINE)
_SHARED = '(scope="module"'


class SharingScheduling(LoadScopeScheduling):  # type: ignore[misc]  # as above
    """Gives tests to processes one by one, and those of a group together."""

    def _split_scope(self, nodeid: str) -> str:
        """Return the group of a test, or the test where it shares nothing."""
        return group_of(nodeid.partition("::")[0]) or nodeid


@cache
def group_of(file: str) -> str | None:
    """Return the group of a file's tests: the one it names, itself where its tests share a fixture, or none.

    Args:
        file: its path within the project.
    """
    text = (ROOT / file).read_text(encoding="utf-8")
    named = _GROUP.search(text)
    if named:
        return named[1]
    return file if _SHARED in text else None
