"""A service whose secret is elsewhere than the stack's config says: every question goes there."""

import json
from typing import Any

import boto3
import yaml

from tests.harness import Stack
from tests.soak import only_in_soak

ELSEWHERE = "ap-northeast-1"
IN_TOKYO = """
import os

import pulumi
import pulumi_aws as aws

from openrouter_provider import ServiceKey, ServiceKeyArgs
from openrouter_provider.stores.aws.regions import program_access

role = os.environ.get("ROLE")
roles = [aws.ProviderAssumeRoleArgs(role_arn=role)] if role else None
tokyo = aws.Provider("tokyo", region="ap-northeast-1", assume_roles=roles)
args = ServiceKeyArgs(
    secret_name=os.environ["SECRET"], key_name_prefix=os.environ["PREFIX"], limit=5, recovery_window_in_days=7
)
key = ServiceKey("checkout", args, pulumi.ResourceOptions(provider=tokyo))
pulumi.export("services", {"checkout": key.summary()})
pulumi.export("access", program_access(key))
"""
ROLE = "arn:aws:iam::222222222222:role/deployer"


def client_of(stack: Stack, region: str, role: str | None = None) -> Any:
    """Return a boto3 client of the sandbox in a region, in the account of a role."""
    endpoint = stack.environment["AWS_ENDPOINT_URL"]
    keys: Any = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
    if role:
        sts = boto3.client("sts", endpoint_url=endpoint, region_name=region, **keys)
        given = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        keys = {"aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given["SecretAccessKey"]}
        keys["aws_session_token"] = given["SessionToken"]
    return boto3.client("secretsmanager", endpoint_url=endpoint, region_name=region, **keys)


def prepare(stack: Stack, **variables: str) -> str:
    """Write the program and the variables that it reads; return the secret's name."""
    (stack.folder / "__main__.py").write_text(IN_TOKYO)
    name = stack.secret_name("checkout")
    stack.environment |= {"SECRET": name, "PREFIX": f"{stack.prefix}/checkout", **variables}
    return name


def access(stack: Stack) -> Any:
    """Return what the program would record of its provider."""
    return json.loads(stack.pulumi("stack", "output", "access", "--json").stdout)


@only_in_soak
def test_a_secret_is_looked_for_in_its_own_providers_region(stack: Stack) -> None:
    """A secret of that name in the config's region is no obstacle; one in the provider's region is, and is named."""
    name = prepare(stack)
    home, tokyo = client_of(stack, "us-east-1"), client_of(stack, ELSEWHERE)
    for client in (home, tokyo):
        client.create_secret(Name=name, SecretString="theirs")
        client.delete_secret(SecretId=name, RecoveryWindowInDays=7)
    failed = stack.up(check=False)
    assert failed.code != 0
    free = f"delete-secret --force-delete-without-recovery --secret-id {name} --region {ELSEWHERE}"
    assert free in failed.output, failed
    assert "keeps its name until" in failed.output
    tokyo.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    stack.up()
    assert stack.accepted(tokyo.get_secret_value(SecretId=name)["SecretString"])
    assert home.describe_secret(SecretId=name)["DeletedDate"]
    assert access(stack) == {"region": ELSEWHERE}
    assert stack.run("openrouter-keys", "verify", "--stack", stack.name).code == 0


def test_a_secret_is_looked_for_in_the_account_of_its_providers_role(stack: Stack) -> None:
    """The SDK's object does not show a provider's role; the look before a creation assumes it all the same."""
    name = prepare(stack, ROLE=ROLE)
    ours, theirs = client_of(stack, ELSEWHERE), client_of(stack, ELSEWHERE, ROLE)
    ours.create_secret(Name=name, SecretString="theirs")
    ours.delete_secret(SecretId=name, RecoveryWindowInDays=7)
    stack.up()
    assert stack.accepted(theirs.get_secret_value(SecretId=name)["SecretString"])
    assert access(stack) == {"region": ELSEWHERE, "assumeRoles": json.dumps([{"roleArn": ROLE}])}


@only_in_soak
def test_another_region_is_announced_and_every_secret_is_made_there_first(stack: Stack) -> None:
    """A preview says how many secrets move; the keys stay, and the old secrets live until the new ones hold them.

    There are as many as the engine has workers: none of them may wait for another.
    """
    names = ["checkout", "search", *(f"s{number}" for number in range(6))]
    stack.configure({name: {"limit": 5} for name in names})
    stack.up()
    keys = {name: stack.secret_text(name) for name in names}
    config = yaml.safe_load((stack.folder / f"Pulumi.{stack.name}.yaml").read_text())["config"]
    stack.write_config(config | {"aws:region": ELSEWHERE})
    warning = f"AWS region us-east-1 => {ELSEWHERE}: 8 secrets of this stack in us-east-1 will be made again"
    preview = stack.pulumi("preview")
    assert preview.output.partition("Diagnostics:")[2].count(warning) == 1, preview
    assert "16 to replace" in preview.output

    tokyo = client_of(stack, ELSEWHERE)
    theirs = tokyo.create_secret(Name=stack.secret_name("search"), SecretString="theirs")
    assert stack.up(check=False).code != 0
    assert {name: stack.secret_text(name) for name in keys} == keys
    tokyo.delete_secret(SecretId=theirs["ARN"], ForceDeleteWithoutRecovery=True)
    stack.up()
    moved = {name: tokyo.get_secret_value(SecretId=stack.secret_name(name))["SecretString"] for name in keys}
    assert moved == keys
    assert stack.secret_names() == []
    assert not stack.drifted()
    assert "AWS region" not in stack.pulumi("preview").output
