"""Who may read a secret in AWS Secrets Manager."""

import json
from collections.abc import Sequence

READER_ACTIONS = ("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret")


def reader_policy(readers: Sequence[str]) -> str:
    """Return the resource policy that lets exactly these principals read the secret's value and description."""
    statement = {
        "Sid": "ReadOpenRouterKey",
        "Effect": "Allow",
        "Principal": {"AWS": sorted(readers)},
        "Action": list(READER_ACTIONS),
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, sort_keys=True)
