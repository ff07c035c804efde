"""What a stack has in AWS Secrets Manager: read, and made again."""

from typing import Any

from tests.harness import Stack
from tests.old_states.names import Names, Record


def read_aws(stack: Stack) -> list[Record]:
    """Return the secrets that the state names, each with its versions, the current one last."""
    secrets = [each["outputs"] for each in stack.resources("Secret").values()]
    return [_read_secret(stack.aws(), each["name"]) for each in secrets if "arn" in each]


def _read_secret(aws: Any, name: str) -> Record:
    told = aws.describe_secret(SecretId=name)
    stages: dict[str, list[str]] = told["VersionIdsToStages"]
    staged = sorted((id_ for id_ in stages if stages[id_]), key=lambda id_: "AWSCURRENT" in stages[id_])
    texts = {id_: aws.get_secret_value(SecretId=name, VersionId=id_)["SecretString"] for id_ in staged}
    settings = {key: told.get(key) for key in ("Name", "Description", "KmsKeyId", "Tags")}
    policy = aws.get_resource_policy(SecretId=name).get("ResourcePolicy")
    return {"arn": told["ARN"], "settings": settings, "policy": policy, "versions": texts}


def make_aws(stack: Stack, secrets: list[Record], names: Names) -> None:
    """Make the secrets again; a version keeps its id, an ARN does not keep its end."""
    aws = stack.aws()
    for secret in secrets:
        settings = {name: value for name, value in secret["settings"].items() if value}
        names.note(secret["arn"], aws.create_secret(**settings)["ARN"])
        for id_, text in secret["versions"].items():
            aws.put_secret_value(SecretId=settings["Name"], ClientRequestToken=id_, SecretString=text)
        if secret["policy"]:
            aws.put_resource_policy(SecretId=settings["Name"], ResourcePolicy=secret["policy"])
