"""Guardrails: what they hold, whom they are assigned to, how they are enforced."""
