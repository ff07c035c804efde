"""The configuration of the provider itself: what it may hold."""

import json

from pulumi_aws.provider import ProviderArgs

from sandbox.aws_plugin.resource_type import Problem
from sandbox.aws_plugin.schema import input_names
from sandbox.aws_plugin.wire import UNKNOWN, Properties

_OF_THE_ENGINE = frozenset({"version", "pluginDownloadURL", "region"})


def problems(given: Properties) -> list[Problem]:
    """Return each configuration name that the real provider doesn't have either."""
    known = input_names(ProviderArgs) | _OF_THE_ENGINE
    strangers = sorted(name for name in set(given) - known if not name.startswith("__"))
    return [Problem(name, f"the AWS provider has no configuration value {name!r}") for name in strangers]


def settings(given: Properties) -> Properties:
    """Return the known values, with those that the SDK sent as JSON read back."""
    return {name: _read(value) for name, value in given.items() if value not in (None, "", UNKNOWN)}


def _read(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("{", "["):
        return json.loads(value)
    return value
