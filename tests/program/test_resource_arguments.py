"""The further resources under Pulumi's mocks: what a program that says little asks the engine for."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pulumi.runtime import mocks, rpc
from pulumi.runtime.stack import run_pulumi_func

from openrouter_provider import ByokKey, Guardrail, GuardrailAssignment, Workspace, WorkspaceBudget

Props = dict[str, Any]
CANARY = "vendor-canary-" + "z" * 20


class Recorder(mocks.Mocks):
    """Keeps what each registration asked for."""

    def __init__(self) -> None:
        self.asked: dict[str, Props] = {}

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, Props]:
        """Keep the inputs, and the id of one that is only read."""
        self.asked[args.typ.rpartition(":")[2]] = {**args.inputs, "id": args.resource_id or None}
        return args.resource_id or f"id-of-{args.name}", dict(args.inputs)

    def call(self, _args: mocks.MockCallArgs) -> tuple[Props, list[tuple[str, str]] | None]:
        """Answer a function; the programs call none."""
        raise AssertionError("the program calls no function")


def asked(program: Callable[[], object]) -> dict[str, Props]:
    """Run a program as the language host does; return by type what it asked for, without what is null."""
    recorder = Recorder()

    async def run() -> None:
        mocks.set_mocks(recorder, "shop", "dev", preview=False)

        def call() -> None:
            program()

        await run_pulumi_func(call)

    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(lambda: asyncio.run(run())).result(timeout=60)
    return {
        kind: {name: value for name, value in props.items() if value is not None and name != "__provider"}
        for kind, props in recorder.asked.items()
    }


def test_names_are_made_of_the_resource_s_own() -> None:
    """A workspace gets a name and a slug, what is drawn gets a prefix that says whose it is."""

    def program() -> None:
        Workspace("Pay Ments")
        Guardrail("cheap")
        ByokKey("openai", provider="openai")

    assert asked(program) == {
        "Workspace": {"name": "Pay Ments", "slug": "pay-ments"},
        "Guardrail": {"name_prefix": "shop/dev/cheap"},
        "ByokKey": {"name_prefix": "shop/dev/openai", "provider": "openai"},
    }


def test_a_vendor_s_key_is_a_secret_input() -> None:
    """Also where the program gives it as plain text."""
    key = asked(lambda: ByokKey("openai", provider="openai", key=CANARY))["ByokKey"]["key"]
    assert rpc.is_rpc_secret(key)
    assert rpc.unwrap_rpc_secret(key) == CANARY


def test_given_names_are_kept() -> None:
    """Nothing is drawn beside a name."""

    def program() -> None:
        Workspace("payments", name="Payments", slug="pay")
        Guardrail("cheap", name="Cheap", name_prefix="ignored")

    assert asked(program) == {"Workspace": {"name": "Payments", "slug": "pay"}, "Guardrail": {"name": "Cheap"}}


def test_an_adopted_object_keeps_its_name() -> None:
    """Where nothing is said of it, no name is asked for."""

    def program() -> None:
        Workspace("payments", adopt_id="payments")
        Guardrail("cheap", adopt_id="g1")
        ByokKey("openai", provider="openai", adopt_id="b1")

    assert asked(program) == {
        "Workspace": {"adopt_id": "payments"},
        "Guardrail": {"adopt_id": "g1"},
        "ByokKey": {"provider": "openai", "adopt_id": "b1"},
    }


def test_what_is_read_is_asked_for_by_its_id() -> None:
    """`get` passes the id and wishes nothing."""

    def program() -> None:
        Workspace.get("payments", "payments")
        WorkspaceBudget.get("monthly", "w1/monthly")
        Guardrail.get("cheap", "g1")
        GuardrailAssignment.get("checkout", "g1/checkout")
        ByokKey.get("openai", "b1")

    assert asked(program) == {
        "Workspace": {"id": "payments"},
        "WorkspaceBudget": {"id": "w1/monthly"},
        "Guardrail": {"id": "g1"},
        "GuardrailAssignment": {"id": "g1/checkout"},
        "ByokKey": {"id": "b1"},
    }


def test_an_assignment_carries_its_resource_s_name() -> None:
    """It is part of the id, since nothing in the API identifies a set of assignments."""

    def program() -> None:
        GuardrailAssignment("checkout", guardrail_id="g1", key_hashes=["aa"])

    assert asked(program) == {
        "GuardrailAssignment": {"guardrail_id": "g1", "key_hashes": ["aa"], "label": "checkout"},
    }
