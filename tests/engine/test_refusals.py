"""What `pulumi up` refuses, in words that say what to do, and with nothing done."""

import pytest

from sandbox.lifecycle import Sandbox
from tests.faults.diagnostics import problem_of
from tests.harness import Run, Stack, open_stack

# One stack on which nothing is ever made serves most tests: keep them in one process.
pytestmark = pytest.mark.xdist_group("refusals")

WITH_A_KEY = """
import openrouter_provider as openrouter

openrouter.Guardrail("g", allowed_models=["sk-or-v1-" + "c" * 64])
"""
MISTAKES = {
    "checkout": {"limit": "fifty"},
    "search": {},
    "bot": {"limit": 5, "limitReset": "hourly", "expiresAt": "tomorrow"},
    "mail": {"limit": 500},
    "typo": {"limit": 1, "limitRest": "daily"},
}


@pytest.fixture(scope="module")
def untouched(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """An empty stack that stays empty."""
    return open_stack(tmp_path_factory.mktemp("refusals") / "project", sandbox)


def refused(run: Run) -> str:
    """Return what a refused run printed."""
    assert run.code not in (0, None), run
    assert "Traceback" not in run.output, run
    return run.output


def test_every_config_error_is_named_at_once_and_nothing_is_called(untouched: Stack) -> None:
    """All wrong settings are listed by full path in one run, and neither API hears of it."""
    untouched.configure(MISTAKES, maxLimit=100, defaults={"rotation": {"every": "soon"}})
    untouched.control.clear_calls()
    output = refused(untouched.up(check=False))
    for path in (
        "services.checkout.limit: must be a number of USD",
        "services.search.limit: is missing",
        "services.bot.limitReset: must be daily, weekly or monthly",
        "services.bot.expiresAt: must be ISO 8601",
        "services.mail.limit: is above maxLimit $100.00",
        "services.typo.limitRest: is not a known setting; did you mean limitReset?",
        "defaults.rotation.every: must be a duration such as 90d",
    ):
        assert path in output, path
    assert untouched.control.calls() == []
    assert untouched.secret_names() == []


def test_missing_management_key_is_one_clear_line(untouched: Stack) -> None:
    """Without a management key nothing is made and the line says where to put it."""
    untouched.configure({"checkout": {"limit": 5}})
    output = refused(untouched.up(check=False, OPENROUTER_MANAGEMENT_KEY=""))
    assert "no OpenRouter management key: set OPENROUTER_MANAGEMENT_KEY" in output
    assert "pulumi config set --secret openrouter:managementKey" in output


@pytest.mark.parametrize(
    ("kind", "hint"),
    [("wrong", "invalid-key"), ("standard", "standard key")],
)
def test_key_that_cannot_manage_is_named_for_what_it_is(untouched: Stack, kind: str, hint: str) -> None:
    """A wrong and a standard key are told apart, and never shown."""
    _, standard = untouched.control.create_key(name="a standard key", limit=0)
    untouched.configure({"checkout": {"limit": 5}})
    value = {"wrong": "sk-or-v1-" + "0" * 64, "standard": standard}[kind]
    output = refused(untouched.up(check=False, OPENROUTER_MANAGEMENT_KEY=value))
    assert hint in output
    assert value not in output
    assert untouched.secret_names() == []


def test_management_key_in_plaintext_config_is_refused(stack: Stack) -> None:
    """A management key in the clear is refused with the command that encrypts it; encrypted it is used."""
    stack.configure({"checkout": {"limit": 5}})
    key = stack.environment.pop("OPENROUTER_MANAGEMENT_KEY")
    stack.pulumi("config", "set", "openrouter:managementKey", key, "--plaintext")
    output = refused(stack.up(check=False))
    assert "openrouter:managementKey: is in plaintext" in output
    assert "pulumi config set --secret openrouter:managementKey" in output
    stack.pulumi("config", "set", "--secret", "openrouter:managementKey", key)
    stack.up()
    assert stack.authenticates("checkout")


def test_change_that_is_refused_for_lack_of_credits_is_made_by_the_next_run(stack: Stack) -> None:
    """A 402 on the update alone is one line; key and state keep the old limit, and the next up sends the new one."""
    stack.configure({"checkout": {"limit": 5}, "search": {"limit": 5}})
    stack.up()
    stack.configure({"checkout": {"limit": 6}, "search": {"limit": 5}})
    stack.control.fault("update_key", "status_before", status=402, count=100)
    assert problem_of(stack.up(check=False), "docs/errors.md#insufficient-credits") is None
    assert limits(stack) == {"checkout": (5, 5), "search": (5, 5)}
    stack.control.clear_faults()
    stack.control.clear_calls()
    stack.up()
    assert limits(stack) == {"checkout": (6, 6), "search": (5, 5)}
    assert [call["operation"] for call in stack.control.calls() if call["method"] != "GET"] == ["update_key"]


def limits(stack: Stack) -> dict[str, tuple[float, float]]:
    """Return each service's limit in the state and on OpenRouter."""
    there = {key["hash"]: key["limit"] for key in stack.control.keys()}
    keys = {service: key["outputs"] for service, key in stack.resources("ApiKey").items()}
    return {service: (key["limit"], there[key["hash"]]) for service, key in keys.items()}


def test_plain_http_is_refused_before_any_call(untouched: Stack) -> None:
    """An endpoint without TLS that is not this machine is refused."""
    untouched.configure({"checkout": {"limit": 5}})
    output = refused(untouched.up(check=False, OPENROUTER_BASE_URL="http://openrouter.example/api/v1"))
    assert "HTTPS" in output or "https" in output


def test_a_key_in_a_wrong_argument_is_not_printed(untouched: Stack) -> None:
    """Pulumi prints the value of an argument that is refused by its name; one with a key in it is refused without."""
    program = untouched.folder / "__main__.py"
    ours = program.read_text()
    try:
        program.write_text(WITH_A_KEY)
        output = refused(untouched.pulumi("preview", check=False))
    finally:
        program.write_text(ours)
    assert "Guardrail resource 'g' has a problem: allowed_models holds an OpenRouter key" in output
    assert "c" * 16 not in output
