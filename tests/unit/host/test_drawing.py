"""Names are drawn from the engine's seed, where it gives one."""

from openrouter_provider.host.drawing import drawing_from, drawn_hex
from openrouter_provider.keys.naming import physical_name

PLAN = {"name_prefix": "acme/dev/checkout"}


def test_a_plan_s_seed_draws_the_same_name_again() -> None:
    """The up of an update plan gives the key the name that was reviewed; another seed gives another."""
    names = []
    for seed in (b"one", b"one", b"two"):
        with drawing_from(seed):
            names.append(physical_name({}, PLAN)["name"])
    assert names[0] == names[1] != names[2]


def test_without_a_seed_each_draw_differs() -> None:
    """An engine that gives none, and what follows a seeded call, draw at random."""
    with drawing_from(b"one"):
        seeded = drawn_hex(7)
    with drawing_from(b""):
        drawn = {drawn_hex(7) for _ in range(20)}
    assert len(drawn | {drawn_hex(7), seeded}) > 20
    assert all(len(text) == 7 for text in drawn)


def test_a_drawn_name_is_kept_whatever_the_seed() -> None:
    """The state's own seed wins over the run's."""
    with drawing_from(b"one"):
        assert physical_name({"name_seed": "abcdef0"}, PLAN)["name"] == "acme/dev/checkout-abcdef0"
