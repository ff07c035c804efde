"""The program under Pulumi's mocks: which resources a stack's config becomes, and how they hang together."""

import json
from pathlib import Path

import pulumi
import pytest

from openrouter_provider import ServiceKey, ServiceKeyArgs
from openrouter_provider.stores.aws.policy import reader_policy
from openrouter_provider.stores.refusals import StoreName
from tests.program.mock_engine import (
    API_KEY,
    COMPONENT,
    POLICY,
    ROOT,
    SECRET,
    SUPERSEDED,
    VALUE,
    VERSION,
    Deployment,
    deploy,
    main,
    stack,
)

CANARY = "sk-or-v1-" + "c" * 24
READER = "arn:aws:iam::123456789012:role/checkout"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the project's folder, by the name that Pulumi's mocks give it."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "root_directory"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def checkout() -> Deployment:
    """Deploy one service that has everything."""
    wish = {
        "limit": 50,
        "limitReset": "monthly",
        "rotation": {"every": "30d", "overlap": "2d"},
        "readers": [READER, "arn:aws:iam::123456789012:role/admin"],
        "tags": {"Team": "shop", "Service": "renamed"},
        "kmsKeyId": "alias/shop",
        "recoveryWindowInDays": 7,
        "appUrl": "https://shop.example.com",
        "appTitle": "Shop",
    }
    return deploy(main, stack({"checkout": wish}))


def test_a_service_is_six_resources_under_one_component(checkout: Deployment) -> None:
    """Component, key, secret, version, policy and superseded keys, all named after the service."""
    found = [(each.type, each.name) for each in checkout.registered]
    assert sorted(found) == sorted(
        [
            ("pulumi:pulumi:Stack", "openrouter-keys-dev"),
            (COMPONENT, "checkout"),
            (API_KEY, "checkout"),
            (SECRET, "checkout"),
            (VERSION, "checkout"),
            (POLICY, "checkout"),
            (SUPERSEDED, "checkout"),
        ]
    )


@pytest.mark.parametrize("type_", [API_KEY, SECRET, VERSION, POLICY, SUPERSEDED])
def test_each_is_the_component_s_child(checkout: Deployment, type_: str) -> None:
    """A list of URNs reads like an inventory: stack, service, and what belongs to it."""
    assert checkout.one(type_).parent == f"{COMPONENT}::checkout"
    assert checkout.one(COMPONENT).parent == "pulumi:pulumi:Stack::openrouter-keys-dev"


def test_without_readers_there_is_no_policy() -> None:
    """Who may read is left to IAM where the service names nobody."""
    types = [each.type for each in deploy(main, stack({"checkout": {}})).registered]
    assert POLICY not in types
    assert len(types) == 6


def test_every_service_gets_its_own() -> None:
    """Three services are three components with their own keys, secrets and limits."""
    deployment = deploy(main, stack({"a": {}, "b": {"limit": 5}, "c": {"unlimited": True}}))
    keys = [each.inputs for each in deployment.registered if each.type == API_KEY]
    assert {key["name_prefix"]: key.get("limit") for key in keys} == {
        "acme/dev/a": 25,
        "acme/dev/b": 5,
        "acme/dev/c": None,
    }
    names = [each.inputs["name"] for each in deployment.registered if each.type == SECRET]
    assert sorted(names) == [f"acme/dev/{name}/openrouter" for name in "abc"]


def test_the_key_has_the_service_s_wish(checkout: Deployment) -> None:
    """Name prefix, limits and rotation reach the key; the management key and the value do not."""
    inputs = {name: value for name, value in checkout.one(API_KEY).inputs.items() if name != "__provider"}
    assert inputs == {
        "name_prefix": "acme/dev/checkout",
        "limit": 50,
        "limit_reset": "monthly",
        "include_byok_in_limit": False,
        "disabled": False,
        "rotation": {"every": "30d", "overlap": "2d", "stagger": True},
        "stored_in": {
            "store": "aws",
            "reference": "acme/dev/checkout/openrouter",
            "access": {"region": "us-east-1"},
        },
    }


def test_the_value_is_a_secret_output(checkout: Deployment) -> None:
    """The engine is told to encrypt the key's value and an adopted value."""
    assert sorted(checkout.one(API_KEY).secret_outputs) == ["adopt_key", "key"]


