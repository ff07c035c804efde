"""aws:secretsmanager/secretPolicy:SecretPolicy, whose id is the secret's ARN."""

from botocore.exceptions import ClientError
from pulumi_aws import secretsmanager

from sandbox.aws_plugin.cloud import failing_as, is_gone
from sandbox.aws_plugin.policies import normal_policy
from sandbox.aws_plugin.putting import put_policy, valid_policy
from sandbox.aws_plugin.regional import Regional
from sandbox.plugins.cloud import CloudError
from sandbox.plugins.resource_type import Found, Problem
from sandbox.plugins.schema import Schema, input_names, normal_json
from sandbox.plugins.wire import Properties


class SecretPolicy(Regional):
    """Who may read a secret."""

    token = "aws:secretsmanager/secretPolicy:SecretPolicy"  # noqa: S105 - a type token
    schema = Schema(
        inputs=input_names(secretsmanager.SecretPolicyArgs),
        required=frozenset({"policy", "secretArn"}),
        replaces=frozenset({"secretArn", "region"}),
        computed=frozenset({"region"}),
        normal_forms={"policy": normal_policy},
    )

    def validate(self, inputs: Properties) -> list[Problem]:
        """Return the problem of a policy that isn't JSON or an ARN that isn't one."""
        problems = []
        if isinstance(normal_json(inputs.get("policy", "{}")), str):
            problems.append(Problem("policy", "the policy isn't a JSON document"))
        arn = inputs.get("secretArn")
        if isinstance(arn, str) and not arn.startswith("arn:"):
            problems.append(Problem("secretArn", f"{arn!r} isn't an ARN"))
        return problems

    def create(self, inputs: Properties) -> Found:
        """Put the policy on the secret."""
        return self._put(inputs["secretArn"], inputs)

    def read(self, identifier: str, state: Properties) -> Found | None:
        """Return the policy; gone with its secret, but empty when only the policy was removed."""
        client = self.cloud.secrets_manager(state.get("region"))
        with failing_as("reading Secrets Manager Secret Policy", identifier):
            try:
                policy = valid_policy(self.cloud, client, identifier)
            except ClientError as error:
                if is_gone(error):
                    return None
                raise
        remembered = state.get("policy") or ""
        found = {
            "policy": remembered if normal_policy(remembered) == normal_policy(policy) else policy,
            "region": client.meta.region_name,
            "secretArn": identifier,
        }
        if "blockPublicPolicy" in state:
            found["blockPublicPolicy"] = state["blockPublicPolicy"]
        return Found(identifier, found)

    def update(self, identifier: str, state: Properties, wanted: Properties) -> Found:
        """Put the new policy in the old one's place."""
        return self._put(identifier, {"region": state.get("region")} | wanted)

    def delete(self, identifier: str, state: Properties) -> None:
        """Take the policy off the secret."""
        client = self.cloud.secrets_manager(state.get("region"))
        with failing_as("removing Secrets Manager Secret policy", identifier):
            try:
                client.delete_resource_policy(SecretId=identifier)
            except ClientError as error:
                if not is_gone(error):
                    raise

    def _put(self, arn: str, inputs: Properties) -> Found:
        client = self.cloud.secrets_manager(inputs.get("region"))
        with failing_as("setting Secrets Manager Secret policy", arn):
            put_policy(
                self.cloud,
                client,
                SecretId=arn,
                ResourcePolicy=inputs["policy"],
                BlockPublicPolicy=bool(inputs.get("blockPublicPolicy", False)),
            )
        found = self.read(arn, inputs)
        if found is None:
            raise CloudError(f"reading Secrets Manager Secret Policy ({arn}): the secret vanished")
        return found
