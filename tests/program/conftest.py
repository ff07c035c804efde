"""What every program test has: none of this machine's environment."""

import pytest


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what this machine is set to out of the programs."""
    for name in ("OPENROUTER_BASE_URL", "OPENROUTER_MANAGEMENT_KEY", "OPENROUTER_MGMT_KEY", "OPENROUTER_KEYS_NOW"):
        monkeypatch.delenv(name, raising=False)