def test_the_secret_is_the_service_s(checkout: Deployment) -> None:
    """Name, description, encryption and recovery window are set; the standard tags lie under the user's own."""
    assert checkout.one(SECRET).inputs == {
        "name": "acme/dev/checkout/openrouter",
        "description": "OpenRouter API key of checkout",
        "kmsKeyId": "alias/shop",
        "recoveryWindowInDays": 7,
        "tags": {"ManagedBy": "openrouter-keys", "Environment": "dev", "Service": "renamed", "Team": "shop"},
    }


def test_the_secret_s_value_is_json_for_a_client(checkout: Deployment) -> None:
    """The version is current and holds the key, the endpoint and the app's address and title."""
    inputs = checkout.one(VERSION).inputs
    assert inputs["versionStages"] == ["AWSCURRENT"]
    assert inputs["secretId"].endswith(":secret:acme/dev/checkout/openrouter")
    assert json.loads(inputs["secretString"]) == {
        "OPENROUTER_API_KEY": VALUE,
        "OPENROUTER_BASE_URL": "https://openrouter.ai/api/v1",
        "OPENROUTER_APP_URL": "https://shop.example.com",
        "OPENROUTER_APP_TITLE": "Shop",
    }


def test_a_plain_secret_is_the_key_alone() -> None:
    """Format plain stores nothing but the value."""
    deployment = deploy(main, stack({"checkout": {"format": "plain"}}))
    assert deployment.one(VERSION).inputs["secretString"] == VALUE


@pytest.mark.parametrize(
    ("config", "variable", "url"),
    [
        ({"openrouter:baseUrl": "https://a.example/v1"}, "https://b.example/v1", "https://a.example/v1"),
        ({}, "https://b.example/v1/", "https://b.example/v1"),
    ],
)
def test_the_stored_endpoint_is_the_stack_s(
    monkeypatch: pytest.MonkeyPatch, config: dict[str, str], variable: str, url: str
) -> None:
    """A service finds the endpoint of config, or of the environment, in its secret."""
    monkeypatch.setenv("OPENROUTER_BASE_URL", variable)
    deployment = deploy(main, {**stack({"checkout": {}}), **config})
    assert json.loads(deployment.one(VERSION).inputs["secretString"])["OPENROUTER_BASE_URL"] == url


def test_exactly_the_readers_may_read(checkout: Deployment) -> None:
    """The policy allows two actions to the named principals and is blocked from ever being public."""
    inputs = checkout.one(POLICY).inputs
    assert inputs["blockPublicPolicy"] is True
    assert json.loads(inputs["policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ReadOpenRouterKey",
                "Effect": "Allow",
                "Principal": {"AWS": ["arn:aws:iam::123456789012:role/admin", READER]},
                "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
                "Resource": "*",
            }
        ],
    }


def test_the_order_of_readers_is_no_change() -> None:
    """The same readers in another order are the same policy."""
    assert reader_policy(["b", "a"]) == reader_policy(["a", "b"])


def test_the_secret_comes_after_the_key(checkout: Deployment) -> None:
    """Deletion runs backwards: the secret goes first, then the key that it holds."""
    assert f"{API_KEY}::checkout" in checkout.one(SECRET).depends_on


def test_a_version_comes_after_key_and_secret(checkout: Deployment) -> None:
    """A new value is stored once the key exists."""
    assert {f"{API_KEY}::checkout", f"{SECRET}::checkout"} <= set(checkout.one(VERSION).depends_on)


def test_superseded_keys_come_after_the_secret_s_version(checkout: Deployment) -> None:
    """No superseded key is touched before the secret has its successor."""
    superseded = checkout.one(SUPERSEDED)
    assert f"{VERSION}::checkout" in superseded.depends_on
    assert superseded.inputs["version"] == "id-of-checkout"
    assert (superseded.inputs["overlap"], superseded.inputs["service"]) == ("2d", "acme/dev/checkout/openrouter")
    assert superseded.inputs["superseded"] == []


