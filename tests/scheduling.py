"""Which tests run in one process, and which start first.

In one process run those that share something which takes long to make, such as a deployed stack, and those of a file
that are over sooner than it takes to hand them out one by one. pytest-xdist has `--dist loadgroup` for it. Up to 3.8
it works by changing a test's private id, which pytest 9.2 does not look at, so that every process made what was to be
shared. Here the groups are known from the tests' files.

The longest start first, so that at the end every process finds short ones to do.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has no types here

ROOT = Path(__file__).resolve().parent.parent
_GROUP = re.compile(r'^pytestmark = pytest\.mark\.xdist_group\("([^"]+)"\)$', re.MULTILINE)
_SHARED = '(scope="module"'
_TOGETHER = ("tests/program/", "tests/unit/")
LONGEST = {
    "tests/engine/test_five_incidents.py": 95,
    "tests/examples/test_clients_deployed.py": 75,
    "tests/engine/test_moving.py": 55,
    "tests/engine/test_previews.py": 55,
    "tests/engine/test_stores.py": 55,
    "tests/engine/test_commands.py": 50,
    "tests/engine/test_keeping_services.py": 50,
    "tests/engine/test_refusals.py": 45,
    "tests/engine/test_service_models.py": 45,
    "tests/engine/test_fleet.py": 40,
    "tests/engine/test_refresh.py": 35,
}
"""About how many seconds the longest test of a file takes, or all of its group, four side by side on two cores."""
_OF_FOLDERS = {
    "tests/engine/": 20,
    "tests/examples/": 20,
    "tests/faults/": 20,
    "tests/provider/": 20,
    "tests/package/": 10,
}
"""The same of any other file in a folder; none of the rest takes as long."""


class SharingScheduling(LoadScopeScheduling):  # type: ignore[misc]  # as above
    """Gives tests to processes one by one, and those of a group together; in the order in which they were collected."""

    def __init__(self, config: Any, log: Any) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        """Return the group of a test, or the test where it shares nothing."""
        return group_of(nodeid.partition("::")[0]) or nodeid


@cache
def group_of(file: str) -> str | None:
    """Return the group of a file's tests: the one it names, itself where they share a fixture or are short, or none.

    Args:
        file: its path within the project.
    """
    text = (ROOT / file).read_text(encoding="utf-8")
    named = _GROUP.search(text)
    if named:
        return named[1]
    return file if _SHARED in text or file.startswith(_TOGETHER) else None


def seconds_of(file: str) -> int:
    """Return about how long a file's tests keep a process busy at once, as far as it says which start first.

    Args:
        file: its path within the project.
    """
    folder = next((seconds for folder, seconds in _OF_FOLDERS.items() if file.startswith(folder)), 0)
    return LONGEST.get(file, folder)
