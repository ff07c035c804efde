"""What the tests need to know of ObservabilityDestination."""

from typing import Any, get_args

import pytest
from openrouter import components, errors

from openrouter_provider.api.objects.receivers import RECEIVERS
from openrouter_provider.resources.around.observability_destination import (
    ObservabilityDestinationProvider,
    ObservabilityDestinationRecord,
)
from openrouter_provider.resources.values.traces import OPERATORS, RULE_FIELDS
from sandbox.openrouter import Control
from sandbox.openrouter.around.observability import KINDS, Rule
from tests.harness import Stack
from tests.provider.life import ELSEWHERE_KEY, OTHER_VENDOR_KEY, VENDOR_KEY, Ground, Life, Props
from tests.provider.part import Found, Part

ONLY_GPT = {"groups": [{"rules": [{"field": "model", "operator": "contains", "value": "gpt"}]}]}


def _by_hand(ground: Ground) -> Props:
    config = {"mlApp": "by hand", "apiKey": VENDOR_KEY}
    made = ground.control.create_item("destinations", type="datadog", name="by hand", config=config)
    return {"adopt_id": made["id"], "type": "datadog"}


def _clear(control: Control) -> None:
    for each in control.items("destinations"):
        control.delete_item("destinations", each["id"])


LIVES = {
    "ObservabilityDestination": Life(
        provider=ObservabilityDestinationProvider,
        created_by=["create_destination"],
        changed_by=["update_destination"],
        deleted_by=["delete_destination"],
        wish=lambda ground: {
            "name_prefix": "acme/dev/traces",
            "type": "datadog",
            "settings": {"mlApp": "shop"},
            "credentials": {"apiKey": VENDOR_KEY},
            "api_key_hashes": [*ground.keys],
            "filter_rules": ONLY_GPT,
            "regions": ["us", "global"],
            "privacy_mode": True,
            "broadcast_generation_cost": True,
        },
        change=lambda ground: {
            "settings": {"mlApp": "bazaar"},
            "credentials": {"apiKey": OTHER_VENDOR_KEY},
            "api_key_hashes": [ground.keys[0]],
            "filter_rules": None,
            "sampling_rate": 0.25,
            "broadcast_generation_cost": False,
        },
        drift=lambda ground, id_: ground.control.edit_item("destinations", id_, config={"apiKey": ELSEWHERE_KEY}),
        vanish=lambda ground, id_: ground.control.delete_item("destinations", id_),
        records=lambda ground: ground.control.items("destinations"),
        replacing=lambda _: {
            "type": "webhook",
            "settings": {"url": "https://traces.example.com"},
            "credentials": {"headers": {"Authorization": VENDOR_KEY}},
        },
        adopt=_by_hand,
        clear=_clear,
    )
}

EVERYTHING = {
    "ObservabilityDestination": lambda ground: {
        "name_prefix": None,
        "name": " traces ",
        "workspace_id": ground.workspaces[0],
        "settings": {"mlApp": "shop", "url": "https://api.datadoghq.eu"},
    }
}


def _of_kind(kind: str) -> Any:
    # By its name first: each one that is looked at is imported.
    for name in dir(components):
        if name.startswith("Observability") and name.endswith("Destination"):
            model = getattr(components, name)
            if hasattr(model, "model_fields") and kind in get_args(model.model_fields["type"].annotation):
                return model
    raise AssertionError(kind)


def _config(kind: str) -> set[str]:
    """Return the names that the SDK has in a receiver's config, a `?` after those that may be left out."""
    fields = _of_kind(kind).model_fields["config"].annotation.model_fields
    return {f"{each.alias or name}{'' if each.is_required() else '?'}" for name, each in fields.items()}


def _choices(kind: Any) -> set[str]:
    parts = get_args(kind)
    return set[str]().union(*(({part} if isinstance(part, str) else _choices(part)) for part in parts))