@pytest.mark.parametrize(("emergency", "token"), [(True, "leak"), (False, None)])
def test_an_emergency_names_its_token(emergency: bool, token: str | None) -> None:
    """Only an emergency hands the rotation's token to the superseded keys."""
    deployment = deploy(main, stack({"checkout": {"rotateNow": "leak", "emergency": emergency}}))
    assert deployment.one(SUPERSEDED).inputs.get("emergency_token") == token


def test_the_output_identifies_and_never_tells(checkout: Deployment) -> None:
    """The stack exports hash, name, label, limits and the secret's ARN of each service, and no value."""
    assert checkout.secret_outputs == []
    assert VALUE not in json.dumps(checkout.outputs)
    service = checkout.outputs["services"]["checkout"]
    assert service["keyHash"] == "hash-of-checkout"
    assert service["keyName"] == "acme/dev/checkout-1234567"
    assert service["secretArn"].endswith(":secret:acme/dev/checkout/openrouter")
    assert set(service) == {
        "keyHash",
        "keyName",
        "keyLabel",
        "limit",
        "limitReset",
        "disabled",
        "expiresAt",
        "generation",
        "rotatedAt",
        "nextRotationAt",
        "secretArn",
        "secretName",
    }


def test_names_default_to_project_and_stack() -> None:
    """Without a prefix the secret is <project>/<stack>/<service>/openrouter."""
    deployment = deploy(main, stack({"checkout": {}}, namePrefix=""))
    assert deployment.one(SECRET).inputs["name"] == "openrouter-keys/dev/checkout/openrouter"


def test_a_wrong_config_declares_nothing() -> None:
    """Every problem is in one error, before any resource is registered."""
    declared: list[str] = []
    with pytest.raises(pulumi.RunError) as caught:
        declared += [each.name for each in deploy(main, stack({"a": {"limit": -1}, "b": {"format": "x"}})).registered]
    assert "services.a.limit" in str(caught.value)
    assert "services.b.format" in str(caught.value)
    assert declared == []


@pytest.mark.parametrize(
    "name", ["defaults", "services", "maxLimit", "policy", "workspaces", "guardrails", "byokKeys", "servicesFrom"]
)
def test_config_that_is_no_json_is_a_config_error(name: str) -> None:
    """A setting of another form is named."""
    with pytest.raises(pulumi.RunError, match=f"{name}: must be"):
        deploy(main, {**stack({"a": {}}), f"openrouter-keys:{name}": "{a: 5"})


@pytest.mark.parametrize("name", ["defaults", "services", "maxLimit", "namePrefix", "policy", "servicesFrom"])
def test_a_key_in_place_of_a_setting_is_refused(name: str) -> None:
    """It is named for what it is, and not quoted."""
    with pytest.raises(pulumi.RunError, match=f"{name}: holds an OpenRouter key") as caught:
        deploy(main, {**stack({"a": {}}), f"openrouter-keys:{name}": "{" + CANARY})
    assert CANARY not in str(caught.value)


def test_a_plaintext_management_key_is_refused() -> None:
    """The error names the setting and the command that encrypts it, and not the value."""
    with pytest.raises(pulumi.RunError) as caught:
        deploy(main, {**stack({"a": {}}), "openrouter:managementKey": CANARY})
    assert "openrouter:managementKey: is in plaintext" in str(caught.value)
    assert "pulumi config set --secret openrouter:managementKey" in str(caught.value)
    assert CANARY not in repr(caught.value)


def test_an_encrypted_management_key_stays_out_of_the_program() -> None:
    """No resource's inputs and no output hold the credential."""
    config = {**stack({"checkout": {}}), "openrouter:managementKey": CANARY}
    deployment = deploy(main, config, "openrouter:managementKey")
    assert CANARY not in str(deployment)


def test_an_adopted_value_in_plaintext_is_refused() -> None:
    """A key's value belongs into encrypted config; the error has the command."""
    with pytest.raises(pulumi.RunError) as caught:
        deploy(main, stack({"checkout": {"adopt": {"hash": "abc", "key": CANARY}}}))
    assert "pulumi config set --secret --path 'openrouter-keys:services.checkout.adopt.key'" in str(caught.value)
    assert CANARY not in repr(caught.value)


def test_an_adopted_value_reaches_the_key_as_a_secret() -> None:
    """From encrypted config the hash and the value reach the key."""
    config = stack({"checkout": {"adopt": {"hash": "abc", "key": CANARY}}})
    inputs = deploy(main, config, "openrouter-keys:services").one(API_KEY).inputs
    assert (inputs["adopt_hash"], inputs["adopt_key"]) == ("abc", CANARY)


