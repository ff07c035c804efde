"""What `verify` sends to OpenRouter, and which refusals it expects."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from openrouter_provider.api.errors import AuthenticationError
from openrouter_provider.config.stack import StackConfig, parse_stack_config
from openrouter_provider.operations.blocking import Blocking
from openrouter_provider.operations.service_tables import verification_table
from openrouter_provider.operations.stack.stacks import DeployedService, DeployedStack
from openrouter_provider.operations.tables import tab_separated
from openrouter_provider.operations.verify import (
    FREE_MODEL,
    NO_FREE_MODEL,
    UNDEPLOYED,
    VerifiedService,
    expiry,
    impossible_times,
    model_to_ask,
    refusal_of,
    verify_service,
    verify_stack,
)
from openrouter_provider.stores.reading import may_be_sent
from sandbox.openrouter import Control

pytest_plugins = ("tests.unit.account_fixtures",)

LABEL = "sk-or-v1-0e6...1c96"
NOW = datetime(2027, 1, 1, tzinfo=UTC)


def service(*, disabled: bool = False, expires_at: str | None = None) -> DeployedService:
    """Return a deployed service."""
    return DeployedService("checkout", "h", "n", LABEL, "arn", "s", disabled=disabled, expires_at=expires_at)


@pytest.mark.parametrize(
    ("value", "sent"),
    [("sk-or-" + "x", True), ("k-" + "abc-1c96", False), ("hunter2 of the database", False), ("", False)],
)
def test_only_what_looks_like_a_key_is_sent(value: str, sent: bool) -> None:
    """A value that is no OpenRouter key stays here."""
    assert may_be_sent(SecretStr(value), LABEL) is sent


def test_a_key_of_another_form_is_known_by_its_label() -> None:
    """A key whose label masks it may be sent, whatever it starts with."""
    assert may_be_sent(SecretStr("ab-secret-yz"), "ab-...-yz")


def test_a_foreign_value_is_a_finding_that_does_not_quote_it() -> None:
    """What somebody else put into the secret is said to be no key, and no call is made."""
    found = verify_service(service(), "https://127.0.0.1:9/api/v1", lambda _arn: SecretStr("hunter2 of the database"))
    assert "is no OpenRouter key" in found.findings[0]
    assert "hunter2" not in repr(found)


def test_what_blocks_first_is_the_api_s_own_word(control: Control) -> None:
    """Asked with the service's own key, OpenRouter names the limit, what is left of it, and when it resets."""
    record, value = control.create_key(name="n", limit=5, limit_reset="monthly", usage_monthly=4)
    deployed = replace(service(), key_label=record["label"], limit=5, limit_reset="monthly")
    found = verify_service(deployed, control.url, lambda _arn: SecretStr(value))
    assert found.findings == ()
    assert found.blocks_first == Blocking("key limit", 1, "2027-02-01T00:00:00Z")


def config(**settings: Any) -> StackConfig:
    """Return a stack's config with one service more than is deployed."""
    services = {"checkout": {"limit": 1, "rotation": {"every": "90d"}}, "search": {"limit": 1}}
    return parse_stack_config({"services": services, **settings}, "acme/dev")


def test_a_declared_service_that_is_not_deployed_is_a_finding() -> None:
    """What the config wants is the measure: a service that the stack doesn't export is not passed over."""
    stack = DeployedStack("dev", "https://127.0.0.1:9/api/v1", (), config())
    found = verify_stack(stack, now=NOW).services
    assert [(one.service, one.secret_name, len(one.findings)) for one in found] == [
        ("checkout", "acme/dev/checkout/openrouter", 1),
        ("search", "acme/dev/search/openrouter", 1),
    ]


def test_a_config_that_can_t_be_read_is_no_reason_to_say_ok() -> None:
    """Where nobody knows what is declared, nobody knows that all of it is there."""
    (found,) = verify_stack(DeployedStack("dev", "https://127.0.0.1:9/api/v1", (), None), now=NOW).services
    assert (found.service, len(found.findings)) == ("(config)", 1)


@pytest.mark.parametrize(
    ("deployed", "settings", "findings", "notices"),
    [
        (service(), {}, 0, 0),
        (service(expires_at="2026-12-31T00:00:00Z"), {}, 1, 0),
        (service(expires_at="2026-12-31T00:00:00Z", disabled=True), {}, 0, 0),
        (service(expires_at="2027-01-10T00:00:00Z"), {}, 0, 1),
        (service(expires_at="2027-01-10T00:00:00Z"), {"expiryNotice": "7d"}, 0, 0),
        (service(expires_at="2027-02-10T00:00:00Z"), {"expiryNotice": "60d"}, 0, 1),
    ],
)
def test_an_expiry_is_told_some_days_ahead_and_then_found(
    deployed: DeployedService, settings: dict[str, str], findings: int, notices: int
) -> None:
    """A service that is switched off needs no key; for any other an expired key is wrong."""
    ended, ending = expiry(deployed, config(**settings), NOW)
    assert (len(ended), len(ending)) == (findings, notices)


