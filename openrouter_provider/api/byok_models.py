"""Other vendors' keys brought to OpenRouter (BYOK), as they are on the wire."""

from pydantic import Field

from openrouter_provider.api.models import NamedRecord


class ByokRecord(NamedRecord):
    """A vendor's key as the management endpoints describe it; never its value."""

    provider: str = Field(min_length=1, description="The vendor's slug, such as openai")
    label: str = Field(description="The value's masked form, for people")
    name: str | None = Field(default=None, description="The physical name")
    workspace_id: str | None = Field(default=None, description="The workspace it belongs to; null is all of them")
    disabled: bool = Field(default=False, description="Whether it is switched off")
    is_fallback: bool = Field(default=False, description="Whether it is used only after the others")
    allowed_models: list[str] | None = Field(default=None, description="Model slugs; null is every model")
    allowed_api_key_hashes: list[str] | None = Field(default=None, description="OpenRouter keys; null is every key")
    allowed_user_ids: list[str] | None = Field(default=None, description="Members; null is everyone")
