"""The section of where traces are sent."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import Field, StrictBool

from ...api.objects.receivers import CREDENTIALS, RECEIVERS, needed_parts, receiver_problems
from ...keys.credential_checks import source_and_version
from ..fields import Names, OptionalId, Printable, Regions, Share
from .section import AroundConfig, Section

_BROADCASTS = ("cost", "cost_allocation", "identity", "request_context")


class DestinationConfig(AroundConfig):
    """A receiver of a workspace's traces."""

    hashes: ClassVar[str] = "api_key_hashes"
    drawn: ClassVar[bool] = True
    called: ClassVar[Mapping[str, str]] = {
        "adopt": "adopt_id",
        **{f"broadcast_{what}": f"broadcast_generation_{what}" for what in _BROADCASTS},
    }

    type: Printable = Field(default=None, description="the kind of receiver, such as datadog")
    settings: dict[str, Any] | None = Field(default=None, description="what the receiver wants and may be shown")
    credentials: dict[str, Any] | None = Field(default=None, repr=False, description="what is secret of that")
    credentials_from: dict[str, str] | None = Field(default=None, description="where they are read instead")
    credentials_version: Printable = Field(default=None, description="any token; changing it sends them again")
    enabled: StrictBool | None = Field(default=None, description="whether anything is sent")
    privacy_mode: StrictBool | None = Field(default=None, description="leave out requests and answers")
    sampling_rate: Share = Field(default=None, description="the share of traces that is sent")
    regions: Regions = Field(default=None, description="only the traces of requests that were served there")
    allowed_services: Names | None = Field(default=None, description="the only services whose traces are sent")
    filter_rules: dict[str, Any] | None = Field(default=None, description="only traces that fit these")
    broadcast_cost: StrictBool | None = Field(default=None, description="send costs")
    broadcast_cost_allocation: StrictBool | None = Field(default=None, description="send costs by kind of token")
    broadcast_identity: StrictBool | None = Field(default=None, description="send who asked")
    broadcast_request_context: StrictBool | None = Field(default=None, description="send the request's context")
    adopt: OptionalId = Field(default=None, description="the id of an existing destination to take over")

    @classmethod
    def wrong_together(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with several settings at once."""
        if str(settings.get("type")) not in RECEIVERS:
            yield "type", f"must be the kind of receiver: {', '.join(RECEIVERS)}"
        if settings.get("allowedServices") in ([], ()):
            yield "allowedServices", "must name one service at least; leave it out for all"
        yield from source_and_version(settings, "credentialsFrom", "credentialsVersion")
        adopts, elsewhere = settings.get("adopt") is not None, settings.get("credentialsFrom") or {}
        yield from receiver_problems(settings, elsewhere if isinstance(elsewhere, Mapping) else (), adopts=adopts)
        for part in () if adopts else needed_parts(settings.get("type")):
            if settings.get(part) is None and not (part == CREDENTIALS and elsewhere):
                yield part, f"is missing: {settings['type']} needs some"


SECTION = Section(
    "destinations",
    "ObservabilityDestination",
    DestinationConfig,
    "{traces: {type: webhook, settings: {url: https://example.com}}}",
    credentials="credentials",
)
