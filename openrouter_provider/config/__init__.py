"""The stack's config: what stands in it, what it means, and everything that is wrong with it."""
