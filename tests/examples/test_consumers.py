"""What is deployed beside a service's code: as valid as a schema can tell, and in line with what the stack makes."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from botocore.validate import ParamValidator
from pydantic import BaseModel

from openrouter_provider.config.models import RotationConfig
from openrouter_provider.keys.schedule import parse_duration
from openrouter_provider.stores.payload import APP_TITLE_FIELD, APP_URL_FIELD, BASE_URL_FIELD, KEY_FIELD
from sandbox.kubernetes.definitions import ExternalSecret, SecretStore
from tests.examples.client_makers import PYTHON_CLIENT
from tests.examples.deployed_services import variables_for
from tests.examples.example_clients import ANSWER
from tests.harness import ROOT, Stack

pytestmark = pytest.mark.xdist_group("examples")
CONSUMERS = ROOT / "examples" / "consumers"
FIELDS = {KEY_FIELD, BASE_URL_FIELD, APP_URL_FIELD, APP_TITLE_FIELD}
SECRET_NAME = "acme/prod/checkout/openrouter"


def task_definition() -> dict[str, Any]:
    """Return the ECS task definition."""
    loaded: dict[str, Any] = json.loads((CONSUMERS / "ecs-task-definition.json").read_text(encoding="utf-8"))
    return loaded


def kubernetes() -> dict[str, dict[str, Any]]:
    """Return the Kubernetes objects by their kind."""
    text = (CONSUMERS / "external-secret.yaml").read_text(encoding="utf-8")
    return {document["kind"]: document for document in yaml.safe_load_all(text)}


def test_task_definition_is_one_that_ecs_takes() -> None:
    """The file is a valid request to RegisterTaskDefinition, by AWS's own description of it."""
    ecs = botocore.session.get_session().get_service_model("ecs")
    shape = ecs.operation_model("RegisterTaskDefinition").input_shape
    assert shape
    assert ParamValidator().validate(task_definition(), shape).generate_report() == ""


def test_task_definition_takes_what_the_secret_holds() -> None:
    """What a container gets injected are fields of the secret; the other one reads the same secret itself."""
    reading, injected = task_definition()["containerDefinitions"]
    assert {entry["name"]: entry["value"] for entry in reading["environment"]}["OPENROUTER_SECRET_ID"] == SECRET_NAME
    for entry in injected["secrets"]:
        arn, name, stage, version = entry["valueFrom"].rsplit(":", 3)
        assert arn.rpartition("-")[0].endswith(f":secret:{SECRET_NAME}")
        assert (name, stage, version) == (entry["name"], "", "")
        assert name in FIELDS


@pytest.mark.parametrize("model", [SecretStore, ExternalSecret])
def test_external_secret_has_the_published_shape(model: type[BaseModel]) -> None:
    """Each resource of the operator has the fields that its definition requires, and none that it doesn't know."""
    model.model_validate(kubernetes()[model.__name__])


def test_kubernetes_objects_fit_together() -> None:
    """The secret's store, the account that may read it and the workload that uses it are each other's."""
    objects = kubernetes()
    external, store = objects["ExternalSecret"]["spec"], objects["SecretStore"]
    pod = objects["Deployment"]["spec"]["template"]["spec"]
    assert external["dataFrom"] == [{"extract": {"key": SECRET_NAME}}]
    assert external["secretStoreRef"]["name"] == store["metadata"]["name"]
    account = objects["ServiceAccount"]["metadata"]["name"]
    assert store["spec"]["provider"]["aws"]["auth"]["jwt"]["serviceAccountRef"]["name"] == account
    assert pod["serviceAccountName"] == account
    assert pod["containers"][0]["envFrom"] == [{"secretRef": {"name": external["target"]["name"]}}]
    assert {document["metadata"]["namespace"] for document in objects.values()} == {"checkout"}


def test_external_secret_is_refreshed_within_the_overlap() -> None:
    """A rotation arrives in the cluster with at least half of the default overlap left."""
    hours = int(kubernetes()["ExternalSecret"]["spec"]["refreshInterval"].removesuffix("h"))
    assert timedelta(hours=hours) < parse_duration(RotationConfig().overlap) / 2


def test_readers_of_production_are_the_roles_of_the_examples() -> None:
    """The roles that read the secret here are those that the production stack lets."""
    stack = yaml.safe_load((ROOT / "Pulumi.prod.yaml").read_text(encoding="utf-8"))["config"]
    readers = stack["openrouter-keys:services"]["checkout"]["readers"]
    annotations = kubernetes()["ServiceAccount"]["metadata"]["annotations"]
    assert readers == [task_definition()["taskRoleArn"]] == list(annotations.values())


def test_template_is_one_that_cloudformation_takes() -> None:
    """The template passes AWS's resource schemas; that it has a local folder to be packaged is its purpose (W3002)."""
    template = CONSUMERS / "lambda" / "template.yaml"
    program = Path(sys.executable).with_name("cfn-lint")
    run = subprocess.run(
        [program, "--ignore-checks", "W3002", "--regions", "eu-central-1", "--", template],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stdout) == (0, "")


def test_function_answers_through_a_deployed_key(deployed: Stack) -> None:
    """The handler that the template names reads the secret by its ARN and answers, invoked twice in one process."""
    template = (CONSUMERS / "lambda" / "template.yaml").read_text(encoding="utf-8")
    module, _, function = template.partition("Handler: ")[2].partition("\n")[0].partition(".")
    arn = deployed.aws().describe_secret(SecretId=deployed.secret_name("checkout"))["ARN"]
    program = (
        f"from {module} import {function} as f; import json; "
        "print(json.dumps([f({'question': word}, None) for word in ('Hello?', 'Still there?')]))"
    )
    variables = {**deployed.environment, **variables_for(deployed, arn)}
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**variables, "PYTHONPATH": f"{CONSUMERS / 'lambda'}:{PYTHON_CLIENT}"},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert json.loads(run.stdout or "null") == [{"answer": ANSWER}] * 2, run.stderr
