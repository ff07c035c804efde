"""Misspelt settings at the top level, and where the names of all settings come from."""

from pathlib import Path
from typing import Any

import pytest

from openrouter_provider.config.names import KNOWN_SETTINGS, setting_names, unknown_names
from openrouter_provider.config.problems import StackConfigError
from openrouter_provider.config.source import read_config

CANARY = "sk-or-v1-" + "c" * 24
PLAINTEXT = (
    "; its value is in plaintext: take it out, and make a new management key, since this one may be in your history"
)


def unknown(config: dict[str, str], *secret: str) -> dict[str, str]:
    """Return what is said of a stack's settings, by path."""
    return {problem.path: problem.what for problem in unknown_names(config, config.get, secret.__contains__)}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("openrouter-keys:maxLimt", "did you mean maxLimit?"),
        ("openrouter-keys:polcy", "did you mean policy?"),
        ("openrouter-keys:serviceFrom", "did you mean servicesFrom?"),
        ("openrouter-keys:service", "did you mean services?"),
        ("openrouter-keys:Services", "did you mean services?"),
        ("openrouter-keys:byok_keys", "did you mean byokKeys?"),
        ("openrouter-keys:zzz", "known settings: budget, byokKeys, defaultGuardrails, defaults, "),
        ("openrouter:baseURL", "did you mean baseUrl?"),
        ("openrouter:services", "did you mean openrouter-keys:services?"),
        ("openrouter-keys:baseUrl", "did you mean openrouter:baseUrl?"),
    ],
)
def test_a_misspelt_setting_is_named_in_full(name: str, hint: str) -> None:
    """Each is an error with the name that was meant, of the other namespace where it stands there."""
    ((path, what),) = unknown({name: "{}"}).items()
    assert path == name
    assert what.startswith(f"is not a known setting; {hint}")
    assert "plaintext" not in what


def test_what_is_known_or_not_ours_is_left_alone() -> None:
    """Other namespaces belong to others, however their names sound."""
    foreign = ("aws:region", "openrouter-keys-team:services", "acme:openrouter", "openrouterkeys:maxLimt")
    assert unknown(dict.fromkeys((*KNOWN_SETTINGS, *foreign), "x")) == {}


@pytest.mark.parametrize(
    ("name", "value", "secret", "told"),
    [
        ("openrouter:managmentKey", "anything", False, True),
        ("openrouter:mgmtKey", CANARY, False, True),
        ("openrouter-keys:managementKey", "anything", False, True),
        ("openrouter-keys:zzz", f"x {CANARY}", False, True),
        ("openrouter:managmentKey", CANARY, True, False),
        ("openrouter:baseUrll", "https://example.com", False, False),
    ],
)
def test_a_credential_under_a_misspelt_name_must_be_replaced(name: str, value: str, secret: bool, told: bool) -> None:
    """A value in plaintext is no less leaked for standing under a wrong name; it is not repeated."""
    ((path, what),) = unknown({name: value}, *([name] if secret else [])).items()
    assert path == name
    assert what.endswith(PLAINTEXT) is told
    assert CANARY not in what


def test_a_key_as_a_name_is_not_shown() -> None:
    """Somebody may paste a key as the name of a setting."""
    ((path, what),) = unknown({f"openrouter:{CANARY}": "x"}).items()
    assert path == "openrouter:sk-or-…"
    assert CANARY not in what


def test_misspelt_names_come_with_all_other_problems(tmp_path: Path) -> None:
    """One error lists them and what is wrong below the top level."""
    texts = {"openrouter-keys:services": '{"a": {"limt": 5}}', "openrouter-keys:maxLimt": "5", "openrouter:key": "x"}
    raw = read_config(texts.get, tmp_path, texts, lambda _name: False)
    with pytest.raises(StackConfigError) as caught:
        raw.parsed("dev")
    paths = {problem.path for problem in caught.value.problems}
    assert paths == {"openrouter-keys:maxLimt", "openrouter:key", "services.a.limt", "services.a.limit"}


STACK_FILE = "config:\n  openrouter-keys:services: {}\n  openrouter-keys:maxLimt: 5\nencryptionsalt: v1:x\n"
PROJECT_FILE = "name: openrouter-keys\nconfig:\n  polcy: {default: {}}\n  openrouter:baseUrll: {value: x}\n"


def test_what_the_sdk_tells_is_enough(tmp_path: Path) -> None:
    """What the engine handed over has the project's settings and an environment's in it: no file is read beside it."""
    (tmp_path / "Pulumi.dev.yaml").write_text(STACK_FILE, encoding="utf-8")
    told: dict[str, Any] = {"openrouter-keys:services": "{}", "aws:region": "x"}
    assert setting_names(told, tmp_path, "dev", "openrouter-keys") == ["aws:region", "openrouter-keys:services"]


def test_without_the_sdk_the_files_tell(tmp_path: Path) -> None:
    """Where the SDK no longer says, the stack's and the project's files do; a bare name is the project's."""
    assert setting_names({}, tmp_path, "dev", "openrouter-keys") == []
    (tmp_path / "Pulumi.dev.yaml").write_text(STACK_FILE, encoding="utf-8")
    (tmp_path / "Pulumi.yaml").write_text(PROJECT_FILE, encoding="utf-8")
    names = ["openrouter-keys:maxLimt", "openrouter-keys:polcy", "openrouter-keys:services", "openrouter:baseUrll"]
    assert setting_names({}, tmp_path, "dev", "openrouter-keys") == names
    (tmp_path / "Pulumi.dev.yaml").write_bytes(b"config: [\xff")
    (tmp_path / "Pulumi.yaml").write_text("- a", encoding="utf-8")
    assert setting_names({}, tmp_path, "dev", "openrouter-keys") == []
