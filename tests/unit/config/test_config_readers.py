"""Readers by environment: one file of services for the stacks of all environments."""

import json
from pathlib import Path
from typing import Any

import pytest

from openrouter_provider.config.problems import StackConfigError
from openrouter_provider.config.sharing.environment import stacks_of_environment
from openrouter_provider.config.source import RawConfig
from openrouter_provider.config.stack import parse_stack_config
from openrouter_provider.operations.moving.same_meaning import Side, changes_for

PROD, DEV, ADMIN = (f"arn:aws:iam::123456789012:role/{name}" for name in ("prod", "dev", "admin"))
BOTH = {"prod": [PROD], "dev": [DEV, ADMIN], "local": []}


def problems(service: dict[str, Any], stack: str = "dev", **settings: Any) -> dict[str, str]:
    """Return what is wrong, by path."""
    try:
        parse_stack_config({"services": {"a": {"limit": 5, **service}}, **settings}, f"p/{stack}")
    except StackConfigError as error:
        return {problem.path: problem.what for problem in error.problems}
    return {}


@pytest.mark.parametrize(
    ("readers", "defaults", "stack", "environment", "found"),
    [
        (BOTH, {}, "prod", None, (PROD,)),
        (BOTH, {}, "dev", None, (DEV, ADMIN)),
        (BOTH, {}, "prod-eu", "prod", (PROD,)),
        (BOTH, {}, "prod", "dev", (DEV, ADMIN)),
        (BOTH, {}, "local", None, ()),
        (json.dumps({"prod": [PROD]}), {}, "prod", None, (PROD,)),
        ({"prod": json.dumps([PROD])}, {}, "prod", None, (PROD,)),
        ([PROD], {}, "dev", None, (PROD,)),
        ([PROD], {"readers": BOTH}, "dev", None, (PROD,)),
        (BOTH, {"readers": [ADMIN]}, "dev", None, (DEV, ADMIN)),
        ({"dev": []}, {"readers": BOTH}, "dev", None, ()),
        (None, {"readers": BOTH}, "dev", None, (DEV, ADMIN)),
    ],
)
def test_the_stack_s_environment_says_which_readers_are_meant(
    readers: Any, defaults: dict[str, Any], stack: str, environment: str | None, found: tuple[str, ...]
) -> None:
    """It is the stack's name where none is set; a service's own readers replace the defaults'."""
    wish = {"limit": 5} | ({} if readers is None else {"readers": readers})
    settings = {"services": {"a": wish}, "defaults": defaults, "environment": environment}
    assert parse_stack_config(settings, f"acme/{stack}").services["a"].readers == found


@pytest.mark.parametrize(
    ("service", "found"),
    [
        (
            {"readers": {"prod": [PROD]}},
            {"services.a.readers": "names nobody for environment dev; there are: prod; "},
        ),
        ({"readers": {"dve": [DEV]}}, {"services.a.readers": "names nobody for environment dev; did you mean dve?"}),
        ({"readers": {}}, {"services.a.readers": "names nobody for environment dev; there are: none"}),
        ({"readers": {"dev": ["*"]}}, {"services.a.readers.dev.0": "must be the ARN of one role"}),
        (
            {"readers": {"dev": [DEV], "prod": [PROD, "*"]}},
            {"services.a.readers.prod.1": "must be the ARN of"},
        ),
        ({"readers": {"dev": DEV}}, {"services.a.readers.dev": "must be a list of readers, [] for nobody"}),
        ({"readers": {"dev": None}}, {"services.a.readers.dev": "must be a list of readers, [] for nobody"}),
        ({"store": "vault", "readers": {"dev": [DEV]}}, {"services.a.readers.dev": "have no meaning in store vault"}),
    ],
)
def test_what_is_wrong_with_readers_has_its_environment_in_its_path(
    service: dict[str, Any], found: dict[str, str]
) -> None:
    """An environment without a list is an error, and the lists of the others are checked as well."""
    told = problems(service)
    assert [*told] == [*found]
    assert all(what in told[path] for path, what in found.items())


def test_wrong_defaults_are_told_once() -> None:
    """Not by each service again; with what else is wrong."""
    readers = {"dev": [DEV], "prod": ["*"]}
    assert [*problems({}, defaults={"readers": readers}, maxLimit=1)] == ["defaults.readers.prod.0", "services.a.limit"]
    assert [*problems({}, defaults={"readers": {"prod": [PROD]}})] == ["defaults.readers"]


def test_a_policy_sees_the_stack_s_own_readers() -> None:
    """An empty list names nobody."""
    rule = {"requireReaders": True}
    assert problems({"readers": BOTH}, policy=rule) == {}
    assert [*problems({"readers": BOTH}, "local", policy=rule)] == ["services.a.readers"]


def test_a_service_that_moves_keeps_its_readers() -> None:
    """In a stack of another environment they are written out."""

    def side(stack: str, services: dict[str, Any]) -> Side:
        return Side(stack, "p", RawConfig({"services": services, "namePrefix": "acme"}), {})

    here = side("prod", {"a": {"limit": 5, "readers": BOTH}})
    assert changes_for(here, side("dev", {}), "a")["readers"] == [PROD]
    assert "readers" not in changes_for(here, side("prod", {}), "a")


def test_another_stack_of_the_environment_is_read_as_itself(tmp_path: Path) -> None:
    """The sum over an environment reads each stack's file by that stack's name."""
    (tmp_path / "Pulumi.yaml").write_text("name: openrouter-keys\nruntime: python\n")
    (tmp_path / "Pulumi.eu.yaml").write_text(
        "config:\n  openrouter-keys:namePrefix: acme\n"
        f"  openrouter-keys:services: {{a: {{limit: 5, readers: {{eu: ['{PROD}']}}}}}}\n"
    )
    found = stacks_of_environment(tmp_path, "us", "openrouter-keys", "acme")["eu"]
    assert (found.problems, found.wishes["a"].readers) == ([], (PROD,))
