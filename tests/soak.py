"""What takes minutes is run on request: OPENROUTER_KEYS_SOAK=1, which `make faults` sets."""

import os

import pytest

SOAK = os.environ.get("OPENROUTER_KEYS_SOAK") == "1"
only_in_soak = pytest.mark.skipif(not SOAK, reason="OPENROUTER_KEYS_SOAK is not 1")
