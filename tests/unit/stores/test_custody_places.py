"""Which store's answers count for a key, when a run goes to another one of the same kind."""

from typing import Any

import pytest

from openrouter_provider.keys.fields import UNKNOWN
from openrouter_provider.stores.custody import in_this_run, no_config, settled

A, B = {"address": "https://a:8200"}, {"address": "https://b:8200"}
A_BY_ENVIRONMENT, B_BY_ENVIRONMENT = ({**each, "addressFrom": "environment"} for each in (A, B))
NAMESPACE = {**A, "namespace": "shop"}


def place(access: Any = None, reference: str = "vault:secret/data/x", store: str = "vault") -> dict[str, Any]:
    """Return a place with an access."""
    return {"store": store, "reference": reference, **({"access": access} if access else {})}


@pytest.mark.parametrize(
    ("before", "wanted", "is_there", "expected"),
    [
        ({}, place(A), False, place(A)),
        ({"stored_in": place(A)}, place(A_BY_ENVIRONMENT), False, place(A_BY_ENVIRONMENT)),
        ({"stored_in": place(A_BY_ENVIRONMENT)}, place(A), False, place(A)),
        ({"stored_in": place(A)}, place(B), False, place(A)),
        ({"stored_in": place(A)}, place(B), True, place(B)),
        ({"stored_in": place(A)}, place(NAMESPACE), False, place(A)),
        ({"stored_in": place(A)}, place(NAMESPACE), True, place(NAMESPACE)),
        ({"stored_in": place(A_BY_ENVIRONMENT)}, place(B_BY_ENVIRONMENT), True, place(A_BY_ENVIRONMENT)),
        ({"stored_in": place(A)}, place(), True, place(A)),
        ({"stored_in": place()}, place(B_BY_ENVIRONMENT), False, place()),
        ({"stored_in": place()}, place(B_BY_ENVIRONMENT), True, place(B_BY_ENVIRONMENT)),
        ({"name": "x"}, place(B), False, place()),
        ({"name": "x"}, place(B), True, place(B)),
        ({"stored_in": place(A)}, place(B, "vault:secret/data/y"), False, place(B, "vault:secret/data/y")),
        ({"stored_in": place(A)}, None, False, None),
        ({"stored_in": place(A)}, place(UNKNOWN), False, place(UNKNOWN)),
        ({"stored_in": place(None, "x", "aws")}, place(A, "x", "aws"), False, place(A, "x", "aws")),
    ],
    ids=[
        *("made", "the same by the environment", "the same by the config", "moved and not there", "moved"),
        *("another namespace", "moved to a namespace", "another environment", "no Vault to go to"),
        *("not noted and not there", "not noted", "no place noted and not there", "no place noted"),
        *("another secret", "no longer stored", "known later", "a store of which there is one"),
    ],
)
def test_a_key_s_store_changes_on_proof(before: Any, wanted: Any, is_there: bool, expected: Any) -> None:
    """The settings must name another Vault, and it must hold the key; the environment's other address moves nothing."""
    assert settled(before, wanted, lambda _place: is_there) == expected


def test_a_store_that_is_noted_is_not_asked() -> None:
    """An ordinary run costs no look: neither in the same Vault nor in a store of which there is one."""

    def refuse(_place: object) -> bool:
        raise AssertionError("asked")

    for known in (place(A), place(None, "x", "aws"), place(None, "gcp:x", "gcp"), place(None, "kubernetes:a/b@c", "x")):
        assert settled({"stored_in": known}, known, refuse) == known


def test_a_program_that_names_no_vault_has_the_run_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """The config's address, else the environment's; a program's own provider stays as it is."""
    monkeypatch.setenv("VAULT_ADDR", B["address"])
    config = {"vault:address": A["address"], "vault:token": "t"}
    assert in_this_run(place(), config.get) == place(A)
    assert in_this_run(place(), no_config) == place(B_BY_ENVIRONMENT)
    assert in_this_run(place(B), config.get) == place(B)
    assert in_this_run(place(None, "x", "aws"), config.get) == place(None, "x", "aws")
    assert in_this_run(None, config.get) is None
