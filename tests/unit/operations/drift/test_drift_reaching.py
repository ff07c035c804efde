"""How drift reaches a secret: in the Vault that it was written to, and not in the one that a run happens to go to."""

from typing import Any

import pytest

from openrouter_provider.operations.drift.absent import Absent, Seen, judge_absent
from openrouter_provider.operations.drift.findings import Change, Subject
from openrouter_provider.operations.drift.plan import PlannedResource
from openrouter_provider.operations.drift.reaching import reaching
from openrouter_provider.stores.catalog import STORES
from openrouter_provider.stores.custody import Held

SECRET = "vault:kv/secretV2:SecretV2"
OUTPUTS = {"path": "secret/data/a", "mount": "secret", "name": "a"}
MADE = PlannedResource("u::a", SECRET, "a", OUTPUTS, OUTPUTS, OUTPUTS, provider="p::id")
UNMADE = PlannedResource("u::a", SECRET, "a", None, None, {"mount": "secret", "name": "a"}, provider="p::id")
NOTED = {"address": "https://a:8200", "addressFrom": "environment"}
PLACE = {"store": "vault", "reference": "vault:secret/data/a", "access": NOTED}
KEY = {"urn": "k", "type": "pulumi-python:dynamic/openrouter:ApiKey", "inputs": {"stored_in": PLACE}}
PROVIDER = {"urn": "p", "id": "id", "type": "pulumi:providers:vault", "inputs": {"address": "https://b:8200"}}


@pytest.mark.parametrize("secret", [MADE, UNMADE], ids=["made", "unmade"])
@pytest.mark.parametrize(
    ("resources", "config", "expected"),
    [
        ([KEY, PROVIDER], {}, NOTED),
        ([PROVIDER], {}, {"address": "https://b:8200"}),
        ([], {"vault:address": "https://c:8200"}, {"address": "https://c:8200"}),
        ([], {}, {}),
    ],
    ids=["noted", "the provider's", "the config's", "nobody's"],
)
def test_a_secret_is_looked_for_where_it_was_noted(
    secret: PlannedResource, resources: list[Any], config: dict[str, str], expected: Any
) -> None:
    """Else where its provider goes, by the state or, before its first run, by the config."""
    assert reaching({"deployment": {"resources": resources}}, config)(secret) == expected


def test_a_secret_that_only_another_vault_lacks_is_not_called_deleted() -> None:
    """To make it again there would leave services where they are, with a key that Pulumi no longer writes."""
    gone = PlannedResource("u::a", SECRET, "a", OUTPUTS, None, OUTPUTS)
    absent = Absent("a", "sk-or-v1-aaa...aaaa", STORES["vault"].reading, gone)
    problem = "it was stored in the Vault at https://a:8200, and VAULT_ADDR is https://b:8200"
    found = judge_absent(Subject("dev", "a"), absent, Seen(Held(problem=problem), problem=problem))
    assert (found.message, found.actual) == (Change.SECRET_UNREADABLE.message, problem)
    assert judge_absent(Subject("dev", "a"), absent, Seen()).message == Change.SECRET_DELETED.message
