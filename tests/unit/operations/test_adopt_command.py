"""What `adopt` prints: settings that keep the key as it is, and commands that a shell takes as they stand."""

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.config.problems import config_step
from openrouter_provider.config.source import RawConfig, read_config
from openrouter_provider.operations.adopt import adoption, find_key, instructions, parts_of, refuse_taken, settings_of
from openrouter_provider.operations.stack.deployment import KnownKey
from tests.unit.api_fixtures import Server
from tests.unit.report_fixtures import NOW, record

WORKSPACE = "6f1c0a2e-0000-4000-8000-000000000001"


def raw(config: dict[str, str]) -> RawConfig:
    """Return the settings of a config without files."""
    return read_config(config.get, Path(), config)


@pytest.mark.parametrize(
    ("fields", "defaults", "settings"),
    [
        ({"limit": None}, {}, {"unlimited": True}),
        ({"limit": 5.0}, {}, {"limit": 5}),
        ({"limit": 5.5, "limit_reset": "daily"}, {}, {"limit": 5.5, "limitReset": "daily"}),
        ({"limit": 5}, {"limitReset": "monthly"}, {"limit": 5, "limitReset": None}),
        ({"limit": 5, "disabled": True}, {}, {"limit": 5, "disabled": True}),
        ({"limit": 5}, {"disabled": True}, {"limit": 5, "disabled": False}),
        ({"limit": 5, "include_byok_in_limit": True}, {}, {"limit": 5, "includeByokInLimit": True}),
        ({"limit": 5, "expires_at": "2030-01-01T00:00:00Z"}, {}, {"limit": 5, "expiresAt": "2030-01-01T00:00:00Z"}),
        ({"limit": 5, "workspace_id": WORKSPACE}, {}, {"limit": 5, "workspaceId": WORKSPACE}),
        ({"limit": 5, "workspace_id": "default"}, {}, {"limit": 5}),
    ],
)
def test_settings_keep_the_key_as_it_is(
    fields: dict[str, Any], defaults: dict[str, Any], settings: dict[str, Any]
) -> None:
    """Each of the key's own settings is spelled out where it differs from the defaults."""
    assert settings_of(record(**fields), defaults) == {**settings, "adopt": {"hash": "hash-checkout"}}


@pytest.mark.parametrize(
    ("service", "step"),
    [
        ("checkout", ".checkout"),
        ("check_out-2", ".check_out-2"),
        ("a.b", '["a.b"]'),
        ("2fa", '["2fa"]'),
    ],
)
def test_names_with_dots_are_one_step_of_a_path(service: str, step: str) -> None:
    """Pulumi's path would split a name at its dots."""
    assert config_step(service) == step


def test_the_printed_config_is_yaml_and_the_command_is_a_command() -> None:
    """The YAML reads back as the settings, the path is one argument, and the value is no argument at all."""
    plan = adoption("dev", "a.b", record(limit=5.5, limit_reset="daily"), RawConfig({}), NOW)
    printed = instructions(plan, Path())
    config = yaml.safe_load("\n".join(line for line in printed.splitlines() if line.startswith("  ")))
    assert config == {"openrouter-keys:services": {"a.b": plan.settings}}
    (line,) = (line for line in printed.splitlines() if line.startswith("pulumi config set"))
    path = 'openrouter-keys:services["a.b"].adopt.key'
    assert shlex.split(line) == ["pulumi", "config", "set", "--secret", "--path", path, "--stack", "dev"]


def test_another_folder_is_named_in_each_command() -> None:
    """With --project, the commands say where the project is."""
    plan = adoption("dev", "a", record(limit=5), RawConfig({}), NOW)
    commands = [line for line in instructions(plan, Path("my keys")).splitlines() if line.startswith("pulumi ")]
    assert len(commands) == 3
    assert all(line.endswith(" --cwd 'my keys'") for line in commands)


def test_a_hostile_key_name_stays_in_its_comment() -> None:
    """A key's name can't add a line to what a person pastes."""
    plan = adoption("dev", "a", record(name="x\nrm -rf /\r\x1b[2K", limit=5), RawConfig({}), NOW)
    assert not any(line.startswith("rm") for line in instructions(plan, Path()).splitlines())
    assert "\x1b" not in instructions(plan, Path())


