"""Simulator of OpenRouter's key management API over real HTTP.

It serves `/api/v1` the way OpenRouter does and, beside it, a control endpoint under `/_sandbox` through which
a test sets latency, rate limits and faults, edits keys out of band, and reads what was called.
"""

from sandbox.openrouter.client import Control
from sandbox.openrouter.server import SimulatorServer

__all__ = ["Control", "SimulatorServer"]
