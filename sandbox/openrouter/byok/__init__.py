"""Keys of other vendors that an account brought along."""