def test_an_adopted_value_beside_an_encrypted_one_is_refused(project: Path) -> None:
    """The stack's file, in the folder where the program runs, tells which value is in plaintext."""
    (project / "Pulumi.dev.yaml").write_text(f"key: {CANARY}", encoding="utf-8")
    adopted = {name: {"adopt": {"hash": f"abc{name}", "key": key}} for name, key in (("a", CANARY), ("b", VALUE))}
    with pytest.raises(pulumi.RunError) as caught:
        deploy(main, stack(adopted), "openrouter-keys:services")
    assert "services.a.adopt.key: is in plaintext" in str(caught.value)
    assert "services.b.adopt.key" not in str(caught.value)


def test_a_provider_key_in_plaintext_is_refused() -> None:
    """Another vendor's key belongs into encrypted config too."""
    config = stack({"checkout": {}}, byokKeys={"ours": {"provider": "openai", "key": CANARY}})
    with pytest.raises(pulumi.RunError, match=r"byokKeys\.ours\.key: is in plaintext") as caught:
        deploy(main, config)
    assert CANARY not in repr(caught.value)


def test_services_come_from_files_too(project: Path) -> None:
    """A file in the project's folder adds its services, with the stack's defaults."""
    (project / "team.yaml").write_text("search: {limitReset: daily}", encoding="utf-8")
    keys = deploy(main, stack({"checkout": {}}, servicesFrom=["team.yaml"]))
    assert keys.one(API_KEY, "search").inputs["limit"] == keys.one(API_KEY, "checkout").inputs["limit"] == 25


def surrounded() -> Deployment:
    """Deploy a service in a workspace, under a guardrail, with a provider key for it."""
    config = stack(
        {"checkout": {"workspace": "shop", "guardrails": ["cheap"]}},
        workspaces={"shop": {"budgets": {"daily": 5, "monthly": 100}}},
        guardrails={"cheap": {"limit": 1, "limitReset": "daily", "enforceZdr": True, "workspace": "shop"}},
        byokKeys={"ours": {"provider": "openai", "key": CANARY, "allowedServices": ["checkout"]}},
    )
    return deploy(main, config, "openrouter-keys:byokKeys")


def test_a_key_lives_in_its_workspace_and_is_bound_before_it_is_stored() -> None:
    """The key's workspace is the declared one, and the secret's value waits for the guardrail's assignment."""
    found = surrounded()
    assert found.one(API_KEY).inputs["workspace_id"] == "id-of-shop"
    assignment = found.one("pulumi-python:dynamic/openrouter:GuardrailAssignment")
    assert (assignment.inputs["guardrail_id"], assignment.inputs["key_hashes"]) == (
        "id-of-cheap",
        ["hash-of-checkout"],
    )
    assert f"{assignment.type}::checkout" in found.one(VERSION).depends_on


def test_budgets_are_declared_widest_first() -> None:
    """A narrower budget waits for the wider one, which knows its wish; both belong to their workspace."""
    found = surrounded()
    kind = "pulumi-python:dynamic/openrouter:WorkspaceBudget"
    daily, monthly = found.one(kind, "shop-daily"), found.one(kind, "shop-monthly")
    assert (daily.inputs["limit_usd"], monthly.inputs["limit_usd"]) == (5, 100)
    assert f"{kind}::shop-monthly" in daily.depends_on
    assert (monthly.inputs["narrower"], daily.inputs.get("narrower")) == ({"daily": 5}, None)
    assert daily.parent == "pulumi-python:dynamic/openrouter:Workspace::shop"


def test_a_guardrail_has_its_wish() -> None:
    """Limits and flags reach the guardrail under the API's names."""
    inputs = surrounded().one("pulumi-python:dynamic/openrouter:Guardrail", "cheap").inputs
    zdr = [value for name, value in inputs.items() if name.startswith("enforce_zdr_")]
    assert (inputs["limit_usd"], inputs["reset_interval"], inputs["workspace_id"]) == (1, "daily", "id-of-shop")
    assert zdr == [True] * 5


