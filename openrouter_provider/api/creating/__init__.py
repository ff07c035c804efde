"""One object made exactly once: what a create whose answer was lost has made is deleted, or taken over."""
