"""Work of a hook that must not wait for the program's own threads.

Pulumi's SDK waits for each resource in one of the event loop's few threads, and a resource is done only after its
hooks: where all of those threads wait for resources whose hooks wait for such a thread, nothing ever goes on. In the
same way the engine has a worker for each resource that it works on, and no more than `--parallel` says: a hook that
waits for anything that needs a worker may wait for ever.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
THREADS = 8


async def aside(work: Callable[..., T], *arguments: Any) -> T:
    """Return what a piece of work returns, done in a thread that no resource waits in."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), work, *arguments)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="hook")