def test_a_provider_key_is_for_its_services() -> None:
    """The keys of the allowed services may use it; its value is a secret."""
    byok = surrounded().one("pulumi-python:dynamic/openrouter:ByokKey", "ours")
    assert byok.inputs["allowed_api_key_hashes"] == ["hash-of-checkout"]
    assert byok.secret_outputs == ["key"]


def test_what_else_surrounds_the_keys_is_declared_from_its_section() -> None:
    """Each entry becomes its resource, in its workspace; credentials are a secret, keys a service's."""
    config = stack(
        {"checkout": {"limit": 5}},
        workspaces={"shop": {"broadcast": True, "disabledServerTools": ["openrouter:shell"]}},
        defaultGuardrails={"all": {"ignoredProviders": ["azure"], "allowSafetyRetention": False}},
        members={"alice": {"userId": "user_alice", "workspace": "shop"}},
        destinations={
            "traces": {
                "type": "datadog",
                "workspace": "shop",
                "settings": {"mlApp": "shop"},
                "credentials": {"apiKey": "dd-canary"},
                "allowedServices": ["checkout"],
                "broadcastIdentity": False,
            }
        },
        organization={"filteredModelCatalog": True},
    )
    found = deploy(main, config, "openrouter-keys:destinations")
    kind = "pulumi-python:dynamic/openrouter:"
    assert found.one(f"{kind}WorkspaceDefaultGuardrail", "all").inputs | {"__provider": ""} == {
        "__provider": "",
        "workspace_id": "default",
        "ignored_providers": ["azure"],
        "allow_safety_retention_google": False,
        "allow_safety_retention_other": False,
    }
    assert found.one(f"{kind}WorkspaceMember", "alice").inputs["workspace_id"] == "id-of-shop"
    traces = found.one(f"{kind}ObservabilityDestination", "traces")
    assert traces.inputs["api_key_hashes"] == ["hash-of-checkout"]
    assert (traces.inputs["workspace_id"], traces.inputs["broadcast_generation_identity"]) == ("id-of-shop", False)
    assert traces.secret_outputs == ["credentials"]
    assert found.one(f"{kind}OrganizationSettings", "organization").inputs["is_filtered_model_catalog_enabled"] is True
    shop = found.one(f"{kind}Workspace", "shop").inputs
    assert (shop["is_observability_broadcast_enabled"], shop["disabled_server_tools"]) == (True, ["openrouter:shell"])


def test_a_breach_of_the_policy_declares_nothing() -> None:
    """The policy is checked before any resource is registered."""
    with pytest.raises(pulumi.RunError, match=r"services\.checkout\.readers: is missing, and policy\.requireReaders"):
        deploy(main, stack({"checkout": {}}, policy={"requireReaders": True}))


def test_the_component_works_outside_the_program() -> None:
    """ServiceKey needs a secret's name and a key's prefix, and tags the secret with its own name."""

    def program() -> None:
        ServiceKey("shop", ServiceKeyArgs(secret_name="shop/key", key_name_prefix="shop", limit=1))

    deployment = deploy(program)
    assert deployment.one(SECRET, "shop").inputs["tags"] == {"ManagedBy": "openrouter-keys", "Service": "shop"}
    assert deployment.one(API_KEY, "shop").inputs["name_prefix"] == "shop"


@pytest.mark.parametrize("store", ["aws", "gcp"])
def test_a_rotation_without_an_overlap_has_the_usual_one(store: StoreName) -> None:
    """ApiKey and the config take a schedule without it, and so does the component."""

    def program() -> None:
        wish = ServiceKeyArgs(
            secret_name="shop", key_name_prefix="shop", limit=1, rotation={"every": "90d"}, store=store
        )
        ServiceKey("shop", wish)

    assert deploy(program).one(SUPERSEDED, "shop").inputs["overlap"] == "7d"


def test_arguments_do_not_show_an_adopted_value() -> None:
    """The component's arguments can be printed."""
    assert CANARY not in repr(ServiceKeyArgs(secret_name="s", key_name_prefix="k", adopt_hash="a", adopt_key=CANARY))


def test_the_program_is_short() -> None:
    """__main__.py reads at a glance."""
    assert len((ROOT / "__main__.py").read_text(encoding="utf-8").splitlines()) < 50
