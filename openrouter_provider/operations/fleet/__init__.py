"""Pulumi run for many stacks: an engine each, some side by side, and what became of each of them."""
