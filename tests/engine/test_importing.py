"""`pulumi import` of every resource of ours on the real engine, and the deployment that follows."""

import json
from typing import Any

import pytest
import yaml

from tests import around
from tests.engine.test_other_lives import is_unchanged, made_by_hand
from tests.engine.test_other_resources import PARTS, writes
from tests.harness import Stack
from tests.provider.life import VENDOR_KEY
from tests.soak import only_in_soak

TYPE = "pulumi-python:dynamic/openrouter:"
PROGRAM = """
import os

import pulumi

import openrouter_provider as openrouter

home = openrouter.Workspace("home", name="by hand", slug="by-hand")
openrouter.WorkspaceBudget("monthly", workspace_id=home.id, interval="monthly", limit_usd=500)
cheap = openrouter.Guardrail("cheap", name="by hand", workspace_id=home.id)
value = os.environ.get("KEY_VALUE")
key = openrouter.ApiKey(
    "checkout", name="by hand", limit=5, workspace_id=home.id,
    **({"adopt_hash": os.environ["KEY_HASH"], "adopt_key": pulumi.Output.secret(value)} if value else {}),
)
openrouter.GuardrailAssignment(
    "checkout", guardrail_id=cheap.id, key_hashes=[key.hash], member_ids=["user_mallory"]
)
openrouter.ByokKey("openai", name="by hand", provider="openai", workspace_id=home.id)
pulumi.export("known", key.key.apply(lambda text: text is not None))
""" + "".join(part.imported for part in PARTS)


@pytest.fixture
def by_hand(stack: Stack) -> dict[str, str]:
    """Make one object of each kind without Pulumi; return what names it to an import, by kind, and the key's value."""
    found = made_by_hand(stack)
    home, cheap = found["workspace"], found["guardrail"]
    parts = {f"{part.kind} {part.name}": part.by_hand(stack, home) for part in PARTS}
    writes(stack)
    return {
        "Workspace home": home,
        "WorkspaceBudget monthly": f"{home}/monthly",
        "Guardrail cheap": cheap,
        "ApiKey checkout": found["key"],
        "GuardrailAssignment checkout": f"{cheap}/checkout",
        "ByokKey openai": found["byok"],
        "SupersededKeys checkout": "acme/dev/checkout/openrouter",
        **parts,
        "value": found["key_value"],
    }


def imported(stack: Stack, objects: dict[str, str], *names: str) -> None:
    """Import objects by one command."""
    split = [(*name.split(), objects[name]) for name in names]
    listed = [{"type": f"{TYPE}{kind}", "name": name, "id": id_} for kind, name, id_ in split]
    (stack.folder / "import.json").write_text(json.dumps({"resources": listed}))
    quietly = ("--yes", "--skip-preview", "--protect=false", "--generate-code=false")
    stack.pulumi("import", "--file", "import.json", *quietly)


def test_every_resource_is_imported_and_left_as_it_is(stack: Stack, by_hand: dict[str, str]) -> None:
    """After the import of one of each kind the program that declares them changes nothing; the value is given later."""
    value = by_hand.pop("value")
    bookkeeping = by_hand.pop("SupersededKeys checkout")
    stack.control.clear_calls()
    (stack.folder / "__main__.py").write_text(PROGRAM)
    imported(stack, by_hand, *by_hand)
    preview = stack.pulumi("preview", "--diff", "--expect-no-changes", check=False)
    assert "to create" not in preview.output
    assert "to replace" not in preview.output
    stack.up()
    assert writes(stack) == []
    hash_ = by_hand["ApiKey checkout"]
    stack.up(KEY_VALUE=value, KEY_HASH=hash_)
    assert outputs(stack) == {"known": True}
    stack.up("--expect-no-changes", KEY_VALUE=value, KEY_HASH=hash_)
    assert is_unchanged(stack, KEY_VALUE=value, KEY_HASH=hash_)
    assert value not in json.dumps(stack.export())
    assert writes(stack) == []
    imported(stack, {"SupersededKeys checkout": bookkeeping}, "SupersededKeys checkout")
    assert stack.resources("SupersededKeys")["checkout"]["outputs"]["keys"] == []


