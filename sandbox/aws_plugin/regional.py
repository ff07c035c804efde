"""What every resource of AWS has: the region that it is in."""

from sandbox.aws_plugin.cloud import AwsCloud
from sandbox.plugins.resource_type import Problem, ResourceType
from sandbox.plugins.wire import Properties


class Regional(ResourceType[AwsCloud]):
    """A resource with the property `region`, which the provider fills from its own where a program gives none."""

    def check(
        self, name: str, given: Properties, previous: Properties, seed: bytes
    ) -> tuple[Properties, list[Problem]]:
        """Return the inputs with the region among them, as if it had been given: a changed one replaces."""
        own = given.get("region") or self.cloud.region
        return super().check(name, {**given, "region": own}, previous, seed)

    def imported_defaults(self) -> Properties:
        """Return nothing: an import has what AWS tells, and no recovery window."""
        return {}
