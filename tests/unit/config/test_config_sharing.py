"""Settings that several stacks share: the file under a stack's own settings, and what one stack has of another."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from openrouter_provider.config.problems import Problem, StackConfigError
from openrouter_provider.config.sharing.environment import stacks_of_environment
from openrouter_provider.config.sharing.extending import BaseSettings, located, over_base
from openrouter_provider.config.sharing.stack_files import stack_files
from openrouter_provider.config.source import RawConfig, read_config
from openrouter_provider.config.stack import StackConfig

CANARY = "sk-or-v1-" + "c" * 24
DECLARED = {"extends": "", "namePrefix": "", "environment": "", "defaults": {}, "servicesFrom": [], "policy": {}}
"""What Pulumi gives a stack that sets nothing, since Pulumi.yaml declares these."""


def raw(folder: Path, base: object, **own: Any) -> RawConfig:
    """Return what a stack reads that extends a file with this content."""
    (folder / "prod.yaml").write_text(base if isinstance(base, str) else yaml.safe_dump(base), encoding="utf-8")
    settings = {**DECLARED, "services": {}, "extends": "prod.yaml", **own}
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in settings.items()}
    values = {f"openrouter-keys:{name}": text for name, text in texts.items()}
    return read_config(values.get, folder)


def parsed(folder: Path, base: object, **own: Any) -> StackConfig:
    """Return the config of such a stack."""
    return raw(folder, base, **own).parsed("eu")


def problems(folder: Path, base: object, **own: Any) -> dict[str, str]:
    """Return what is wrong with it, by path."""
    with pytest.raises(StackConfigError) as caught:
        parsed(folder, base, **own)
    assert CANARY not in str(caught.value)
    return {problem.path: problem.what for problem in caught.value.problems}


def test_the_file_s_settings_are_the_stack_s_where_it_has_none(tmp_path: Path) -> None:
    """What Pulumi.yaml declares as empty counts as not set; with or without the namespace before a name."""
    base = {"namePrefix": "acme/prod", "openrouter-keys:environment": "prod", "defaults": {"limit": 25}, "maxLimit": 30}
    config = parsed(tmp_path, base, services={"checkout": {}})
    assert (config.name_prefix, config.environment, config.services["checkout"].limit) == ("acme/prod", "prod", 25)
    assert problems(tmp_path, base, services={"checkout": {"limit": 40}}) == {
        "services.checkout.limit": "is above maxLimit $30.00: lower it, or raise maxLimit"
    }


@pytest.mark.parametrize(
    ("own", "base", "merged"),
    [
        ({"namePrefix": "a"}, {"namePrefix": "b"}, {"namePrefix": "a"}),
        ({"servicesFrom": []}, {"servicesFrom": ["a.yaml"]}, {"servicesFrom": ["a.yaml"]}),
        ({"servicesFrom": ["b.yaml"]}, {"servicesFrom": ["a.yaml"]}, {"servicesFrom": ["b.yaml"]}),
        (
            {"defaults": {"limit": 1, "tags": {"B": "2"}}},
            {"defaults": {"limit": 2, "tags": {"A": "1"}}},
            {"defaults": {"limit": 1, "tags": {"A": "1", "B": "2"}}},
        ),
        ({"defaults": {"rotation": None}}, {"defaults": {"rotation": {}}}, {"defaults": {"rotation": None}}),
        ({"defaults": {"unlimited": True}}, {"defaults": {"limit": 5}}, {"defaults": {"unlimited": True}}),
        (
            {"services": {"a": {"limit": 1}}},
            {"services": {"a": {"limit": 2, "disabled": True}}},
            {"services": {"a": {"limit": 1, "disabled": True}}},
        ),
        ({"services": {"a": None}}, {"services": {"a": {"limit": 2}}}, {"services": {"a": {"limit": 2}}}),
        ({"services": {"a": {}}}, {"services": {"b": {}}}, {"services": {"a": {}, "b": {}}}),
        (
            {"policy": {"exemptions": {"a": {"requireReset": "x"}}}},
            {"policy": {"requireReset": True, "exemptions": {"b": {"requireReset": "y"}}}},
            {"policy": {"requireReset": True, "exemptions": {"a": {"requireReset": "x"}, "b": {"requireReset": "y"}}}},
        ),
        ({"services": "wrong"}, {"services": {"a": {}}}, {"services": "wrong"}),
    ],
)
def test_the_stack_s_own_settings_win(own: dict[str, Any], base: dict[str, Any], merged: dict[str, Any]) -> None:
    """Objects are merged part by part; of two settings that exclude each other the stack's own counts."""
    assert over_base(own, base) == merged


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("defaults.limit", "prod.yaml: defaults.limit"),
        ("defaults.tags", "defaults.tags"),
        ("services.a.b.limit", "prod.yaml: services.a.b.limit"),
        ("services.own.limit", "services.own.limit"),
        ("policy.monthlyBudget", "prod.yaml: policy.monthlyBudget"),
        ("team.yaml: services.x", "team.yaml: services.x"),
        ("openrouter:managementKey", "openrouter:managementKey"),
    ],
)
def test_a_problem_names_the_file_it_stands_in(path: str, shown: str) -> None:
    """What only the file sets is the file's problem; what the stack sets too is the stack's."""
    base = {"defaults": {"limit": -1, "tags": {}}, "services": {"a.b": {"limit": -1}}, "policy": {"monthlyBudget": 1}}
    own = {"defaults": {"tags": {"A": "1"}}, "services": {"own": {"limit": -1}}, "policy": {}}
    assert located(Problem(path, "is wrong"), own, BaseSettings("prod.yaml", base)).path == shown


