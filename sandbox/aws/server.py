"""AWS in a thread of this process."""

import json
import os
from typing import Any, Self

import boto3
from moto.server import ThreadedMotoServer

from sandbox.aws.corrections import correct_secrets_manager

REGION = "us-east-1"
CREDENTIAL = "sandbox"


class AwsServer:
    """Moto, corrected, on a port of loopback; works as a context manager.

    Args:
        port: 0 takes a free one.
    """

    def __init__(self, port: int = 0) -> None:
        correct_secrets_manager()
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def port(self) -> int:
        """The port that it serves on."""
        return self._server.get_host_and_port()[1]

    @property
    def url(self) -> str:
        """The endpoint for boto3 and plugins."""
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str = "secretsmanager") -> Any:
        """Return a boto3 client of this server."""
        session: Any = boto3.session.Session(
            aws_access_key_id=CREDENTIAL, aws_secret_access_key=CREDENTIAL, region_name=REGION
        )
        return session.client(service, endpoint_url=self.url)

    def provider_settings(self) -> dict[str, Any]:
        """Return the configuration that points the AWS provider here."""
        endpoints = json.dumps([{"secretsmanager": self.url, "sts": self.url}])
        return {"region": REGION, "accessKey": CREDENTIAL, "secretKey": CREDENTIAL, "endpoints": endpoints}


def leave() -> None:
    """End this process at once: open keep-alive connections would hold an orderly stop."""
    os._exit(0)
