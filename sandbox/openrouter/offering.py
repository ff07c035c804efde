"""Routes that tell what is offered: GET /models, who serves one, and GET /providers."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.openrouter.auth import bearer, manager, store_of
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.models import offered, provider_of
from sandbox.openrouter.settings import Settings

_ALL = "all"


async def list_all(request: Request) -> JSONResponse:
    """Show every model that answers with text, or with what was asked for; this needs no credential."""
    settings = _settings_of(request)
    wanted = set(request.query_params.get("output_modalities", "text").split(","))
    records = [each.record(settings) for each in offered(settings) if _ALL in wanted or wanted & {*each.outputs}]
    return JSONResponse({"data": records, "total_count": len(records), "links": {"next": None}})


async def endpoints(request: Request) -> JSONResponse:
    """Show who serves a model; this needs no credential."""
    settings, slug = _settings_of(request), "{author}/{slug}".format(**request.path_params)
    found = next((each for each in offered(settings) if slug in (each.slug, each.canonical_slug)), None)
    if found is None:
        raise ApiError(404, "Model not found")
    told = {name: found.record(settings)[name] for name in ("id", "name", "created", "description", "architecture")}
    return JSONResponse({"data": {**told, "endpoints": [found.endpoint(settings)]}})


async def providers(request: Request) -> JSONResponse:
    """Show everybody who serves a model."""
    settings = manager(request).settings
    slugs = sorted({provider_of(model.slug) for model in offered(settings)})
    records = [
        {
            "name": slug.capitalize(),
            "slug": slug,
            "privacy_policy_url": None,
            "terms_of_service_url": None,
            "status_page_url": None,
            "headquarters": "US",
            "datacenters": ["US"],
        }
        for slug in slugs
    ]
    return JSONResponse({"data": records})


def _settings_of(request: Request) -> Settings:
    """Return how the caller's account behaves; a caller without one sees what is there at first."""
    holder = store_of(request).holder_of(bearer(request.headers.get("authorization", "")) or "")
    return holder[0].settings if holder else Settings.model_validate({})


ROUTES = [
    Route("/models", list_all, methods=["GET"]),
    Route("/models/{author}/{slug}/endpoints", endpoints, methods=["GET"]),
    Route("/providers", providers, methods=["GET"]),
]
