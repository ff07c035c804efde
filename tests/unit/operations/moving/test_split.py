"""Who stays in a stack and who goes: the oldest stay, and who is placed is never placed again."""

import random

import pytest

from openrouter_provider.operations.moving.splitting import assignment, secrets_provider_of


@pytest.mark.parametrize(
    ("services", "tied", "placed", "stays", "goes"),
    [
        ("abc", "", {}, "abc", {}),
        ("abcd", "", {}, "abc", {"p-2": "d"}),
        ("abcdefg", "", {"p-2": 2}, "abc", {"p-2": "d", "p-3": "efg"}),
        ("abcde", "", {"p-2": 3, "p-3": 5}, "abc", {"p-4": "de"}),
        ("abcd", "d", {}, "abd", {"p-2": "c"}),
        ("abcde", "abcde", {}, "abcde", {}),
        ("abcde", "bcde", {}, "bcde", {"p-2": "a"}),
        ("", "", {}, "", {}),
    ],
)
def test_the_oldest_stay_and_the_others_go_where_there_is_room(
    services: str, tied: str, placed: dict[str, int], stays: str, goes: dict[str, str]
) -> None:
    """Of three a stack; one that can't go stays whatever its age, and takes a place."""
    found = assignment(list(services), tied, placed, "p", 3)
    assert "".join(found.stays) == stays
    assert {stack: "".join(names) for stack, names in found.goes.items()} == goes


def test_growing_never_reshuffles() -> None:
    """However many services come, and however often the stack is split, one that is placed stays there."""
    chance = random.Random(7)  # noqa: S311 - a test's dice
    placed: dict[str, str] = {}
    here: list[str] = []
    number = 0
    for _ in range(50):
        for _ in range(chance.randint(0, 7)):
            here.append(f"s{number}")
            number += 1
        counts = {stack: list(placed.values()).count(stack) for stack in placed.values()}
        found = assignment(here, [], counts, "p", 5)
        for stack, names in found.goes.items():
            assert not set(names) & set(placed)
            placed |= dict.fromkeys(names, stack)
        here = list(found.stays)
        assert here == [f"s{each}" for each in range(min(number, 5))]
        assert all(list(placed.values()).count(stack) <= 5 for stack in placed.values())


@pytest.mark.parametrize(
    ("text", "provider"),
    [
        ("encryptionsalt: v1:a\n", "passphrase"),
        ("secretsprovider: awskms://alias/a\nencryptedkey: b\n", "awskms://alias/a"),
        ("config: {}\n", None),
        ("", None),
    ],
)
def test_new_stacks_encrypt_as_the_split_one_does(text: str, provider: str | None) -> None:
    """What the config file says; nothing where the backend encrypts in its own way."""
    assert secrets_provider_of(text) == provider
