"""The HTTP edge: OpenRouter's management API as typed calls. Knows nothing of Pulumi."""

import sys

# httpx brings a command line of its own and loads it, with click, rich and pygments, where those are installed. That
# is most of what importing httpx costs; told that the module is missing, httpx does without.
if "httpx" not in sys.modules:
    sys.modules["httpx._main"] = None  # type: ignore[assignment]  # the import system's own mark of a missing module
