"""The AWS provider as the sandbox has it."""

import json

from pulumi_aws.provider import ProviderArgs

from sandbox.aws_plugin.cloud import AwsCloud
from sandbox.aws_plugin.invokes import FUNCTIONS
from sandbox.aws_plugin.secret import Secret
from sandbox.aws_plugin.secret_policy import SecretPolicy
from sandbox.aws_plugin.secret_version import SecretVersion
from sandbox.plugins.plugin import Plugin


def _read(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("{", "["):
        return json.loads(value)
    return value


PLUGIN = Plugin(
    name="aws",
    title="AWS",
    cloud=AwsCloud,
    arguments=ProviderArgs,
    resource_types=(Secret, SecretPolicy, SecretVersion),
    functions=FUNCTIONS,
    more_settings=frozenset({"region"}),
    read_setting=_read,
)
