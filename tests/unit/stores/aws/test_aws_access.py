"""How AWS is reached for a secret: its own provider's region, role and endpoint, and none of its keys in a state."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import BotoCoreError

from openrouter_provider.stores.aws.access import (
    WITHHELD,
    access_of,
    command,
    open_client,
    recorded,
    with_keys,
)
from openrouter_provider.stores.aws.reading import read
from openrouter_provider.stores.value import Access, SecretUnreadable
from sandbox.aws.server import CREDENTIAL, REGION, AwsServer

NAME = "acme/dev/checkout/openrouter"
CANARY = "sk-or-v1-" + "c0ffee" * 10
ROLE = "arn:aws:iam::222222222222:role/deployer"
ROLES = json.dumps([{"roleArn": ROLE, "sessionName": "up", "tags": {"a": "b"}}])
CIPHER = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:…"}
ARN = f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{NAME}-AbCdEf"
TOKYO = "urn:pulumi:dev::acme::pulumi:providers:aws::tokyo"
DEFAULT = "urn:pulumi:dev::acme::pulumi:providers:aws::default_7_51_1"


def provider(urn: str, **inputs: Any) -> dict[str, Any]:
    """Return a provider as an exported state has it."""
    return {"urn": urn, "id": "id-1", "type": "pulumi:providers:aws", "inputs": inputs}


def secret(of: str, **more: Any) -> dict[str, Any]:
    """Return a secret of a provider as an exported state has it."""
    return {"type": "aws:secretsmanager/secret:Secret", "provider": f"{of}::id-1", "id": ARN, **more}


@pytest.mark.parametrize(
    ("providers", "resource", "expected"),
    [
        ([provider(TOKYO, region="tokyo")], secret(TOKYO), {"region": "tokyo"}),
        ([provider(TOKYO, region="tokyo"), provider(DEFAULT, region="home")], secret(DEFAULT), {"region": "home"}),
        ([provider(TOKYO, region="home")], secret(TOKYO, outputs={"region": "tokyo"}), {"region": "tokyo"}),
        ([provider(TOKYO, profile="ops", region=CIPHER)], secret(TOKYO), {"profile": "ops"}),
        ([provider(TOKYO, assumeRoles=ROLES)], secret(TOKYO), {"assumeRoles": ROLES}),
        ([provider(TOKYO, secretKey=CIPHER)], secret(TOKYO), {WITHHELD: "program"}),
        ([provider(DEFAULT, secretKey=CIPHER)], secret(DEFAULT), {WITHHELD: "config"}),
        ([], secret(DEFAULT), {}),
        ([], {"inputs": {"region": "eu-west-1"}}, {"region": "eu-west-1"}),
    ],
)
def test_a_state_says_how_a_secret_is_reached(
    providers: list[dict[str, Any]], resource: dict[str, Any], expected: Access
) -> None:
    """The settings are those of the resource's own provider, and a region of the resource's own wins."""
    assert access_of([*providers, resource], resource) == expected


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        ({"region": "eu-west-1", "profile": "ops"}, {"region": "eu-west-1", "profile": "ops"}),
        ({"accessKey": "AK", "secretKey": "SK", "token": "T"}, {WITHHELD: "program"}),
        ({"sharedCredentialsFiles": '["/home/me/.aws/x"]', "httpProxy": "http://me:pw@proxy"}, {}),
        ({"assumeRoles": ROLES}, {"assumeRoles": json.dumps([{"roleArn": ROLE, "sessionName": "up"}])}),
        (
            {"endpoints": '[{"secretsmanager": "https://vpc", "s3": "https://x"}]'},
            {"endpoints": '[{"secretsmanager": "https://vpc"}]'},
        ),
        ({"endpoints": '[{"s3": "https://x"}]', "assumeRoles": "no JSON"}, {}),
    ],
)
def test_a_state_has_no_key(access: Access, expected: Access) -> None:
    """What a resource records of its store's provider says where the secret is, and nothing that opens it."""
    assert recorded(access, in_config=False) == expected


def test_keys_of_the_config_are_for_its_own_provider() -> None:
    """The config's keys are used for the provider that follows the config, and for no other."""
    config = {"accessKey": "AK", "secretKey": "SK"}
    assert with_keys({"region": "r", WITHHELD: "config"}, config.get) == {"region": "r", **config}
    assert with_keys({WITHHELD: "program"}, config.get) == {WITHHELD: "program"}
    assert with_keys({"region": "r"}, config.get) == {"region": "r"}