@pytest.mark.parametrize(
    ("service", "config", "problem"),
    [
        ("a", {"openrouter-keys:maxLimit": "3"}, r"above maxLimit \$3\.00"),
        ("not a name", {}, "is no service name"),
        ("a", {"openrouter-keys:maxLimt": "5"}, "openrouter-keys:maxLimt: is not a known setting"),
    ],
)
def test_what_the_config_would_refuse_is_refused_now(service: str, config: dict[str, str], problem: str) -> None:
    """One line says what the next `pulumi up` would have said."""
    with pytest.raises(ConfigurationError, match=problem) as caught:
        adoption("dev", service, record(limit=5), raw(config), NOW)
    assert "\n" not in str(caught.value)


def test_an_expired_key_is_refused() -> None:
    """A key past its expiry can't be adopted."""
    with pytest.raises(ConfigurationError, match="expired at 2027-01-01T00:00:00Z"):
        adoption("dev", "a", record(limit=5, expires_at="2027-01-01T00:00:00Z"), RawConfig({}), NOW)


def test_a_service_in_the_config_is_pointed_out() -> None:
    """Where the config has the service already, the text says what to do with it."""
    config = {"openrouter-keys:services": json.dumps({"a": {"limit": 1}})}
    plan = adoption("dev", "a", record(limit=5), raw(config), NOW)
    assert "stands there already" in instructions(plan, Path())


def test_a_service_of_a_file_is_to_leave_it(tmp_path: Path) -> None:
    """A file can't encrypt the key's value, so the text names the file from which the service has to go."""
    (tmp_path / "shop.yaml").write_text("a: {limit: 1}", encoding="utf-8")
    config = {"openrouter-keys:services": "{}", "openrouter-keys:servicesFrom": '["shop.yaml"]'}
    plan = adoption("dev", "a", record(limit=5), read_config(config.get, tmp_path), NOW)
    assert "# shop.yaml has the service: take it out there" in instructions(plan, Path())


def test_an_adoption_keeps_to_the_policy() -> None:
    """The rules hold for an adopted key as for any other."""
    config = raw({"openrouter-keys:policy": '{"requireReset": true}'})
    with pytest.raises(ConfigurationError, match=r"services\.a\.limitReset: is missing, and policy\.requireReset"):
        adoption("dev", "a", record(limit=5), config, NOW)


@pytest.mark.parametrize(
    ("key_hash", "service", "said"),
    [
        ("h1", "other", "is known to stack dev already, as the key of a"),
        ("h0", "other", "as a superseded key of a"),
        ("h2", "a", "service a of stack dev has a key already"),
    ],
)
def test_what_is_taken_is_refused(key_hash: str, service: str, said: str) -> None:
    """Neither a key nor a service is managed twice."""
    known = [KnownKey("h0", "a", superseded=True), KnownKey("h1", "a")]
    known.sort(key=lambda key: key.hash != key_hash)
    with pytest.raises(ConfigurationError, match=said):
        refuse_taken(key_hash, service, known, "dev")


def test_a_key_that_does_not_exist_is_refused() -> None:
    """The error names the beginning of the hash and where to look."""
    with pytest.raises(ConfigurationError, match=r"the account has no key gone.*list --all-keys"):
        find_key(Server().client(), "gone")


def test_a_stack_that_is_not_there_is_made_first() -> None:
    """The printed commands begin with the one that makes the stack; of a stack that is there they don't."""
    made = adoption("new-1", "checkout", record(limit=5), raw({}), NOW)
    assert "pulumi stack init" not in instructions(made, Path())
    text = instructions(replace(made, is_first=True), Path("infra"))
    commands = parts_of(text)["commands"]
    assert commands[0] == "pulumi stack init new-1 --cwd infra"
    assert [command.split()[1] for command in commands] == ["stack", "config", "preview", "up"]


def test_the_instructions_are_had_by_programs_too() -> None:
    """The config is YAML that can be pasted, the commands are in their order, and the rest are notes."""
    parts = parts_of(instructions(adoption("dev", "checkout", record(limit=5), raw({}), NOW), Path()))
    assert yaml.safe_load("\n".join(parts["config"]))["openrouter-keys:services"]["checkout"]["limit"] == 5
    assert all(command.startswith("pulumi ") for command in parts["commands"])
    assert any("keeps its value" in note for note in parts["notes"])
