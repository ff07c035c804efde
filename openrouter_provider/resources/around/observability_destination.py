"""Where a workspace's traces are sent as a resource: seventeen kinds of receivers with one life.

API: https://openrouter.ai/docs/guides/features/broadcast
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from pulumi import Input, Output, ResourceOptions
from pydantic import Field as WireField
from pydantic import SecretStr

from ...api.models import Dollars, NamedRecord
from ...api.objects.receivers import (
    CREDENTIALS,
    RECEIVERS,
    SETTINGS,
    needed_parts,
    receiver_problems,
    shown_settings,
)
from ...api.objects.verbs import ObjectPlace
from ...keys.checks import check_flag, check_share, check_text, one_of
from ...keys.credential_checks import source_and_version
from ...keys.fields import UNKNOWN, Failures, Field, Props, changed, given, has_unknown
from ...keys.list_checks import check_regions, check_texts, texts_of
from ...keys.naming import NAME_PREFIX, check_name, namesakes
from ...keys.sameness import same_id, same_ids, same_text
from ..declared import RecordResource, drawn_from
from ..reads import with_gone, write_living
from ..record import ADOPT_ID, RecordProvider
from ..values.marks import marks_of
from ..values.traces import (
    check_credentials,
    check_filter_rules,
    check_settings,
    check_sources,
    read_credential,
    read_filter_rules,
)
from ..widening import longer_list

HASHES, SOURCES, VERSION = "api_key_hashes", "credentials_from", "credentials_version"
MARKS = "credential_marks"
"""Output: by credential, what tells after a refresh that OpenRouter shows another one."""
WRITTEN = (CREDENTIALS, SOURCES, VERSION)


BROADCASTS = tuple(
    f"broadcast_generation_{what}" for what in ("cost", "cost_allocation", "identity", "request_context")
)


class ObservabilityDestinationRecord(NamedRecord):
    """Where traces are sent, as the API describes it; credentials are masked."""

    type: str = WireField(description="Which kind of receiver")
    name: str | None = WireField(default=None, description="The physical name")
    workspace_id: str | None = WireField(default=None, description="The workspace whose traces are sent")
    enabled: bool = WireField(default=True, description="Whether anything is sent")
    privacy_mode: bool = WireField(default=False, description="Whether requests and answers stay out of what is sent")
    sampling_rate: Dollars = WireField(default=1.0, description="The share of traces sent, 0.0001 to 1")
    regions: list[str] | None = WireField(default=None, description="global, europe, us: whose traces are sent")
    api_key_hashes: list[str] | None = WireField(default=None, description="Whose traces are sent; null is every key")
    filter_rules: dict[str, Any] | None = WireField(default=None, description="Which traces are sent")
    config: dict[str, Any] = WireField(default_factory=dict, description="What the receiver wants", repr=False)
    declared: list[str] | None = WireField(default=None, description="Ours: which of the receiver's settings to show")
    credential_marks: dict[str, str] | None = WireField(
        default=None, description="Ours: what the credentials look like"
    )
    broadcast_generation_cost: bool = WireField(default=False, description="Whether costs are sent")
    broadcast_generation_cost_allocation: bool = WireField(default=False, description="Whether costs by token kind are")
    broadcast_generation_identity: bool = WireField(default=False, description="Whether it is sent who asked")
    broadcast_generation_request_context: bool = WireField(default=False, description="Whether the context is sent")

    @property
    def settings(self) -> Props:
        """What of the receiver's config is no credential."""
        drawn = {"externalId"}
        shown = shown_settings(self.type) - drawn if self.declared is None else {*self.declared}
        return {name: value for name, value in self.config.items() if name in shown and value is not None}

    @property
    def external_id(self) -> str | None:
        """What a role of S3 has to ask for; OpenRouter draws it."""
        found = self.config.get("externalId")
        return None if found is None else str(found)


PLACE = ObjectPlace("/observability/destinations", "observability destination", ObservabilityDestinationRecord)


def _names_no_more(before: Any, after: Any) -> bool:
    """Whether no credential is read from a place that wasn't before; another place of the same one is no change."""
    return {*(after or ())} <= {*(before or ())}


