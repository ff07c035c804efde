"""Arguments that are another resource's outputs: they reach the engine, and are refused as soon as they are known."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from functools import partial
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks
from pulumi.runtime.settings import SETTINGS

from openrouter_provider import ApiKey, ApiKeyArgs, SecretArgs, ServiceKey, ServiceKeyArgs
from openrouter_provider.api.models import CreateKeyRequest, KeyRecord
from openrouter_provider.config.models import ServiceConfig
from openrouter_provider.keys.args import ApiKeyOutputs
from openrouter_provider.keys.state import FIELDS, INPUTS, OUTPUTS
from openrouter_provider.stores.refusals import SecretArgsRefused
from tests.program.mock_engine import (
    API_KEY,
    COMPONENT,
    GCP_BINDING,
    GCP_SECRET,
    POLICY,
    SECRET,
    SUPERSEDED,
    VALUE,
    VAULT_POLICY,
    VAULT_SECRET,
    VERSION,
    Cloud,
    Deployment,
    Registered,
    deploy,
)

READER = "arn:aws:iam::123456789012:role/checkout"
MEMBER = "serviceAccount:shop@acme-prod.iam.gserviceaccount.com"
KEY: dict[str, Any] = {
    "name_prefix": "acme/shop",
    "limit": 7,
    "limit_reset": "daily",
    "include_byok_in_limit": True,
    "disabled": True,
    "expires_at": "2028-01-01T00:00:00Z",
    "workspace_id": "3b1c0a52-3f0e-4a53-9b5f-0b8a7a1f9d11",
    "creator_user_id": "user_1",
    "rotation": {"every": "60d", "overlap": "3d"},
    "rotate_now": "token",
    "emergency": True,
    "adopt_hash": "hash-of-another",
    "adopt_key": VALUE,
}
STORED: dict[str, Any] = {
    "secret_name": "acme/shop",
    "format": "json",
    "base_url": "https://gateway.example.com/api/v1",
    "app_url": "https://shop.example.com",
    "app_title": "Shop",
    "readers": [READER],
    "kms_key_id": "alias/ours",
    "recovery_window_in_days": 7,
    "environment": "dev",
    "service": "shop",
    "tags": {"Team": "payments"},
}


def at_once(value: Any) -> Any:
    """Return a value as a program that knows it writes it."""
    return value


def later(value: Any) -> Any:
    """Return a value as another resource's output."""
    return pulumi.Output.from_input(value)


def inside(value: Any) -> Any:
    """Return a list or an object with outputs in it; anything else as an output."""
    if isinstance(value, dict):
        return {name: later(part) for name, part in value.items()}
    return [later(part) for part in value] if isinstance(value, list) else later(value)


