"""What tests reach the sandbox's servers by: one client each in a process, since making one takes up to 40 ms."""

from functools import cache
from typing import Any

import boto3
import httpx

from sandbox.openrouter.client import NO_TLS


@cache
def http_client() -> httpx.Client:
    """Return the client of every server, whose calls name their addresses."""
    return httpx.Client(verify=NO_TLS)


@cache
def aws_client(service: str, endpoint: str, region: str, key_id: str, key: str) -> Any:
    """Return the client of one of AWS's services.

    Args:
        service: its name in boto3.
        endpoint: the sandbox's address of AWS.
        region: where.
        key_id: whose calls they are.
        key: the secret that belongs to it.
    """
    return boto3.client(  # type: ignore[call-overload]  # the service's name is an argument
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=key_id,
        aws_secret_access_key=key,
    )
