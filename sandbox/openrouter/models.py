"""The models that are on offer: GET /models."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


@dataclass(frozen=True)
class OfferedModel:
    """A model: `slug` is what people write, `canonical_slug` what never changes."""

    slug: str
    canonical_slug: str
    price: str = "0.00001"

    def record(self) -> dict[str, Any]:
        """Return the model as the API's record."""
        return {
            "id": self.slug,
            "canonical_slug": self.canonical_slug,
            "name": self.slug,
            "created": 1735689600,
            "description": "Answers every conversation with the same sentence.",
            "context_length": 8192,
            "architecture": {
                "modality": "text->text",
                "input_modalities": ["text"],
                "output_modalities": ["text"],
                "tokenizer": "Other",
                "instruct_type": None,
            },
            "pricing": {"prompt": self.price, "completion": self.price, "request": "0", "image": "0"},
            "top_provider": {"context_length": 8192, "max_completion_tokens": 4096, "is_moderated": False},
            "per_request_limits": None,
            "supported_parameters": [],
            "supported_voices": None,
            "default_parameters": None,
            "links": {"details": f"/api/v1/models/{self.slug}/endpoints"},
        }


OFFERED = (
    OfferedModel("sandbox/echo:free", "sandbox/echo:free", "0"),
    OfferedModel("sandbox/echo", "sandbox/echo-2025-01-01"),
    OfferedModel("openai/gpt-4o-mini", "openai/gpt-4o-mini"),
    OfferedModel("anthropic/claude-sonnet-4", "anthropic/claude-4-sonnet-20250522"),
)
_CANONICAL = {model.slug: model.canonical_slug for model in OFFERED}


def canonical(slug: str) -> str:
    """Return a model's canonical slug; the sandbox doesn't refuse models it doesn't offer."""
    return _CANONICAL.get(slug, slug)


def provider_of(slug: str) -> str:
    """Return who serves a model here: its vendor."""
    return slug.partition("/")[0]


async def list_all(_request: Request) -> JSONResponse:
    """Show every model; this needs no credential."""
    return JSONResponse(
        {"data": [model.record() for model in OFFERED], "total_count": len(OFFERED), "links": {"next": None}}
    )


ROUTES = [Route("/models", list_all, methods=["GET"])]
