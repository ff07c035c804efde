"""A change that lets a key do more stands out in the preview."""

from tests.harness import Stack

READER = "arn:aws:iam::123456789012:role/checkout"


def test_a_preview_warns_of_each_service_whose_rights_grow(stack: Stack) -> None:
    """A raised limit, a removed expiry and a new reader are one warning; a lowered limit is none."""
    stack.configure({"checkout": {"limit": 5, "expiresAt": "2039-12-01T00:00:00Z"}, "search": {"limit": 5}})
    stack.up()
    stack.configure({"checkout": {"limit": 7, "readers": [READER]}, "search": {"limit": 4}})
    warnings = [line.strip() for line in stack.pulumi("preview").output.splitlines() if line.startswith("    warning:")]
    assert warnings == [
        "warning: checkout: the change widens what the key may do: limit raised from $5.00 to $7.00; "
        f"expiry of 2039-12-01T00:00:00Z removed; reader added: {READER}"
    ]
