"""A key that somebody renamed to a key's value: drift like any other, which is healed and shown nowhere."""

import json

from tests.harness import Run, Stack
from tests.soak import only_in_soak

BEFORE = ("list --all-keys --format json", "drift --format json")
AFTER = ("list --format json", "show checkout --format json", "report")


@only_in_soak
def test_a_key_s_value_as_a_name_is_healed_and_shown_nowhere(stack: Stack) -> None:
    """Previews, a refresh, our commands and the raw state have it masked; `up --refresh` puts the name back."""
    stack.configure({"checkout": {"limit": 5}})
    stack.up()
    key_hash = stack.services()["checkout"]["keyHash"]
    _, leaked = stack.control.create_key(name="leaked", limit=1)
    stack.control.edit_key(key_hash, name=f"old {leaked}")

    def without_it(run: Run) -> Run:
        assert leaked[9:40] not in run.output, run
        return run

    preview = without_it(stack.pulumi("preview", "--refresh", "--diff"))
    assert "sk-or-…" in preview.output
    for words in BEFORE:
        without_it(stack.run("openrouter-keys", *words.split(), "--stack", stack.name, check=False))
    without_it(stack.pulumi("refresh", "--yes", "--skip-preview", "--diff"))
    assert stack.resources("ApiKey")["checkout"]["outputs"]["name"] == "old sk-or-…"
    for words in AFTER:
        without_it(stack.run("openrouter-keys", *words.split(), "--stack", stack.name, check=False))
    without_it(stack.up("--refresh", "--diff"))
    assert all(leaked[9:40] not in file.read_text("utf-8", "ignore") for file in stack.backend.rglob("*.json*"))
    assert leaked[9:40] not in json.dumps(stack.export())
    (record,) = stack.live("checkout")
    assert record["name"] == stack.services()["checkout"]["keyName"]