class ObservabilityDestinationProvider(RecordProvider):
    """The life cycle of one destination."""

    what = "observability destination"
    place = PLACE
    fields = (
        Field("type", one_of(*RECEIVERS), required=True, replaces=True),
        Field("name", check_name, required=True, if_declared=True, alike=same_text),
        Field("workspace_id", check_text, replaces=True, if_declared=True, alike=same_id),
        Field(SETTINGS, check_settings, if_declared=True),
        Field(CREDENTIALS, check_credentials, if_declared=True, shown=False, secret=True),
        Field(SOURCES, check_sources, if_declared=True, shown=False, alike=_names_no_more),
        Field(VERSION, check_text, if_declared=True, shown=False),
        Field("enabled", check_flag, default=True),
        Field("privacy_mode", check_flag, default=False),
        Field("sampling_rate", check_share, default=1.0),
        Field("regions", check_regions, if_declared=True, read=texts_of),
        Field(HASHES, check_texts, read=texts_of, alike=same_ids),
        Field("filter_rules", check_filter_rules, read=read_filter_rules),
        *(Field(name, check_flag, if_declared=True) for name in BROADCASTS),
    )
    settings = (NAME_PREFIX, ADOPT_ID)
    decided = ("external_id", MARKS, "created_at")
    written = (CREDENTIALS, VERSION)
    drawn = True

    def _missing(self, olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[str]:
        """Return the required properties that are not there; an adopted destination has what its receiver needs."""
        missing = super()._missing(olds, inputs)
        declared = {SETTINGS: inputs.get(SETTINGS), CREDENTIALS: inputs.get(CREDENTIALS) or inputs.get(SOURCES)}
        needed = [part for part in needed_parts(inputs.get("type")) if declared[part] is None]
        without = inputs.get("adopt_id") is not None
        return [*missing, *(part for part in needed if not without and not (olds and olds.get(part) is None))]

    def problems(self, inputs: Mapping[str, Any]) -> Failures:
        """A receiver has settings and credentials of its own; an adopted one has those that it needs already."""
        found = dict(source_and_version(inputs, SOURCES, VERSION))
        adopts = inputs.get("adopt_id") is not None
        unknown = any(has_unknown(inputs.get(part)) for part in (SETTINGS, CREDENTIALS, SOURCES))
        return (
            found if unknown else found | dict(receiver_problems(inputs, [*(inputs.get(SOURCES) or {})], adopts=adopts))
        )

    def make(self, props: Props) -> ObservabilityDestinationRecord:
        """Make the destination with one POST."""
        client, scope = self.session.client, {"workspace_id": props.get("workspace_id")}
        known = [each.id for each in namesakes(props, lambda: client.list_objects(PLACE, scope))]

        def create(wishes: Props, secrets: tuple[SecretStr, ...]) -> ObservabilityDestinationRecord:
            return client.make_object(PLACE, wishes, scope=scope, known_ids=known, secrets=secrets)

        return self._written(given(self.fields, props), props, create)

    def _written(
        self,
        wishes: Props,
        props: Mapping[str, Any],
        write: Callable[[Props, tuple[SecretStr, ...]], ObservabilityDestinationRecord],
        before: Mapping[str, str] = MappingProxyType({}),
    ) -> ObservabilityDestinationRecord:
        """Return the record of what was written; credentials that weren't sent keep the marks that they have."""
        credentials = _credentials(wishes, props)
        fields, secrets = _on_the_wire(wishes, credentials), tuple(SecretStr(text) for text in _texts(credentials))
        hashes = fields.get(HASHES)
        if hashes:
            reader = self.session.reader
            record = write_living(reader, hashes, lambda living: write({**fields, HASHES: list(living)}, secrets))
        else:
            record = write(fields, secrets)
        declared = {*(props.get(CREDENTIALS) or ()), *(props.get(SOURCES) or ())}
        kept = {name: mark for name, mark in before.items() if name in declared - {*credentials}}
        return _restricted(record, props, {**kept, **marks_of(record.config, declared - {*kept}, record.id)})

    def fetch(self, id_: str, props: Mapping[str, Any]) -> ObservabilityDestinationRecord:
        """Read the destination."""
        record = self.session.client.read_object(PLACE, id_)
        return _restricted(record, props, marks_of(record.config, props.get(MARKS) or (), record.id))

    def now(self, id_: str, props: Mapping[str, Any], record: ObservabilityDestinationRecord) -> Props:
        """Return the properties as they are; a key that is gone counts as named.

        Where OpenRouter shows another credential than after the last write, the wished one is gone.
        """
        now = super().now(id_, props, record)
        if props.get(HASHES) and now.get(HASHES):
            now = {**now, HASHES: with_gone(self.session.reader, now[HASHES], props[HASHES])}
        return {**now, **dict.fromkeys(_replaced(props, record.credential_marks or {}))}

    def planned_update(self, id_: str, olds: Props, news: Props) -> Props:
        """Return what a preview knows; OpenRouter may draw another external id with other settings."""
        drawn = {} if olds.get(SETTINGS) == news.get(SETTINGS) else {"external_id": UNKNOWN}
        sent = {MARKS: UNKNOWN} if changed([each for each in self.fields if each.name in WRITTEN], olds, news) else {}
        return super().planned_update(id_, olds, news) | (drawn if olds.get("external_id") else {}) | sent

    def change(
        self, id_: str, changes: Props, olds: Mapping[str, Any], news: Mapping[str, Any]
    ) -> ObservabilityDestinationRecord:
        """PATCH the changed properties; of the receiver's config what isn't sent stays."""
        client = self.session.client

        def write(fields: Props, secrets: tuple[SecretStr, ...]) -> ObservabilityDestinationRecord:
            return client.change_object(PLACE, id_, fields, secrets)

        return self._written(changes, news, write, olds.get(MARKS) or {})

    def remove(self, id_: str, props: Mapping[str, Any]) -> None:
        """Delete the destination; what was sent stays with the receiver."""
        del props
        self.session.client.delete_object(PLACE, id_)


def _restricted(
    record: ObservabilityDestinationRecord, props: Mapping[str, Any], marks: Props
) -> ObservabilityDestinationRecord:
    """Return the record with those settings of the receiver that are declared; OpenRouter adds others."""
    declared = props.get(SETTINGS)
    ours = {} if declared is None else {"declared": [*declared]}
    return record.model_copy(update={**ours, MARKS: marks or None})


def _replaced(props: Mapping[str, Any], marks: Mapping[str, str]) -> Iterator[str]:
    """Yield which property brings those credentials back that OpenRouter shows otherwise than their marks say."""
    others = {name for name, mark in (props.get(MARKS) or {}).items() if marks.get(name) != mark}
    yield from (
        back for named, back in ((CREDENTIALS, CREDENTIALS), (SOURCES, VERSION)) if others & {*(props.get(named) or ())}
    )


def _credentials(wishes: Mapping[str, Any], props: Mapping[str, Any]) -> Props:
    """Return the credentials to be sent: those that changed, and all that are read elsewhere where the token did."""
    declared = dict(wishes.get(CREDENTIALS) or {})
    if wishes.get(VERSION) is None and wishes.get(SOURCES) is None:
        return declared
    named = props.get(SOURCES) or {}
    return declared | {name: read_credential(SOURCES, name, source) for name, source in named.items()}


def _on_the_wire(wishes: Mapping[str, Any], credentials: Props) -> Props:
    """Return the fields of the request, with the receiver's config in one."""
    fields = {name: value for name, value in wishes.items() if name not in (SETTINGS, *WRITTEN)}
    config = {**(wishes.get(SETTINGS) or {}), **credentials}
    # A receiver that needs nothing of its own is made with an empty config all the same.
    return {**fields, **({"config": config} if config or "type" in wishes else {})}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)


