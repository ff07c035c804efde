"""What a key is, decided by pure functions: its inputs, its state, its schedule, what of it has changed."""
