"""The endpoints that tell what OpenRouter offers: models, who serves them at which price, and the account's presets."""

import re
from typing import Any
from urllib.parse import quote

from pydantic import Field

from ..endpoints import Answer, Endpoints, many, one
from ..errors import ConfigurationError
from ..http.answers import Call, path_part
from ..models import ModelRecord, NamedRecord, WireModel
from ..scrub import printable, quoted_name


class EndpointRecord(WireModel):
    """One provider's way to a model."""

    provider_name: str = Field(description="Who serves it")
    name: str = Field(default="", description="What people call it")
    tag: str | None = Field(default=None, description="Names it in a request's provider preferences")
    context_length: int | None = Field(default=None, description="Tokens that fit into one request")
    max_completion_tokens: int | None = Field(default=None, description="Tokens that an answer may have")
    pricing: dict[str, Any] = Field(default_factory=dict, description="USD a unit, as text: prompt, completion, …")
    quantization: str | None = Field(default=None, description="How the weights are stored")
    uptime_last_30m: float | None = Field(default=None, description="Percent of the last 30 minutes")


class _OfModel(WireModel):
    endpoints: list[EndpointRecord]


class ProviderRecord(WireModel):
    """Somebody who serves models."""

    slug: str = Field(min_length=1, description="What allow lists name")
    name: str = Field(default="", description="What people call it")
    privacy_policy_url: str | None = Field(default=None, description="Its privacy policy")
    terms_of_service_url: str | None = Field(default=None, description="Its terms")
    headquarters: str | None = Field(default=None, description="Country code")
    datacenters: list[str] | None = Field(default=None, description="Country codes")


class PresetVersion(WireModel):
    """What requests get that name a preset."""

    version: int = Field(description="Counts from 1")
    config: dict[str, Any] = Field(default_factory=dict, description="Parameters of requests")
    system_prompt: str | None = Field(default=None, description="Put before the messages")


class PresetRecord(NamedRecord):
    """A preset: requests name it instead of their parameters."""

    slug: str = Field(min_length=1, description="The name in requests: @preset/<slug>")
    name: str = Field(default="", description="What people call it")
    description: str | None = Field(default=None, description="What it is for")
    status: str = Field(default="active", description="active, disabled or archived")
    workspace_id: str | None = Field(default=None, description="The workspace it belongs to; null is none")
    designated_version: PresetVersion | None = Field(default=None, description="What counts; a listing leaves it out")


_MODEL = re.compile(r"~?[A-Za-z0-9][\w.-]{0,100}/[A-Za-z0-9][\w.:-]{0,200}", re.ASCII)


def _model_path(model: str) -> str:
    """Return a model's slug as two parts of a path, or refuse what could change the path.

    Raises:
        ConfigurationError: It has not the form of a slug.
    """
    if not _MODEL.fullmatch(model):
        raise ConfigurationError(f"'{printable(model)[:80]}' can't be a model's slug (docs/errors.md#configuration)")
    return quote(model, safe="/")


class OfferingEndpoints(Endpoints):
    """Reads models, endpoints, providers and presets; each method names its API page."""

    def list_models(self) -> list[ModelRecord]:
        """Return every model that OpenRouter routes to, whatever it answers with.

        API: GET /models
        """
        # Left out, only models that answer with text are listed.
        call = Call("GET", "/models", "listing models", params={"output_modalities": "all"})
        return self._caller.repeat(call, many(call, ModelRecord))

    def list_endpoints(self, model: str) -> list[EndpointRecord]:
        """Return who serves a model, and at which price.

        Args:
            model: its slug, such as `openai/gpt-4o-mini`.

        Raises:
            NotFound: There is no such model.

        API: GET /models/{author}/{slug}/endpoints
        """
        call = Call(
            "GET", f"/models/{_model_path(model)}/endpoints", f"listing the endpoints of model {quoted_name(model)}"
        )

        def read(answer: Answer) -> list[EndpointRecord]:
            return one(call, _OfModel)(answer).endpoints

        return self._caller.repeat(call, read)

    def list_providers(self) -> list[ProviderRecord]:
        """Return everybody who serves models.

        API: GET /providers
        """
        call = Call("GET", "/providers", "listing providers")
        return self._caller.repeat(call, many(call, ProviderRecord))

    def list_presets(self) -> list[PresetRecord]:
        """Return every preset of the account, without what its versions say.

        API: GET /presets
        """
        return self._list("/presets", "listing presets", PresetRecord, lambda record: record.id)

    def get_preset(self, slug: str) -> PresetRecord:
        """Return one preset with the version that counts.

        Raises:
            NotFound: There is none with this slug.

        API: GET /presets/{slug}
        """
        return self._read(f"/presets/{path_part(slug, 'preset')}", f"reading preset {quoted_name(slug)}", PresetRecord)
