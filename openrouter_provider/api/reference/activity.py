"""The endpoint that tells what was used, by day and model, over the last 30 whole days."""

from pydantic import Field

from ..endpoints import Endpoints, many
from ..http.answers import Call
from ..models import Dollars, WireModel


class ActivityRecord(WireModel):
    """What one model's requests of one day cost."""

    date: str = Field(description="The UTC day: 2027-01-31")
    model: str = Field(description="The model's slug")
    provider_name: str = Field(default="", description="Who served it")
    requests: int = Field(default=0, description="How many")
    prompt_tokens: int = Field(default=0, description="Tokens sent")
    completion_tokens: int = Field(default=0, description="Tokens answered")
    reasoning_tokens: int = Field(default=0, description="Those of them that were reasoning")
    usage: Dollars = Field(default=0.0, description="Credits used, USD")
    byok_usage_inference: Dollars = Field(default=0.0, description="External usage, USD")


class ActivityEndpoints(Endpoints):
    """Reads the activity; the method names its API page."""

    def get_activity(
        self, *, key_hash: str | None = None, workspace_id: str | None = None, date: str | None = None
    ) -> list[ActivityRecord]:
        """Return what was used in each of the last 30 whole UTC days, by model.

        Args:
            key_hash: of this key alone.
            workspace_id: of this workspace alone.
            date: of this day alone, such as `2027-01-31`.

        API: GET /activity
        """
        asked = {"api_key_hash": key_hash, "workspace_id": workspace_id, "date": date}
        params = {name: value for name, value in asked.items() if value is not None}
        call = Call("GET", "/activity", "reading the account's activity", params=params)
        return self._caller.repeat(call, many(call, ActivityRecord))
