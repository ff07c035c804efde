"""Values that a resource doesn't keep as its own: what was there before it, and what only passes through."""