def test_problems_of_the_file_name_it(tmp_path: Path) -> None:
    """A wrong value, a misspelt setting, another namespace's, a chain of files: each by the file's path."""
    base = {"defaults": {"limit": -1}, "servces": {}, "aws:region": "us-east-1", "extends": "other.yaml"}
    assert set(problems(tmp_path, base)) == {
        "prod.yaml: defaults.limit",
        "prod.yaml: servces",
        "prod.yaml: aws:region",
        "prod.yaml: extends",
    }


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ({"services": {"a": {"limit": 1, "adopt": {"hash": "a" * 64, "key": CANARY}}}}, "prod.yaml: services.a.adopt"),
        ({"byokKeys": {"ours": {"provider": "openai", "key": "sk-their-key"}}}, "prod.yaml: byokKeys.ours.key"),
        ({"defaults": {"limit": 1, "tags": {"A": CANARY}}}, "prod.yaml: defaults.tags.A"),
        ({"namePrefix": CANARY}, "prod.yaml: namePrefix"),
    ],
)
def test_no_credential_stands_in_the_file(tmp_path: Path, base: dict[str, Any], path: str) -> None:
    """Nothing encrypts it, so that a key in it, and a place for one, are refused by the file's path."""
    assert path in problems(tmp_path, base)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("missing.yaml", "names no file"),
        ("../prod.yaml", "without .."),
        ("/etc/passwd", "without .."),
        (".", "no file"),
    ],
)
def test_only_a_file_of_the_project_is_read(tmp_path: Path, name: str, what: str) -> None:
    """A path that leads nowhere, or out of the project's folder, is refused."""
    assert what in problems(tmp_path, {}, extends=name)["extends"]


def write_stack(folder: Path, name: str, **settings: Any) -> None:
    """Write a stack's file."""
    config = {f"openrouter-keys:{setting}": value for setting, value in settings.items()}
    (folder / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump({"config": config}), encoding="utf-8")


