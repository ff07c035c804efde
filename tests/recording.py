"""Makes a recording: the conversation over a recorder, redacted."""

from collections.abc import Callable
from datetime import datetime

import httpx

from openrouter_provider.api.client import ManagementClient
from tests.cassette import Cassette, Recorder
from tests.conversation import ONE_TRY, converse, own_texts


def record(
    management_key: str,
    base_url: str,
    transport: httpx.BaseTransport,
    now: datetime,
    keep: Callable[[Cassette], object] = lambda _: None,
) -> Cassette:
    """Hold the conversation and return it, redacted.

    Args:
        management_key: of the account.
        base_url: of the API.
        transport: the network.
        now: when it begins.
        keep: takes the recording also where the conversation broke off: what broke it is in its last answer.
    """
    recorder = Recorder(transport, management_key)
    try:
        with ManagementClient(
            management_key, base_url=base_url, transport=recorder, policy=ONE_TRY, clock=lambda: now
        ) as client:
            converse(client, now)
    finally:
        made = recorder.cassette(now, own_texts(now))
        keep(made)
    return made