@pytest.mark.parametrize(
    ("secret_id", "access", "options"),
    [
        (NAME, {"region": "ap-northeast-1"}, "--region ap-northeast-1"),
        (ARN, {"region": "ap-northeast-1"}, "--region eu-west-1"),
        (NAME, {"region": "us-east-1", "profile": "ops"}, "--region us-east-1 --profile ops"),
    ],
)
def test_a_printed_command_names_the_region(secret_id: str, access: Access, options: str) -> None:
    """A secret's name means another secret in another region: an ARN's own region wins."""
    expected = f"aws secretsmanager restore-secret --secret-id {secret_id} {options}"
    assert command("restore-secret", secret_id, access) == expected


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServer]:
    """AWS where the environment points to."""
    with AwsServer() as served:
        variables = {"AWS_ENDPOINT_URL": served.url, "AWS_DEFAULT_REGION": REGION}
        credentials = {"AWS_ACCESS_KEY_ID": CREDENTIAL, "AWS_SECRET_ACCESS_KEY": CREDENTIAL}
        for name, value in {**variables, **credentials}.items():
            monkeypatch.setenv(name, value)
        yield served


def store(client: Any, value: str) -> Iterator[None]:
    """Keep a value in AWS for the length of a test."""
    client.create_secret(Name=NAME, SecretString=value)
    yield
    client.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)


@pytest.fixture
def elsewhere(server: AwsServer) -> Iterator[None]:
    """Store three values under one name: at home, in another region, and in another account."""
    role = boto3.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="test")["Credentials"]
    keys = {"aws_access_key_id": role["AccessKeyId"], "aws_secret_access_key": role["SecretAccessKey"]}
    theirs = boto3.client("secretsmanager", aws_session_token=role["SessionToken"], **keys)
    homes = {server.client(): "home", boto3.client("secretsmanager", region_name="ap-northeast-1"): "tokyo"}
    stores = [store(client, CANARY + value) for client, value in {**homes, theirs: "theirs"}.items()]
    for each in stores:
        next(each)
    yield
    for each in stores:
        next(each, None)


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(
    ("access", "value"),
    [
        ({}, "home"),
        ({"region": "ap-northeast-1"}, "tokyo"),
        ({"assumeRoles": ROLES}, "theirs"),
        ({"assumeRole": json.dumps({"roleArn": ROLE})}, "theirs"),
        ({"assumeRoles": ROLES, "region": REGION}, "theirs"),
    ],
)
def test_a_secret_is_read_where_its_provider_has_it(access: Access, value: str) -> None:
    """A region and a role of the provider lead to its own secret, whatever the environment has under that name."""
    found = read(NAME, access).key
    assert found is not None
    assert found.get_secret_value() == CANARY + value


@pytest.mark.usefixtures("elsewhere")
def test_a_secret_is_not_gone_because_other_keys_do_not_see_it() -> None:
    """Where the provider's own keys are withheld, "no such secret" is no proof, and elsewhere it is."""
    for access, gone in (({"region": "eu-west-1"}, True), ({"region": "eu-west-1", WITHHELD: "program"}, False)):
        with pytest.raises(SecretUnreadable) as caught:
            read(NAME, access)
        assert caught.value.gone is gone


def test_files_and_endpoints_of_the_provider_are_used(server: AwsServer, tmp_path: Any, monkeypatch: Any) -> None:
    """Keys come from the provider's own credentials file, and calls go to its own endpoint."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    file = tmp_path / "credentials"
    file.write_text("[ops]\naws_access_key_id = FROMFILE\naws_secret_access_key = x\n")
    files, endpoints = json.dumps([str(file)]), json.dumps([{"secretsmanager": server.url}])
    settings = {"profile": "ops", "sharedCredentialsFiles": files, "endpoints": endpoints}
    client = open_client(settings)
    assert client.meta.endpoint_url == server.url
    assert client.list_secrets()["ResponseMetadata"]["HTTPStatusCode"] == 200
    with pytest.raises(BotoCoreError):
        open_client({**settings, "profile": "nobody"})


def test_a_page_of_a_gateway_is_not_a_secret_that_is_gone(server: AwsServer) -> None:
    """Whatever answers in AWS's place, the secret counts as unreadable."""
    endpoints = json.dumps([{"sts": f"{server.url}/nowhere"}])
    with pytest.raises(SecretUnreadable, match="could not be asked: ResponseParserError") as caught:
        read(NAME, {"assumeRoles": ROLES, "endpoints": endpoints})
    assert caught.value.gone is False