@pytest.mark.parametrize(
    ("rotated_at", "due", "found"),
    [
        ("2026-12-31T00:00:00Z", "2027-03-31T00:00:00Z", 0),
        ("2027-01-01T00:04:00Z", "2027-04-01T00:04:00Z", 0),
        ("2027-01-01T00:06:00Z", "2027-04-01T00:00:00Z", 1),
        ("2099-01-01T00:00:00Z", "2099-04-01T00:00:00Z", 2),
    ],
)
def test_times_that_no_schedule_can_have_made_are_found(rotated_at: str, due: str, found: int) -> None:
    """A rotation yet to come and a next one beyond the period are a wrong clock's, beyond what a clock may be off."""
    deployed = replace(service(), rotated_at=rotated_at, next_rotation_at=due)
    assert len(list(impossible_times(deployed, config(), NOW))) == found


DEAD = AuthenticationError(401, "GET", "/key", None, "reading the key: the API answered 401")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("sk-or-v1-0e6" + "a" * 20 + "1c96", "it makes a deleted key anew"),
        ("sk-or-v1-fff" + "a" * 20 + "ffff", "the secret holds another key than the state's"),
    ],
)
def test_a_refused_key_comes_with_what_happened_and_the_heal(value: str, said: str) -> None:
    """The state's own key and another one are told apart, and both have the command; the value is not shown."""
    text = refusal_of(service(), SecretStr(value), DEAD, "prod")
    assert said in text
    assert "run `pulumi up --refresh --stack prod`" in text
    assert value not in text


@pytest.mark.parametrize(("what", "said"), [("guardrail", True), ("key limit", False)])
def test_the_table_says_what_its_columns_do_not(what: str, said: bool) -> None:
    """A limit from outside that blocks first is told; the key's own stands in the columns."""
    blocking = Blocking(what, 0.5, "2027-02-01T00:00:00Z")
    table = verification_table("dev", [VerifiedService("a", "s", LABEL, 5, 1, "monthly", blocking)])
    assert (f"blocks first: {what}: $0.50 left until 2027-02-01" in tab_separated([table])) is said


@pytest.mark.parametrize("has_no_config", [True, False])
def test_a_program_of_the_user_s_own_needs_no_config(has_no_config: bool) -> None:
    """Where there is no setting of ours at all, none is wrong; where there is one, nobody knows what it declares."""
    stack = DeployedStack("prod", "https://x", (), unfinished=("search",), has_no_config=has_no_config)
    found = {each.service: each.findings for each in verify_stack(stack).services}
    assert found["search"] == (UNDEPLOYED,)
    assert ("(config)" in found) is not has_no_config


@pytest.mark.parametrize(
    ("wish", "model", "asked"),
    [
        ({}, FREE_MODEL, FREE_MODEL),
        ({}, None, None),
        ({"models": ["a/b", "a/c:free"]}, FREE_MODEL, "a/c:free"),
        ({"models": ["a/b", FREE_MODEL]}, FREE_MODEL, FREE_MODEL),
        ({"models": ["a/b"]}, FREE_MODEL, None),
        ({"maxPrice": 2}, FREE_MODEL, None),
        ({"models": ["a/b"]}, "a/b", "a/b"),
        ({"maxPrice": 2}, "a/b", "a/b"),
        ({"models": ["a/b"]}, None, None),
    ],
)
def test_a_key_is_tried_with_a_model_that_it_may_call(
    wish: dict[str, Any], model: str | None, asked: str | None
) -> None:
    """A free one of its own, or the one that somebody chose; nobody is charged without a word."""
    config = parse_stack_config({"services": {"checkout": {"limit": 5, **wish}}}, "p/dev")
    assert model_to_ask(config.services["checkout"], model) == asked


def test_a_key_that_may_call_no_free_model_is_not_tried(control: Control) -> None:
    """That it authenticates is shown all the same, and a notice says that no request was sent."""
    config = parse_stack_config({"services": {"checkout": {"limit": 5, "models": ["sandbox/echo"]}}}, "p/dev")
    record, value = control.create_key(name="n", limit=5)
    known = replace(service(), key_hash=record["hash"], key_label=record["label"], limit=5)
    stack = DeployedStack("dev", control.url, (known,), config)
    (found,) = verify_stack(stack, chat_model=FREE_MODEL, read=lambda _reference: SecretStr(value), now=NOW).services
    assert (found.findings, found.notices) == ((), (NO_FREE_MODEL,))
    assert control.calls("chat") == []
