"""Is this machine's clock right? Asked of the API before anything is done because of the time."""

from datetime import timedelta
from typing import TYPE_CHECKING

from ..api.errors import OpenRouterError
from ..settings import NOW_VARIABLE

if TYPE_CHECKING:
    from ..api.client import ManagementClient

LARGEST_SKEW = timedelta(minutes=5)
"""How far the two clocks may differ: as much as AWS allows a signature."""


class ClockDiffers(OpenRouterError):
    """This machine's clock and the API's disagree, and something was to be done because of the time; it was not."""


def server_ahead(client: "ManagementClient") -> timedelta:
    """Return how far the API's clock is ahead of this machine's; asks the API where no answer of it has come yet."""
    if client.server_ahead is None:
        client.current_key()
    return client.server_ahead or timedelta(0)


def refuse_wrong_clock(ahead: timedelta) -> None:
    """Refuse to act by this machine's clock where the API's says another time.

    Raises:
        ClockDiffers: by more than LARGEST_SKEW.
    """
    if abs(ahead) <= LARGEST_SKEW:
        return
    side = "behind" if ahead > timedelta(0) else "ahead of"
    raise ClockDiffers(
        f"this machine's clock is {abs(ahead)} {side} OpenRouter's: no key is rotated or retired by it; set the clock, "
        f"or set {NOW_VARIABLE} to rehearse another time (docs/errors.md#clock-differs)"
    )