GAPS = {"updated_at": "shown by OpenRouter; nothing here depends on it"}
RECORDS = [pytest.param(ObservabilityDestinationRecord, _of_kind(kind), GAPS, id=f"{kind}") for kind in RECEIVERS]
WISHES = {field.name for field in ObservabilityDestinationProvider.fields} | {"config"}
REQUESTS = [
    pytest.param(WISHES, components.CreateObservabilityDestinationRequest, {}, id="new destination"),
    pytest.param(WISHES, components.UpdateObservabilityDestinationRequest, {}, id="changed destination"),
]
_RULE = components.ObservabilityFilterRuleGroup.model_fields["rules"].annotation
CHOICES = [
    pytest.param(RECEIVERS, _choices(components.CreateObservabilityDestinationRequestType), id="receiver"),
    pytest.param(KINDS, _choices(components.CreateObservabilityDestinationRequestType), id="receiver served"),
    pytest.param(RULE_FIELDS, _choices(get_args(_RULE)[0].model_fields["field"].annotation), id="rule's field"),
    pytest.param(OPERATORS, _choices(get_args(_RULE)[0].model_fields["operator"].annotation), id="rule's operator"),
    pytest.param(
        _choices(Rule.model_fields["operator"].annotation),
        _choices(get_args(_RULE)[0].model_fields["operator"].annotation),
        id="operator served",
    ),
    *(
        pytest.param({*receiver.settings.split(), *receiver.credentials.split()}, _config(kind), id=f"config of {kind}")
        for kind, receiver in RECEIVERS.items()
    ),
    *(
        pytest.param(
            {*needed.split(), *(f"{name}?" for name in (*more.split(), "headers"))},
            _config(kind),
            id=f"config of {kind} served",
        )
        for kind, (needed, more) in KINDS.items()
    ),
]


def drive(sdk: Any, control: Control) -> None:
    """The SDK makes, lists, reads, changes and deletes a destination, and never sees its credential again."""
    config = {"mlApp": "shop", "apiKey": "dd-0123456789abcdef0"}
    made = sdk.observability.create(type_="datadog", name="traces", config=config, filter_rules=ONLY_GPT).data
    assert made.type == "datadog"
    assert (made.config.ml_app, made.config.api_key) == ("shop", "dd-0...def0")
    listed = sdk.observability.list()
    assert listed is not None
    assert [each.id for each in listed.result.data] == [made.id]
    changed = sdk.observability.update(id=made.id, config={"mlApp": "bazaar"}, regions=["eu"], filter_rules=None).data
    assert (changed.regions, changed.filter_rules) == (["europe"], None)
    assert sdk.observability.get(id=made.id).data.name == "traces"
    assert sdk.observability.delete(id=made.id).DELETED is True
    with pytest.raises(errors.NotFoundResponseError):
        sdk.observability.get(id=made.id)
    for kind, (needed, _more) in KINDS.items():
        wanted: dict[str, Any] = dict.fromkeys(needed.split(), "x" * 20)
        assert sdk.observability.create(type_=kind, name=kind, config=wanted).data.type == kind
    assert {each["type"] for each in control.items("destinations")} == set(KINDS)


def _swapped(stack: Stack) -> None:
    (made,) = stack.control.items("destinations")
    stack.control.edit_item("destinations", made["id"], config={"apiKey": OTHER_VENDOR_KEY})


def _made_by_hand(stack: Stack, workspace: str) -> str:
    config = {"mlApp": "shop", "apiKey": VENDOR_KEY}
    made = stack.control.create_item(
        "destinations", type="datadog", name="by hand", config=config, workspace_id=workspace
    )
    return str(made["id"])


PART = Part(
    kind="ObservabilityDestination",
    program="""
openrouter.ObservabilityDestination(
    "traces",
    workspace_id=payments.id,
    type="arize",
    settings={"modelId": "shop"},
    credentials={"apiKey": os.environ["VENDOR_KEY"]},
    credentials_from={"spaceKey": "file:space.key"},
    credentials_version="2" if generous else "1",
    api_key_hashes=[key.hash],
    privacy_mode=generous,
)
""",
    # Beside the program, as a mounted secret may be.
    prepare=lambda stack: (stack.folder / "space.key").write_text(ELSEWHERE_KEY + "\n"),
    made=["create_destination"],
    changed=["update_destination"],
    drift=_swapped,
    healed=["update_destination"],
    imported="""
openrouter.ObservabilityDestination(
    "traces", name="by hand", type="datadog", settings={"mlApp": "shop"}, workspace_id=home.id
)
""",
    by_hand=_made_by_hand,
    left=lambda stack: stack.control.items("destinations") or None,
)


def _silent(control: Control) -> str:
    made = control.create_item(
        "destinations",
        name="by hand",
        type="datadog",
        config={"mlApp": "shop", "apiKey": VENDOR_KEY},
        enabled=False,
        broadcast_generation_cost=True,
    )
    return str(made["id"])


FOUND = {
    "ObservabilityDestination": Found(
        by_hand=_silent,
        section="destinations",
        settings={
            "type": "datadog",
            "settings": {"mlApp": "shop"},
            "enabled": False,
            "regions": ["global"],
            "broadcastCost": True,
        },
        adopts=True,
    )
}
