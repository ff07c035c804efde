"""Objects of any kind, for resources that need no area of the API of their own."""
