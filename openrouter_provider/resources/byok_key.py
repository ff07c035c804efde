"""Another vendor's key brought to OpenRouter (BYOK), as a resource: its value is written and never read.

API: https://openrouter.ai/docs/features/byok
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pulumi import Input, Output, ResourceOptions
from pydantic import SecretStr

from ..api.byok import ByokRecord
from ..keys.checks import DATA_REGIONS, check_flag, check_provider, check_text, fallback_or_only, one_of
from ..keys.credential_checks import check_secret, check_source, source_and_version
from ..keys.fields import UNKNOWN, Failures, Field, Props, given, storable
from ..keys.list_checks import check_texts, texts_of
from ..keys.naming import NAME_PREFIX, check_name, namesakes
from ..keys.sameness import same_id, same_ids, same_text
from .declared import RecordResource, drawn_from
from .reads import with_gone, write_living
from .record import ADOPT_ID, RecordProvider
from .values.write_only import read_source
from .widening import of_byok_key

HASHES = "allowed_api_key_hashes"
SOURCE, VERSION = "key_from", "key_version"


class ByokKeyProvider(RecordProvider):
    """The life cycle of one vendor's key."""

    what = "BYOK key"
    fields = (
        Field("provider", check_provider, required=True, replaces=True),
        Field("key", check_secret, required=True, if_declared=True, shown=False, secret=True),
        Field(VERSION, check_text, if_declared=True, shown=False),
        Field("name", check_name, required=True, if_declared=True, alike=same_text),
        Field("workspace_id", check_text, replaces=True, if_declared=True, alike=same_id),
        Field("disabled", check_flag, default=False),
        Field("is_fallback", check_flag, default=False),
        Field("is_required", check_flag, if_declared=True),
        Field("is_byok_only", check_flag, if_declared=True),
        Field("declared_zdr", check_flag, if_declared=True, cleared=True),
        Field("declared_region", one_of(*DATA_REGIONS), if_declared=True, cleared=True),
        Field("allowed_models", check_texts, respelled=True, read=texts_of),
        Field(HASHES, check_texts, read=texts_of, alike=same_ids),
        Field("allowed_user_ids", check_texts, read=texts_of),
    )
    settings = (NAME_PREFIX, ADOPT_ID, Field(SOURCE, check_source))
    decided = ("label", "created_at")
    written = ("key", VERSION)
    drawn = True

    def _missing(self, olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[str]:
        """Return the required properties that are not there; a key that is read elsewhere is."""
        elsewhere = inputs.get(SOURCE) is not None or inputs.get(VERSION) is not None
        return [name for name in super()._missing(olds, inputs) if name != "key" or not elsewhere]

    def problems(self, inputs: Mapping[str, Any]) -> Failures:
        """A key has one place, and one that is used last can't be the only way to its vendor."""
        found = [*source_and_version(inputs, SOURCE, VERSION), *fallback_or_only(inputs, "is_fallback", "is_byok_only")]
        if inputs.get("key") is not None and inputs.get(SOURCE) is not None:
            found.append((SOURCE, "contradicts key: give one of the two"))
        return dict(found)

    def make(self, props: Props) -> ByokRecord:
        """Bring the key with one POST."""
        client, scope = self.session.client, {name: props.get(name) for name in ("workspace_id", "provider")}
        known = namesakes(props, lambda: client.list_byok_keys(**scope))
        known_ids = [record.id for record in known]

        def create(wishes: Props, key: SecretStr | None) -> ByokRecord:
            return client.create_byok_key(wishes, key or SecretStr(""), known_ids=known_ids)

        return self._written(given(self.fields, props), props, create)

    def _written(
        self, wishes: Props, props: Mapping[str, Any], write: Callable[[Props, SecretStr | None], ByokRecord]
    ) -> ByokRecord:
        fields, key = _apart(wishes, props)
        hashes = fields.get(HASHES)
        if not hashes:
            return write(fields, key)
        return write_living(self.session.reader, hashes, lambda living: write({**fields, HASHES: list(living)}, key))

    def fetch(self, id_: str, props: Mapping[str, Any]) -> ByokRecord:
        """Read the key's record."""
        del props
        return self.session.client.get_byok_key(id_)

    def now(self, id_: str, props: Mapping[str, Any], record: ByokRecord) -> Props:
        """Return the properties as they are; where somebody put in another value, the wished one is gone.

        A value can't be read, but each has a label, and another label than the last write's is another value's.
        """
        now = super().now(id_, props, record)
        if props.get(HASHES) and now.get(HASHES):
            now = {**now, HASHES: with_gone(self.session.reader, now[HASHES], props[HASHES])}
        return now if props.get("label") in (None, storable(record.label)) else {**now, "key": None, VERSION: None}

    def planned_update(self, id_: str, olds: Props, news: Props) -> Props:
        """Return what a preview knows; another value has another label."""
        kept = all(olds.get(name) == news.get(name) for name in ("key", VERSION))
        label = {} if kept else {"label": UNKNOWN}
        return super().planned_update(id_, olds, news) | label

    def change(self, id_: str, changes: Props, olds: Mapping[str, Any], news: Mapping[str, Any]) -> ByokRecord:
        """PATCH the changed properties; only a value that was sent here has a label that may be trusted from now on."""
        client = self.session.client
        record = self._written(changes, news, lambda wishes, key: client.update_byok_key(id_, wishes, key))
        known = None if any(name in changes for name in self.written) else olds.get("label")
        return record if known is None else record.model_copy(update={"label": known})

    def remove(self, id_: str, props: Mapping[str, Any]) -> None:
        """Delete it from OpenRouter; the vendor's own key lives on."""
        del props
        self.session.client.delete_byok_key(id_)


def _apart(wishes: Mapping[str, Any], props: Mapping[str, Any]) -> tuple[Props, SecretStr | None]:
    """Return the wishes without the key's value, and that: the program's, or what stands where it says now."""
    rest = {name: value for name, value in wishes.items() if name not in ("key", VERSION)}
    key = read_source(SOURCE, str(props[SOURCE])) if wishes.get(VERSION) is not None else wishes.get("key")
    return rest, None if key is None else SecretStr(key)


class ByokKey(RecordResource, module="openrouter", name="ByokKey"):
    """Another vendor's key that OpenRouter uses for you; its id is the BYOK key's id.

    The value is a secret in the state, or in no state at all where `key_from` says where it is read. OpenRouter never
    shows it. What the output `label` shows of it tells a refresh
    that somebody put another value in, and the next update puts the declared one back.
    """

    provider_class = ByokKeyProvider
    widenings = staticmethod(of_byok_key)

    provider: Output[str]
    key: Output[str | None]
    key_version: Output[str | None]
    name: Output[str]
    workspace_id: Output[str | None]
    disabled: Output[bool]
    is_fallback: Output[bool]
    is_required: Output[bool | None]
    is_byok_only: Output[bool | None]
    declared_zdr: Output[bool | None]
    declared_region: Output[str | None]
    allowed_models: Output[list[str] | None]
    allowed_api_key_hashes: Output[list[str] | None]
    allowed_user_ids: Output[list[str] | None]
    label: Output[str]
    created_at: Output[str]

    def __init__(  # noqa: PLR0913 - a resource's arguments are its schema
        self,
        resource_name: str,
        *,
        provider: Input[str],
        key: Input[str] | None = None,
        key_from: Input[str] | None = None,
        key_version: Input[str] | None = None,
        name: Input[str] | None = None,
        name_prefix: Input[str] | None = None,
        workspace_id: Input[str] | None = None,
        disabled: Input[bool] | None = None,
        is_fallback: Input[bool] | None = None,
        is_required: Input[bool] | None = None,
        is_byok_only: Input[bool] | None = None,
        declared_zdr: Input[bool] | None = None,
        declared_region: Input[str] | None = None,
        allowed_models: Input[Sequence[Input[str]]] | None = None,
        allowed_api_key_hashes: Input[Sequence[Input[str]]] | None = None,
        allowed_user_ids: Input[Sequence[Input[str]]] | None = None,
        adopt_id: Input[str] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None:
        """Declare a vendor's key.

        Args:
            resource_name: the resource's logical name.
            provider: the vendor's slug, such as `openai` or `amazon-bedrock`; a change replaces the key.
            key: the vendor's key; a secret, whether it is given as one or not. An adopted key needs none.
            key_from: where it is read instead when it is sent: `env:VARIABLE` of the process that runs Pulumi, or
                `file:PATH`; no state has the value then.
            key_version: with `key_from`: any token; another one reads the value and sends it again.
            name: its name on OpenRouter; drawn from `name_prefix` where it is left out.
            name_prefix: the name without its random suffix; default `<project>/<stack>/<resource name>`.
            workspace_id: the workspace that may use it; left out, the account's default one; a change replaces it.
            disabled: whether it is switched off.
            is_fallback: whether it is used only after the vendor's other keys.
            is_required: whether the models that it is for never use OpenRouter's shared endpoints of this vendor; left
                out, it stays as it is.
            is_byok_only: whether no model at all uses those, also when all keys of yours fail; not for a fallback; left
                out, it stays as it is.
            declared_zdr: whether your account at the vendor keeps nothing, so that requests that want zero data
                retention may use the key; nobody verifies it.
            declared_region: `global`, `europe` or `us`: where your account at the vendor processes requests, so that
                those that arrive there may use the key; nobody verifies it.
            allowed_models: model slugs it may be used for; left out, all.
            allowed_api_key_hashes: hashes of the OpenRouter keys that may use it; left out, all.
            allowed_user_ids: members who may use it; left out, everyone.
            adopt_id: the id of an existing BYOK key to take over; its name stays where none is given.
            opts: Pulumi's resource options.
        """
        draws = name is None and adopt_id is None
        props = {
            "provider": provider,
            "key": key,
            SOURCE: key_from,
            VERSION: key_version,
            "name": name,
            "name_prefix": (name_prefix or drawn_from(resource_name)) if draws else None,
            "workspace_id": workspace_id,
            "disabled": disabled,
            "is_fallback": is_fallback,
            "is_required": is_required,
            "is_byok_only": is_byok_only,
            "declared_zdr": declared_zdr,
            "declared_region": declared_region,
            "allowed_models": allowed_models,
            "allowed_api_key_hashes": allowed_api_key_hashes,
            "allowed_user_ids": allowed_user_ids,
            "adopt_id": adopt_id,
        }
        self._declare(resource_name, props, opts)
