"""What can go wrong with the sandbox itself."""


class SandboxError(Exception):
    """The sandbox can't do what was asked; the message is one line with the fix."""