def test_stacks_of_one_prefix_are_one_environment(tmp_path: Path) -> None:
    """Read from their files, encrypted values and all; a prefix may come from a shared file or from Pulumi.yaml."""
    (tmp_path / "Pulumi.yaml").write_text("name: openrouter-keys\nconfig: {namePrefix: {value: acme/prod}}\n")
    (tmp_path / "prod.yaml").write_text("namePrefix: acme/prod\nservices: {shared: {limit: 1}}\n")
    adopted = {"limit": 2, "adopt": {"hash": "a" * 64, "key": {"secure": "AAAB"}}}
    write_stack(tmp_path, "eu", services={"a": adopted})
    write_stack(tmp_path, "us", extends="prod.yaml", services={"b": {"limit": 3}})
    write_stack(tmp_path, "dev", namePrefix="acme/dev", services={"c": {"limit": 3}})
    (tmp_path / "Pulumi.broken.yaml").write_text("a: [")
    found = stacks_of_environment(tmp_path, "eu", "openrouter-keys", "acme/prod")
    assert {stack: sorted(services.wishes) for stack, services in found.items()} == {
        "broken": [],
        "us": ["b", "shared"],
    }
    theirs = stacks_of_environment(tmp_path, "us", "openrouter-keys", "acme/prod")["eu"]
    assert (list(theirs.wishes), theirs.problems) == (["a"], [])


def test_stack_files_are_found_where_the_project_says(tmp_path: Path) -> None:
    """By name and in order, dots in it too; in the folder that stackConfigDir names where there is one."""
    for name in ("b", "a.1"):
        write_stack(tmp_path, name)
    (tmp_path / "Pulumi.yaml").write_text("name: p\n")
    assert list(stack_files(tmp_path)) == ["a.1", "b"]
    (tmp_path / "stacks").mkdir()
    write_stack(tmp_path / "stacks", "c")
    (tmp_path / "Pulumi.yaml").write_text("name: p\nstackConfigDir: stacks\n")
    assert list(stack_files(tmp_path)) == ["c"]


def test_an_exemption_may_be_for_any_stack_s_service(tmp_path: Path) -> None:
    """Two stacks may have one service's name, as in two regions; an exemption of no stack's service is a problem."""
    write_stack(tmp_path, "us", namePrefix="acme/prod", services={"a": {"limit": 1}, "b": {"limit": 1}})
    exemptions = {name: {"requireReset": "x"} for name in ("a", "b", "c")}
    policy = {"requireReset": True, "exemptions": exemptions}
    stack = raw(tmp_path, {"namePrefix": "acme/prod", "policy": policy}, services={"a": {"limit": 1}})
    with pytest.raises(StackConfigError) as caught:
        stack.parsed("eu", siblings=lambda prefix: stacks_of_environment(tmp_path, "eu", "openrouter-keys", prefix))
    assert [problem.path for problem in caught.value.problems] == ["prod.yaml: policy.exemptions.c"]


@pytest.mark.parametrize(
    ("named", "elsewhere"),
    [
        ("base", True),
        ("eu", False),
        ("openrouter-keys/eu", False),
        ("acme/openrouter-keys/eu", False),
        ("acme/p/eu", True),
    ],
)
def test_what_names_this_stack_is_its_own(tmp_path: Path, named: str, elsewhere: bool) -> None:
    """A shared file says which stack declares a workspace; in that one it is declared, in the others referred to."""
    base = {"workspaces": {"pay": {"stack": named, "budgets": {"monthly": 5}}}, "guardrails": {"g": {"stack": named}}}
    config = parsed(tmp_path, base)
    assert (config.workspaces["pay"].elsewhere, config.guardrails["g"].elsewhere) == (elsewhere, elsewhere)


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"workspaces": {"w": {"id": "x"}}}, "workspaces.w.id"),
        ({"workspaces": {"w": {"id": "0" * 8 + "-0000-0000-0000-" + "0" * 12, "name": "W"}}}, "workspaces.w.id"),
        ({"guardrails": {"g": {"stack": "a/b/c/d"}}}, "guardrails.g.stack"),
        ({"environment": "a b"}, "environment"),
    ],
)
def test_wrong_references_are_problems(tmp_path: Path, settings: dict[str, Any], path: str) -> None:
    """An id that is none, settings beside an id, a stack's name that is none."""
    assert list(problems(tmp_path, {}, **settings)) == [path]
