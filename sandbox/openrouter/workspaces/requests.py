"""Requests about workspaces, budgets and members as the API accepts them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, FiniteFloat, StrictBool, StrictFloat, StrictInt, StrictStr

_SLUG = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"

Interval = Literal["daily", "weekly", "monthly", "lifetime"]
WIDEST_FIRST: tuple[Interval, ...] = ("lifetime", "monthly", "weekly", "daily")
Name = Annotated[StrictStr, Field(min_length=1, max_length=100)]
ServerTool = Literal[
    "openrouter:advisor",
    "openrouter:apply_patch",
    "openrouter:bash",
    "openrouter:datetime",
    "openrouter:experimental__search_models",
    "openrouter:fusion",
    "openrouter:image_generation",
    "openrouter:shell",
    "openrouter:subagent",
    "openrouter:tool_search",
    "openrouter:web_fetch",
    "openrouter:web_search",
]
Slug = Annotated[StrictStr, Field(min_length=1, max_length=50, pattern=_SLUG)]


def _none_disabled(tools: list[ServerTool]) -> list[ServerTool] | None:
    """An empty list clears it, as null does."""
    return tools or None


class UpdateWorkspace(BaseModel):
    """Body of PATCH /workspaces/{id}."""

    name: Name = ""
    slug: Slug = ""
    description: Annotated[StrictStr, Field(max_length=500)] | None = None
    default_text_model: StrictStr | None = None
    default_image_model: StrictStr | None = None
    default_provider_sort: StrictStr | None = None
    is_observability_io_logging_enabled: StrictBool = False
    is_observability_broadcast_enabled: StrictBool = False
    is_data_discount_logging_enabled: StrictBool = True
    io_logging_sampling_rate: Annotated[StrictFloat, Field(ge=0.0001, le=1)] = 1.0
    io_logging_api_key_ids: list[StrictInt] | None = None
    disabled_server_tools: Annotated[list[ServerTool], AfterValidator(_none_disabled)] | None = None


class CreateWorkspace(UpdateWorkspace):
    """Body of POST /workspaces."""

    name: Name
    slug: Slug


class BudgetPath(BaseModel):
    """Path of one budget."""

    interval: Interval


class PutBudget(BaseModel):
    """Body of PUT /workspaces/{id}/budgets/{interval}; the flag left out stays as it is."""

    limit_usd: Annotated[FiniteFloat, Field(strict=True, gt=0)]
    include_byok_in_budgets: StrictBool = False


class Members(BaseModel):
    """Body of the routes that add and remove members."""

    user_ids: Annotated[list[StrictStr], Field(min_length=1, max_length=100)]
