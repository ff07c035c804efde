"""The functions that a program may call: account, region and IAM policy documents."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from sandbox.aws_plugin.cloud import AwsCloud, failing_as
from sandbox.plugins.wire import Properties


def _caller_identity(cloud: AwsCloud, _arguments: Properties) -> Properties:
    with failing_as("asking for the caller's identity", "STS"):
        answer = cloud.client("sts").get_caller_identity()
    account = answer["Account"]
    return {"accountId": account, "arn": answer["Arn"], "id": account, "userId": answer["UserId"]}


def _region(cloud: AwsCloud, arguments: Properties) -> Properties:
    name = arguments.get("region") or arguments.get("name") or cloud.region
    endpoint = f"ec2.{name}.amazonaws.com"
    return {"description": name, "endpoint": endpoint, "id": name, "name": name, "region": name}


def _policy_document(_cloud: AwsCloud, arguments: Properties) -> Properties:
    document = {
        "Version": arguments.get("version", "2012-10-17"),
        "Statement": [_statement(given) for given in arguments.get("statements") or []],
    }
    text = json.dumps(document, indent=2)
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    return arguments | {"id": digest, "json": text, "minifiedJson": json.dumps(document, separators=(",", ":"))}


def _statement(given: dict[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": given.get("effect", "Allow")}
    for source, target in (
        ("sid", "Sid"),
        ("actions", "Action"),
        ("resources", "Resource"),
        ("notActions", "NotAction"),
    ):
        if given.get(source):
            value = given[source]
            statement[target] = value[0] if isinstance(value, list) and len(value) == 1 else value
    for principal in given.get("principals") or []:
        members = principal["identifiers"]
        members = members[0] if len(members) == 1 else members
        statement.setdefault("Principal", {})[principal["type"]] = members
    for condition in given.get("conditions") or []:
        values = condition["values"]
        test = statement.setdefault("Condition", {}).setdefault(condition["test"], {})
        test[condition["variable"]] = values[0] if len(values) == 1 else values
    return statement


FUNCTIONS: dict[str, Callable[[AwsCloud, Properties], Properties]] = {
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getRegion:getRegion": _region,
}