def test_what_is_not_there_is_not_imported(stack: Stack) -> None:
    """An unknown hash and another key's value are one line each, and the state stays empty."""
    arguments = ("import", f"{TYPE}ApiKey", "checkout", "0" * 64, "--yes", "--skip-preview")
    run = stack.pulumi(*arguments, check=False)
    assert run.code != 0
    assert "importing key 0000" in run.output
    assert "Traceback" not in run.output
    assert stack.resources("ApiKey") == {}


@only_in_soak
def test_another_keys_value_is_refused_after_an_import(stack: Stack, by_hand: dict[str, str]) -> None:
    """The value that is given later must be the imported key's own."""
    (stack.folder / "__main__.py").write_text(PROGRAM)
    value = by_hand.pop("value")
    by_hand.pop("SupersededKeys checkout")
    imported(stack, by_hand, *by_hand)
    _, other = stack.control.create_key(name="another")
    wrong = stack.up(check=False, KEY_VALUE=other, KEY_HASH=by_hand["ApiKey checkout"])
    assert wrong.code != 0
    assert "adopt_key: the value belongs to another key" in wrong.output
    stack.up(KEY_VALUE=value, KEY_HASH=by_hand["ApiKey checkout"])


@only_in_soak
def test_adopt_prints_the_imports_of_what_surrounds_keys(stack: Stack) -> None:
    """The printed settings and commands, used as they are, leave a preview without a change."""
    control = stack.control
    home = control.create_workspace(name="Home", slug="home")["id"]
    control.edit_budget(home, "monthly", limit_usd=500)
    cheap = control.create_guardrail(name="cheap ones", allowed_models=["sandbox/echo"])["id"]
    byok = control.create_byok_key(provider="openai", key=VENDOR_KEY, name="by hand")["id"]
    config: dict[str, Any] = {}
    named = ("ObservabilityDestination", "OrganizationSettings")  # The others are in a workspace that is to be named.
    made = {kind.lower(): around.merged("FOUND")[kind].by_hand(control) for kind in named}
    for name, id_ in {"home": home, "cheap": cheap, "vendor": byok, **made}.items():
        printed = stack.run("openrouter-keys", "adopt", id_, name, "--stack", stack.name).output
        settings = "\n".join(line for line in printed.splitlines() if line.startswith(" "))
        for section, objects in yaml.safe_load(settings).items():
            config.setdefault(section.partition(":")[2], {}).update(objects)
        for line in printed.splitlines():
            if line.startswith("pulumi import"):
                stack.run("sh", "-c", f"{line} --skip-preview --non-interactive")
    stack.configure({}, **config)
    writes(stack)
    preview = stack.pulumi("preview", "--diff")
    assert not any(f"to {step}" in preview.output for step in ("create", "update", "replace", "delete")), str(preview)
    stack.up()
    assert writes(stack) == []


def test_a_service_of_an_imported_key_waits_for_its_value(stack: Stack) -> None:
    """Without the value nothing is stored; with it the secret holds the very key that was imported."""
    key, value = stack.control.create_key(name="by hand", limit=5)
    resources = [
        {"type": "openrouter-keys:index:ServiceKey", "name": "service", "logicalName": "checkout", "component": True},
        {"type": f"{TYPE}ApiKey", "name": "checkout", "id": key["hash"], "parent": "service"},
    ]
    (stack.folder / "import.json").write_text(json.dumps({"resources": resources}))
    quietly = ("--yes", "--skip-preview", "--protect=false", "--generate-code=false")
    stack.pulumi("import", "--file", "import.json", *quietly)
    stack.configure({"checkout": {"limit": 5}})
    run = stack.up(check=False)
    assert run.code != 0
    assert "checkout: the value of its key is not known" in run.output
    assert "Traceback" not in run.output
    assert not stack.works("checkout")
    stack.configure({"checkout": {"limit": 5, "adopt": {"hash": key["hash"]}}})
    path = "openrouter-keys:services.checkout.adopt.key"
    stack.pulumi("config", "set", "--secret", "--path", path, value)
    stack.up()
    assert stack.secret_text("checkout").find(value) >= 0
    assert [each["hash"] for each in stack.live("checkout")] == [key["hash"]]


def outputs(stack: Stack) -> dict[str, Any]:
    """Return the stack's outputs."""
    found: dict[str, Any] = json.loads(stack.pulumi("stack", "output", "--json", "--show-secrets").stdout)
    return found
