"""The line about a clock that is not the real one."""

import pytest

from openrouter_provider.settings import notice

CANARY = "sk-or-v1-" + "c" * 24


@pytest.mark.parametrize("environment", [{}, {"OPENROUTER_KEYS_NOW": ""}])
def test_the_real_clock_is_not_mentioned(environment: dict[str, str]) -> None:
    """Nothing is said where nothing is set."""
    assert notice(environment) is None


def test_the_instant_is_named_and_what_to_do() -> None:
    """The line names the variable, the instant, and the way back."""
    said = notice({"OPENROUTER_KEYS_NOW": "2099-01-01T00:00:00Z"})
    assert said == (
        "OPENROUTER_KEYS_NOW is set: this run takes 2099-01-01T00:00:00Z for now; unset it when you no longer rehearse"
    )


def test_what_is_no_instant_is_not_repeated() -> None:
    """A variable may hold anything, and what reads the clock refuses it in its own words."""
    said = notice({"OPENROUTER_KEYS_NOW": f"{CANARY}\x1b[31m"})
    assert said is not None
    assert "something that is no instant" in said
    assert said.isprintable()
    assert CANARY not in said
