"""What a preview says of our resources is what the `up` after it makes of them, property by property."""

from typing import Any

from tests.engine.previewing import lies, outputs_of, previewed, unknowns
from tests.engine.schedule import ROTATING, START, after
from tests.harness import Stack
from tests.soak import only_in_soak

DECIDED = {"hash", "label", "created_at"}
"""What a new key has of the API; its value is hidden in a preview, whether it is known or not."""


def held(stack: Stack) -> tuple[dict[str, str], dict[str, set[str]]]:
    """Preview, deploy, and compare; return what was planned, and what of it the preview did not know."""
    planned, said = previewed(stack)
    run = stack.up()
    became = outputs_of(stack)
    assert {name: wrong for name in said if (wrong := lies(said[name], became.get(name, {})))} == {}, str(run)
    return planned, {name: unknowns(outputs) for name, outputs in said.items() if unknowns(outputs)}


def stored(stack: Stack) -> tuple[str, str]:
    """Return the service's secret and the version that is current, both as AWS names them."""
    secret = stack.aws().get_secret_value(SecretId=stack.secret_name("checkout"))
    return secret["ARN"], secret["VersionId"]


def test_previews_agree_with_ups_through_a_key_s_life(stack: Stack) -> None:
    """A creation, changed fields, a rotation, a retirement and an emergency are what the previews before them say.

    The preview of a limit shows updates and no replacement, and the deployment then leaves the secret alone.
    """
    stack.now = START
    stack.configure({"checkout": ROTATING})
    planned, unknown = held(stack)
    assert set(planned.values()) == {"create"}
    assert unknown["ApiKey checkout"] == DECIDED | {"name", "name_seed"}

    stack.configure({"checkout": ROTATING | {"limit": 9}})
    before = stored(stack)
    planned, unknown = held(stack)
    assert (set(planned.values()), planned["SecretVersion checkout"]) == ({"update", "same"}, "same")
    assert stored(stack) == before
    assert (planned["ApiKey checkout"], unknown) == ("update", {})
    assert planned["SupersededKeys checkout"] == "same"

    stack.now = after(91)
    planned, unknown = held(stack)
    assert (planned["ApiKey checkout"], unknown["ApiKey checkout"]) == ("update", DECIDED | {"superseded"})

    stack.now = after(99)
    planned, unknown = held(stack)
    # What the retired key has spent by then, nobody knows before it is read.
    assert (planned["SupersededKeys checkout"], unknown) == ("update", {"SupersededKeys checkout": {"spent"}})

    stack.configure({"checkout": ROTATING | {"limit": 9, "rotateNow": "leak-1", "emergency": True}})
    planned, unknown = held(stack)
    assert unknown["ApiKey checkout"] == DECIDED | {"superseded"}


@only_in_soak
def test_previews_agree_with_ups_of_what_surrounds_keys(stack: Stack) -> None:
    """Workspaces, guardrails, budgets and provider keys, made, changed and rotated: the preview knows what it says."""
    stack.now = START
    around: dict[str, Any] = {
        "workspaces": {"payments": {"slug": f"payments-{stack.name}", "budgets": {"monthly": 100}}},
        "guardrails": {"cheap": {"workspace": "payments", "limit": 5, "limitReset": "daily"}},
    }
    service = {"limit": 5, "workspace": "payments", "guardrails": ["cheap"]}
    stack.configure({"checkout": service}, **around)
    planned, _ = held(stack)
    assert set(planned.values()) == {"create"}
    around["workspaces"]["payments"] |= {"description": "where money is", "budgets": {"monthly": 120}}
    around["guardrails"]["cheap"] |= {"limit": 7, "allowedModels": ["openai/gpt-4o"]}
    stack.configure({"checkout": service | {"limit": 6}}, **around)
    planned, unknown = held(stack)
    assert set(planned.values()) <= {"update", "same"}
    assert unknown == {}
    stack.configure({"checkout": service | {"limit": 6, "rotateNow": "once"}}, **around)
    planned, unknown = held(stack)
    assert {name.split()[0] for name in unknown} == {"ApiKey", "GuardrailAssignment", "SupersededKeys"}
