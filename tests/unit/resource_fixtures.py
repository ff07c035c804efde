"""Fixtures of the tests of table-driven resources: their providers on a simulated account."""

from collections.abc import Callable

import pytest

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.resources.base import OpenRouterProvider, Session
from openrouter_provider.resources.reads import KeyReader
from tests.unit.account_fixtures import START

pytest_plugins = ("tests.unit.account_fixtures",)

Started = Callable[[type[OpenRouterProvider]], OpenRouterProvider]


@pytest.fixture
def started(client: ManagementClient) -> Started:
    """Make a provider as a process of its own would."""

    def make(kind: type[OpenRouterProvider]) -> OpenRouterProvider:
        provider = kind()
        provider.session = Session(client, KeyReader(client), START)
        return provider

    return make