def asked(deployed: Deployment) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the inputs of each resource by its type and name."""
    return {(each.type, each.name): of(each) for each in deployed.registered}


def of(each: Registered) -> dict[str, Any]:
    """Return what a resource was asked to be."""
    return {name: value for name, value in each.inputs.items() if value is not None}


def service(spelled: Callable[[Any], Any], /, **more: Any) -> Deployment:
    """Deploy one service whose arguments are all spelled in one way."""

    def program() -> None:
        plain = {name: more.pop(name) for name in ("store",) if name in more}
        wish = {name: spelled(value) for name, value in {**KEY, **STORED, **more}.items() if value is not None}
        ServiceKey("shop", ServiceKeyArgs(guardrail_id=spelled("g1"), **wish, **plain))

    return deploy(program)


@pytest.mark.parametrize("spelled", [later, inside])
def test_every_argument_of_a_service_may_be_an_output(spelled: Callable[[Any], Any]) -> None:
    """The engine is asked for exactly the same as where the program knows all of it."""
    found = asked(service(spelled))
    assert found == asked(service(at_once))
    assert {kind for kind, _ in found} >= {COMPONENT, API_KEY, SECRET, VERSION, POLICY, SUPERSEDED}
    assert found[SUPERSEDED, "shop"]["overlap"] == "3d"
    assert found[SUPERSEDED, "shop"]["emergency_token"] == "token"


def test_the_service_s_table_has_every_argument() -> None:
    """What is proved of outputs is proved of each argument that may be one."""
    known = {each.name for kind in (ApiKeyArgs, SecretArgs) for each in fields(kind)}
    assert known - {*KEY, *STORED} == {
        *("name", "unlimited", "overlap"),
        *("store", "store_settings", "external_secret"),
    }


@pytest.mark.parametrize("spelled", [later, inside])
@pytest.mark.parametrize(
    ("store", "readers", "kinds"),
    [("gcp", [MEMBER], {GCP_SECRET, GCP_BINDING}), ("vault", None, {VAULT_SECRET})],
)
def test_other_stores_take_outputs_too(
    store: str, readers: list[str] | None, kinds: set[str], spelled: Callable[[Any], Any]
) -> None:
    """Names, readers, labels and the time that a version is kept come from outputs as they come from texts."""
    more = {"secret_name": "acme-shop", "readers": readers, "tags": {"team": "payments"}, "store": store}
    only_aws = dict.fromkeys(("kms_key_id", "recovery_window_in_days"))
    found = asked(service(spelled, **more, **only_aws))
    assert found == asked(service(at_once, **more, **only_aws))
    assert {kind for kind, _ in found} >= kinds
    assert (VAULT_POLICY, "shop") not in found


def key_alone(*args: Any, **wish: Any) -> Deployment:
    """Deploy one key."""

    def program() -> None:
        ApiKey("shop", *(make() for make in args), **{name: make() for name, make in wish.items()})

    return deploy(program)


@pytest.mark.parametrize("spelled", [at_once, later, inside])
def test_every_argument_of_a_key_may_be_an_output(spelled: Callable[[Any], Any]) -> None:
    """ApiKey takes them by keyword and as a whole."""
    late = {name: partial(spelled, value) for name, value in KEY.items()}
    by_keyword = asked(key_alone(**late))
    whole = asked(key_alone(lambda: ApiKeyArgs(**{name: make() for name, make in late.items()})))
    assert by_keyword == whole
    assert by_keyword[API_KEY, "shop"].items() >= KEY.items()


def refusal(make: Callable[[], ServiceKeyArgs], name: str | None = None) -> str:
    """Return why a wish is refused at once or, where a name is given, when that argument is known."""

    async def resolve() -> None:
        mocks.set_mocks(Cloud(), "openrouter-keys", "dev", preview=False)
        try:
            args = make()
            args.refuse_contradictions()
            if name:
                settled = args.settled()
                part = settled.secret if hasattr(settled.secret, name) else settled.key
                await pulumi.Output.from_input(getattr(part, name)).future()
        finally:
            # The next program would wait for the outputs of this one.
            SETTINGS.outputs.clear()

    with ThreadPoolExecutor(max_workers=1) as thread, pytest.raises(SecretArgsRefused) as caught:
        thread.submit(lambda: asyncio.run(resolve())).result(timeout=60)
    return str(caught.value)


@pytest.mark.parametrize("spelled", [at_once, later, inside])
@pytest.mark.parametrize(
    ("store", "name", "wrong", "message"),
    [
        ("aws", "readers", ["*"], r"readers\.0 must be the ARN of one role"),
        ("aws", "readers", [READER, "*"], r"readers\.1 must be the ARN of one role"),
        ("aws", "tags", {"Team": VALUE}, r"tags\.Team holds an OpenRouter key"),
        ("aws", "app_title", VALUE, "app_title holds an OpenRouter key"),
        ("aws", "expires_at", VALUE, "expires_at holds an OpenRouter key"),
        ("aws", "rotation", {"every": VALUE}, r"rotation\.every holds an OpenRouter key"),
        ("gcp", "kms_key_id", "alias/ours", "kmsKeyId is a setting of store aws"),
        ("gcp", "readers", [READER], r"readers\.0 must be one member"),
        ("gcp", "tags", {"Team": "payments"}, r"tags\.Team must be a label"),
        ("vault", "readers", [READER], "readers have no meaning in store vault"),
        ("vault", "format", "plain", "format must be json in store vault"),
    ],
)
def test_a_contradiction_is_refused_whenever_it_is_known(
    store: str, name: str, wrong: Any, message: str, spelled: Callable[[Any], Any]
) -> None:
    """At once, or when the output is, and a key in it is not repeated."""

    def make() -> ServiceKeyArgs:
        return ServiceKeyArgs(secret_name="shop", limit=1, store=store, **{name: spelled(wrong)})

    told = refusal(make, name)
    assert re.search(f"shop: {message}", told)
    assert VALUE not in told


def test_what_is_plain_beside_an_output_is_refused_at_once() -> None:
    """One reader that nobody knows yet hides no other one."""
    told = refusal(lambda: ServiceKeyArgs(secret_name="acme/shop", limit=1, readers=[later(READER), "*"]))
    assert told.startswith("acme/shop: readers.1 must be the ARN")


def test_what_decides_which_resources_there_are_is_no_output() -> None:
    """A program is told so, by the argument's name."""
    late = {"store_settings": {"project": "p"}, "store": "gcp"}
    told = refusal(lambda: ServiceKeyArgs(secret_name="s", limit=1, **{name: later(late[name]) for name in late}))
    assert "s: store must be one of aws, gcp, vault, kubernetes" in told
    assert "s: store_settings must be a store's settings" in told


