"""Services move between stacks of one project: no key, no secret and no preview changes."""

from tests.engine.moving import PREVIEW, fingerprints, key_hashes, move, neighbour_of, writes
from tests.engine.schedule import ROTATING, START, after
from tests.harness import Stack

ROLE = "arn:aws:iam::123456789012:role/checkout"


def test_services_move_into_an_empty_stack_and_into_one_with_services(stack: Stack) -> None:
    """A rotated key with a superseded one, readers and several services at once move, and both previews are empty."""
    stack.now = START
    stack.configure({"checkout": {**ROTATING, "readers": [ROLE]}, "mail": {"limit": 2}, "search": {"limit": 3}})
    stack.up()
    stack.now = after(91)
    stack.up()
    hashes, versions = key_hashes(stack), fingerprints(stack)
    assert len(hashes) == len(versions) + 1
    stack.control.clear_calls()

    # Into an empty stack, then into the one that has services by then, and back again.
    other = neighbour_of(stack)
    move(stack, other, "checkout")
    for each in (stack, other):
        each.pulumi(*PREVIEW)
    for each in (stack, other):
        each.up()
    move(stack, other, "mail", "search")
    for each in (stack, other):
        each.pulumi(*PREVIEW)
    move(other, stack, "mail")
    for each in (stack, other):
        each.up("--expect-no-changes")
        assert not each.drifted()

    assert sorted(stack.services()) == ["mail"]
    assert sorted(other.services()) == ["checkout", "search"]
    assert (key_hashes(stack), fingerprints(stack), writes(stack)) == (hashes, versions, [])
    assert all(stack.authenticates(service) for service in ("checkout", "mail", "search"))