def of_destination(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield how a destination's change sends more, or somewhere else; another key's hash is what a rotation brings."""

    def pair(name: str) -> tuple[Any, Any]:
        return before.get(name), after.get(name)

    if before.get("enabled") is False and after.get("enabled") is not False:
        yield "switched on"
    if before.get("privacy_mode") and not after.get("privacy_mode"):
        yield "requests and answers are sent too"
    if (after.get("sampling_rate") or 1) > (before.get("sampling_rate") or 1):
        yield "a larger share of the traces is sent"
    if pair("regions")[1] is not None:
        yield from longer_list("regions", *pair("regions"))
    if before.get(HASHES) is not None and after.get(HASHES) is None:
        yield "the traces of all keys are sent"
    if before.get("filter_rules") is not None and before.get("filter_rules") != after.get("filter_rules"):
        yield "filter_rules changed or removed"
    if before and before.get(SETTINGS) != after.get(SETTINGS):
        yield "settings of the receiver changed"
    yield from (f"sent too: {name.removeprefix('broadcast_generation_')}" for name in BROADCASTS if _on(*pair(name)))


def _on(old: object, new: object) -> bool:
    return new is True and not old


class ObservabilityDestination(RecordResource, module="openrouter", name="ObservabilityDestination"):
    """A receiver of a workspace's traces; its id is the destination's id.

    Credentials are secrets in the state, or in no state at all where `credentials_from` says where they are read.
    OpenRouter shows them masked. The output `credential_marks` tells a refresh that somebody put others in, and the
    next update puts the declared ones back.
    """

    provider_class = ObservabilityDestinationProvider
    widenings = staticmethod(of_destination)

    @classmethod
    def loosened(cls, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
        """Yield the same of a change that no program made; a hash that somebody else added counts then."""
        yield from of_destination(before, after)
        if before.get(HASHES) is not None and {*(after.get(HASHES) or ())} - {*before[HASHES]}:
            yield "the traces of more keys are sent"

    type: Output[str]
    name: Output[str]
    workspace_id: Output[str | None]
    settings: Output[dict[str, Any] | None]
    credentials: Output[dict[str, Any] | None]
    credentials_from: Output[dict[str, str] | None]
    credentials_version: Output[str | None]
    enabled: Output[bool]
    privacy_mode: Output[bool]
    sampling_rate: Output[float]
    regions: Output[list[str] | None]
    api_key_hashes: Output[list[str] | None]
    filter_rules: Output[dict[str, Any] | None]
    broadcast_generation_cost: Output[bool | None]
    broadcast_generation_cost_allocation: Output[bool | None]
    broadcast_generation_identity: Output[bool | None]
    broadcast_generation_request_context: Output[bool | None]
    external_id: Output[str | None]
    credential_marks: Output[dict[str, str] | None]
    created_at: Output[str]

    def __init__(  # noqa: PLR0913 - a resource's arguments are its schema
        self,
        resource_name: str,
        *,
        type: Input[str],  # noqa: A002 - the API's own word
        settings: Input[Mapping[str, Any]] | None = None,
        credentials: Input[Mapping[str, Any]] | None = None,
        credentials_from: Input[Mapping[str, Input[str]]] | None = None,
        credentials_version: Input[str] | None = None,
        name: Input[str] | None = None,
        name_prefix: Input[str] | None = None,
        workspace_id: Input[str] | None = None,
        enabled: Input[bool] | None = None,
        privacy_mode: Input[bool] | None = None,
        sampling_rate: Input[float] | None = None,
        regions: Input[Sequence[Input[str]]] | None = None,
        api_key_hashes: Input[Sequence[Input[str]]] | None = None,
        filter_rules: Input[Mapping[str, Any]] | None = None,
        broadcast_generation_cost: Input[bool] | None = None,
        broadcast_generation_cost_allocation: Input[bool] | None = None,
        broadcast_generation_identity: Input[bool] | None = None,
        broadcast_generation_request_context: Input[bool] | None = None,
        adopt_id: Input[str] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None:
        """Declare a destination.

        Args:
            resource_name: the resource's logical name.
            type: the kind of receiver: `arize`, `braintrust`, `clickhouse`, `datadog`, `grafana`, `langfuse`,
                `langsmith`, `newrelic`, `opik`, `otel-collector`, `posthog`, `ramp`, `s3`, `sentry`, `snowflake`,
                `weave` or `webhook`; a change replaces the destination.
            settings: what the receiver wants and may be shown, by OpenRouter's names: `{"mlApp": "shop"}`; one that is
                taken out stays as it was.
            credentials: what it wants and is secret, `{"apiKey": …}` and `headers`; encrypted in the state.
            credentials_from: by the same names where they are read instead, `env:VARIABLE` or `file:PATH`; they are in
                no state then.
            credentials_version: any token; another one reads them and sends them again.
            name: its name on OpenRouter; drawn from `name_prefix` where it is left out.
            name_prefix: the name without its random suffix; default `<project>/<stack>/<resource name>`.
            workspace_id: the workspace whose traces are sent; left out, the account's default one; a change replaces
                the destination.
            enabled: whether anything is sent; default True.
            privacy_mode: whether requests and answers are left out of what is sent.
            sampling_rate: the share of traces that is sent, 0.0001 to 1; default 1.
            regions: `global`, `europe`, `us`: only the traces of requests that were served there; left out, as it is.
            api_key_hashes: the hashes of the keys whose traces are sent; left out, all.
            filter_rules: `{"groups": [{"logic": "and", "rules": [{"field": "model", "operator": "contains",
                "value": "gpt"}]}]}`: only traces that one of the groups fits.
            broadcast_generation_cost: whether costs are sent.
            broadcast_generation_cost_allocation: whether costs by kind of token are sent.
            broadcast_generation_identity: whether it is sent who asked.
            broadcast_generation_request_context: whether the request's context is sent.
            adopt_id: the id of an existing destination to take over; its name stays where none is given.
            opts: Pulumi's resource options.
        """
        draws = name is None and adopt_id is None
        props = {
            "type": type,
            SETTINGS: settings,
            CREDENTIALS: credentials,
            SOURCES: credentials_from,
            VERSION: credentials_version,
            "name": name,
            "name_prefix": (name_prefix or drawn_from(resource_name)) if draws else None,
            "workspace_id": workspace_id,
            "enabled": enabled,
            "privacy_mode": privacy_mode,
            "sampling_rate": sampling_rate,
            "regions": regions,
            HASHES: api_key_hashes,
            "filter_rules": filter_rules,
            "broadcast_generation_cost": broadcast_generation_cost,
            "broadcast_generation_cost_allocation": broadcast_generation_cost_allocation,
            "broadcast_generation_identity": broadcast_generation_identity,
            "broadcast_generation_request_context": broadcast_generation_request_context,
            "adopt_id": adopt_id,
        }
        self._declare(resource_name, props, opts)
