"""Credentials in the stack's config: which are refused, by path, with the command that encrypts them."""

from pathlib import Path
from typing import Any

import pytest

from openrouter_provider.config.plaintext import plaintext_credentials, read_stack_file

CANARY = "sk-or-v1-" + "c" * 24
CONFIG: dict[str, Any] = {
    "services": {"a.b": {"limit": 1, "adopt": {"hash": "abc", "key": CANARY}}, "plain": {"limit": 1}},
    "byokKeys": {"ours": {"provider": "openai", "key": "sk-proj-" + "d" * 24}},
}
SERVICES, BYOK = "openrouter-keys:services", "openrouter-keys:byokKeys"


def refused(secret: set[str], stack_file: str = "") -> dict[str, str]:
    """Return what is refused, by path, where these settings have something encrypted in them."""
    found = plaintext_credentials(CONFIG, secret.__contains__, stack_file)
    return {problem.path: problem.what for problem in found}


@pytest.mark.parametrize(
    ("secret", "paths"),
    [
        (set(), ["services.a.b.adopt.key", "byokKeys.ours.key"]),
        ({SERVICES}, ["byokKeys.ours.key"]),
        ({BYOK}, ["services.a.b.adopt.key"]),
        ({SERVICES, BYOK}, []),
    ],
)
def test_a_credential_must_be_encrypted(secret: set[str], paths: list[str]) -> None:
    """An adopted key and a provider key in a setting without any secret are in plaintext."""
    assert list(refused(secret)) == paths


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (f"      adopt: {{hash: abc, key: {CANARY}}}\n    other: {{adopt: {{key: {{secure: v1:x}}}}}}", 1),
        ("      adopt: {hash: abc, key: {secure: v1:abc}}", 0),
        (f"# {CANARY}", 1),
        ("", 0),
    ],
)
def test_the_file_tells_which_value_is_in_plaintext(text: str, paths: int) -> None:
    """Where another part of the setting is encrypted, the stack's file shows whether this one is."""
    assert len(refused({SERVICES, BYOK}, text)) == paths


def test_the_fix_is_a_command_and_the_value_is_not_shown() -> None:
    """The command's path takes a name with a dot for one name."""
    what = refused(set())["services.a.b.adopt.key"]
    command = "pulumi config set --secret --path 'openrouter-keys:services[\"a.b\"].adopt.key'"
    assert what == f"is in plaintext; run: {command}"
    assert CANARY not in str(refused(set()))


def test_a_missing_file_says_nothing(tmp_path: Path) -> None:
    """With --config-file the stack's config is elsewhere, and Pulumi's own word has to do."""
    assert read_stack_file(tmp_path, "dev") == ""
    (tmp_path / "Pulumi.dev.yaml").write_bytes(b"\xff")
    assert read_stack_file(tmp_path, "dev") == ""
    (tmp_path / "Pulumi.prod.yaml").write_text("config: {}", encoding="utf-8")
    assert read_stack_file(tmp_path, "prod") == "config: {}"
