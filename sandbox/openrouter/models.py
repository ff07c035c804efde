"""The models that are on offer, under two slugs each."""

from dataclasses import dataclass
from typing import Any

from sandbox.openrouter.settings import Settings


@dataclass(frozen=True)
class OfferedModel:
    """A model: `slug` is what people write, `canonical_slug` what never changes; `price` is USD a token."""

    slug: str
    canonical_slug: str
    price: str = "0.00001"
    outputs: tuple[str, ...] = ("text",)

    def pricing(self, settings: Settings) -> dict[str, str]:
        """Return what a token costs, as the settings have it or as it was."""
        own = {"prompt": self.price, "completion": self.price, "request": "0", "image": "0"}
        return own | settings.model_prices.get(self.slug, {})

    def architecture(self) -> dict[str, Any]:
        """Return what goes in and what comes out."""
        return {
            "modality": f"text->{'+'.join(self.outputs)}",
            "input_modalities": ["text"],
            "output_modalities": list(self.outputs),
            "tokenizer": "Other",
            "instruct_type": None,
        }

    def record(self, settings: Settings) -> dict[str, Any]:
        """Return the model as the API's record."""
        return {
            "id": self.slug,
            "canonical_slug": self.canonical_slug,
            "name": self.slug,
            "created": 1735689600,
            "description": "Answers every conversation with the same sentence.",
            "context_length": 8192,
            "architecture": self.architecture(),
            "pricing": self.pricing(settings),
            "top_provider": {"context_length": 8192, "max_completion_tokens": 4096, "is_moderated": False},
            "per_request_limits": None,
            "supported_parameters": [],
            "supported_voices": None,
            "default_parameters": None,
            "expiration_date": settings.model_expirations.get(self.slug),
            "links": {"details": f"/api/v1/models/{self.slug}/endpoints"},
        }

    def endpoint(self, settings: Settings) -> dict[str, Any]:
        """Return the one way to it, by its vendor, as the API's record."""
        vendor = provider_of(self.slug)
        pricing = {name: price for name, price in self.pricing(settings).items() if name in ("prompt", "completion")}
        return {
            "name": f"{vendor} | {self.slug}",
            "model_id": self.canonical_slug,
            "model_name": self.slug,
            "provider_name": vendor,
            "tag": vendor,
            "context_length": 8192,
            "max_completion_tokens": 4096,
            "max_prompt_tokens": None,
            "pricing": pricing,
            "quantization": None,
            "service_tier": None,
            "status": 0,
            "native_tools": {},
            "supported_parameters": [],
            "supports_diarization": False,
            "supports_implicit_caching": False,
            "supports_tool_choice": {"auto": False, "function": False, "none": False, "required": False},
            "latency_last_30m": None,
            "throughput_last_30m": None,
            "uptime_last_5m": None,
            "uptime_last_30m": 100.0,
            "uptime_last_1d": None,
        }


OFFERED = (
    OfferedModel("sandbox/echo:free", "sandbox/echo:free", "0"),
    OfferedModel("sandbox/echo", "sandbox/echo-2025-01-01"),
    OfferedModel("sandbox/mimic:free", "sandbox/mimic-2025-06-01", "0"),
    OfferedModel("sandbox/mimic", "sandbox/mimic-2025-06-01", "0.000002"),
    OfferedModel("sandbox/painter", "sandbox/painter", "0.000001", ("image",)),
    OfferedModel("openai/gpt-4o-mini", "openai/gpt-4o-mini"),
    OfferedModel("anthropic/claude-sonnet-4", "anthropic/claude-4-sonnet-20250522"),
)
"""A free variant may have its paid sibling's canonical slug, as most have on OpenRouter."""
_CANONICAL = {model.slug: model.canonical_slug for model in OFFERED}


def canonical(slug: str) -> str:
    """Return a model's canonical slug; the sandbox doesn't refuse models it doesn't offer."""
    return _CANONICAL.get(slug, slug)


def provider_of(slug: str) -> str:
    """Return who serves a model here: its vendor."""
    return slug.partition("/")[0]


def offered(settings: Settings) -> list[OfferedModel]:
    """Return the models that are not withdrawn."""
    return [model for model in OFFERED if model.slug not in settings.withdrawn_models]
