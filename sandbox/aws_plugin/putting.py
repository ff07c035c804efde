"""A secret's policy on its way to AWS and back, with the real provider's patience for roles that come and go."""

from typing import TYPE_CHECKING, Any

from sandbox.aws_plugin.cloud import AwsCloud, says
from sandbox.aws_plugin.policies import INVALID_PRINCIPALS, has_valid_principals
from sandbox.plugins.cloud import CloudError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def put_policy(cloud: AwsCloud, client: "SecretsManagerClient", **request: Any) -> None:
    """Put a policy; a principal that AWS doesn't know may be a role that was just made."""
    cloud.patiently(lambda: client.put_resource_policy(**request), _is_unknown_principal)


def valid_policy(cloud: AwsCloud, client: "SecretsManagerClient", secret: str) -> str:
    """Return a secret's policy, empty where it has none.

    Raises:
        CloudError: it names a principal that was deleted, and still does after a while.
    """

    def look() -> str:
        policy = client.get_resource_policy(SecretId=secret).get("ResourcePolicy", "")
        if not has_valid_principals(policy):
            raise CloudError(f"reading Secrets Manager Secret ({secret}) policy: {INVALID_PRINCIPALS}")
        return policy

    return cloud.patiently(look, lambda error: isinstance(error, CloudError))


def _is_unknown_principal(error: Exception) -> bool:
    return says(error, "MalformedPolicyDocumentException", "unsupported principal")
