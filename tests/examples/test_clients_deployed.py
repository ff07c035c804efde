"""Both example clients, through keys that one `pulumi up` made."""

import json

import pytest

from tests.examples.deployed_services import SERVICES, chat_statuses, current_key, variables_for
from tests.examples.example_clients import ANSWER, Client
from tests.harness import Stack

# One worker runs all tests of the clients: they share a stack, and the packages of the TypeScript client.
pytestmark = pytest.mark.xdist_group("examples")


@pytest.mark.parametrize("service", SERVICES)
def test_service_answers_through_its_key(deployed: Stack, client: Client, service: str) -> None:
    """With the secret's name alone the client finds its key, says what is left of it, and answers."""
    run = client.run("Hello?", **variables_for(deployed, deployed.secret_name(service)))
    left = {"checkout": "$50.00 of $50.00 left, resets monthly", "search": "$10.00 of $10.00 left"}[service]
    assert run.stderr == f"key {current_key(deployed, service)['label']}: {left}\n"
    assert (run.stdout, run.returncode) == (f"{ANSWER}\n", 0)


def test_arn_names_the_region(deployed: Stack, client: Client) -> None:
    """A secret given by its ARN is found without AWS_REGION."""
    arn = deployed.aws().describe_secret(SecretId=deployed.secret_name("checkout"))["ARN"]
    variables = {**variables_for(deployed, arn), "AWS_REGION": ""}
    assert client.run("Hello?", **variables).stdout == f"{ANSWER}\n"


def test_missing_secret_is_one_line(deployed: Stack, client: Client) -> None:
    """A secret that isn't there is named with the fix."""
    run = client.run("Hello?", **variables_for(deployed, "acme/nowhere/openrouter"))
    assert run.stderr == (
        "error: the secret acme/nowhere/openrouter: AWS answered ResourceNotFoundException: "
        "there is no such secret: check its name, the account and the region\n"
    )
    assert run.returncode == 1


def test_edited_secret_is_not_sent(deployed: Stack, client: Client) -> None:
    """What is no OpenRouter key is somebody else's secret, and goes nowhere."""
    name = f"{deployed.prefix}/edited"
    deployed.aws().create_secret(Name=name, SecretString=json.dumps({"OPENROUTER_API_KEY": "ghp_canary"}))
    deployed.control.clear_calls()
    try:
        run = client.run("Hello?", **variables_for(deployed, name))
    finally:
        deployed.aws().delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    assert run.stderr.startswith(f"error: the secret {name} holds no OpenRouter key (one begins with sk-or-)")
    assert "canary" not in run.stderr
    assert run.returncode == 1


def test_key_replaced_under_a_running_service(deployed: Stack, client: Client) -> None:
    """A refused key is read anew once: twice asked where the secret moved on, once where it did not."""
    control, aws = deployed.control, deployed.aws()
    keys = [control.create_key(name=f"replaced-{number}", limit=1) for number in range(3)]
    name = f"{deployed.prefix}/replaced"
    aws.create_secret(Name=name, SecretString=keys[0][1])
    try:
        with client.talking(**variables_for(deployed, name)) as service:
            control.delete_key(keys[0][0]["hash"])
            control.clear_calls()
            assert 'OpenRouter answered 401 and said "User not found."' in service.ask()
            assert chat_statuses(deployed) == [401], "the secret still holds the dead key"
            control.delete_key(keys[1][0]["hash"])
            aws.put_secret_value(SecretId=name, SecretString=keys[1][1])
            assert 'OpenRouter answered 401 and said "User not found."' in service.ask()
            assert chat_statuses(deployed) == [401, 401, 401], "the second key was tried once"
            aws.put_secret_value(SecretId=name, SecretString=keys[2][1])
            assert service.ask() == ANSWER
            assert service.ask() == ANSWER
            assert chat_statuses(deployed) == [401, 401, 401, 401, 200, 200], "the third key is kept"
    finally:
        aws.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
