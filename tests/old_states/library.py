"""A program of somebody's own: keys without a store, with a given name and with a drawn one."""

from tests.harness import Stack

START = "2027-01-01T00:00:00Z"
INSTANT = "2027-02-13T00:00:00Z"
PROGRAM = '''"""Keys without a store, with a given name and with a drawn one."""

import pulumi

import openrouter_provider as openrouter

given = openrouter.ApiKey("given", name="acme/library/given", limit=5, limit_reset="weekly")
drawn = openrouter.ApiKey(
    "drawn",
    name_prefix="acme/library/drawn",
    unlimited=True,
    rotation={"every": "30d", "overlap": "7d", "stagger": False},
)
default = openrouter.ApiKey("default", limit=1, expires_at="2028-12-31T23:59:59Z")
both = openrouter.ApiKey("both", name="acme/library/both", limit=1, rotation={"every": "40d", "overlap": "7d"})
pulumi.export("hashes", [given.hash, drawn.hash, default.hash, both.hash])
'''


def deploy(stack: Stack) -> None:
    """Bring the stack to INSTANT: two of the keys have rotated once, and nothing retires their superseded ones."""
    (stack.folder / "__main__.py").write_text(PROGRAM)
    for now in (START, INSTANT):
        stack.now = now
        stack.control.configure(now=now)
        stack.up()
    stack.pulumi("preview", "--refresh", "--expect-no-changes")