def test_readers_that_come_as_an_empty_list_are_refused() -> None:
    """A policy for nobody is none that a store takes."""
    told = refusal(lambda: ServiceKeyArgs(secret_name="s", limit=1, readers=later([])), "readers")
    assert told.startswith("s: readers came as an empty list")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"secret_name": "s", "limits": 5}, "limits"),
        ({"key": ApiKeyArgs(limit=5), "secret_name": "s", "limit": 6}, "limit .it is part of key."),
        ({"secret": SecretArgs(secret_name="s"), "readers": []}, "readers .it is part of secret."),
    ],
)
def test_an_argument_that_nobody_has_is_an_error(given: dict[str, Any], named: str) -> None:
    """So is one that is given twice."""
    with pytest.raises(TypeError, match=f"ServiceKeyArgs takes no {named}"):
        ServiceKeyArgs(**given)


def test_the_parts_and_the_list_are_one_wish() -> None:
    """A program may write what a key is and how it is stored apart, or together."""
    key, secret = ApiKeyArgs(name_prefix="a", limit=5), SecretArgs(secret_name="s", readers=[READER])
    flat = ServiceKeyArgs(key_name_prefix="a", limit=5, secret_name="s", readers=[READER])
    assert ServiceKeyArgs(key=key, secret=secret) == flat


def test_a_key_s_fields_stand_in_its_table_and_its_type() -> None:
    """A field of the table is an argument, an input and an output; an output is typed."""
    arguments = {each.name for each in fields(ApiKeyArgs)}
    assert {each.name for each in FIELDS} <= arguments <= {*INPUTS}
    assert [*ApiKeyOutputs.__annotations__] == [*ApiKey.__annotations__]
    assert {*ApiKeyOutputs.__annotations__} == {*OUTPUTS}


def test_a_key_s_fields_stand_on_the_wire_and_in_the_config() -> None:
    """What the API takes and shows has the table's names; what the config says of a key, its argument's."""
    names = {each.name for each in FIELDS}
    assert names <= {*KeyRecord.model_fields}
    assert {*CreateKeyRequest.model_fields} == names - {"disabled"}
    others = {"name", "name_prefix", "adopt_hash", "adopt_key"}
    assert {each.name for each in fields(ApiKeyArgs)} - others <= {*ServiceConfig.model_fields}
    assert {each.name for each in fields(SecretArgs)} - {"base_url", "environment", "service", "overlap"} <= {
        *ServiceConfig.model_fields,
        "store_settings",
    }
