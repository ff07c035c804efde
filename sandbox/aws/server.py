"""AWS in a thread of this process."""

import json
import os
from threading import Thread
from typing import Any, Self

import boto3
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from sandbox.aws.corrections import correct_secrets_manager
from sandbox.aws.faults import Faulty

REGION = "us-east-1"
CREDENTIAL = "sandbox"
_POLL_SECONDS = 0.05


class AwsServer:
    """Moto, corrected, on a port of loopback; works as a context manager.

    Tests plan faults and see the calls under /_sandbox (see `client.AwsControl`).

    Args:
        port: 0 takes a free one.
    """

    def __init__(self, port: int = 0) -> None:
        correct_secrets_manager()
        self._wanted_port = port
        self._server: BaseWSGIServer | None = None
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        application = Faulty(DomainDispatcherApplication(create_backend_app))
        self._server = make_server(
            "127.0.0.1", self._wanted_port, application, threaded=True, request_handler=MotoRequestHandler
        )
        self._thread = Thread(target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server and self._thread:
            self._server.shutdown()
            self._thread.join()
        self._server = self._thread = None

    @property
    def port(self) -> int:
        """The port that it serves on."""
        if self._server is None:
            raise RuntimeError("the AWS server isn't running: use it in a with statement")
        return self._server.port

    @property
    def url(self) -> str:
        """The endpoint for boto3 and plugins."""
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str = "secretsmanager", *, attempts: int | None = None) -> Any:
        """Return a boto3 client of this server; `attempts` 1 keeps it from trying again."""
        session: Any = boto3.session.Session(
            aws_access_key_id=CREDENTIAL, aws_secret_access_key=CREDENTIAL, region_name=REGION
        )
        config = Config(retries={"total_max_attempts": attempts}) if attempts else None
        return session.client(service, endpoint_url=self.url, config=config)

    def provider_settings(self) -> dict[str, Any]:
        """Return the configuration that points the AWS provider here."""
        endpoints = json.dumps([{"secretsmanager": self.url, "sts": self.url}])
        return {"region": REGION, "accessKey": CREDENTIAL, "secretKey": CREDENTIAL, "endpoints": endpoints}


def leave() -> None:
    """End this process at once: open keep-alive connections would hold an orderly stop."""
    os._exit(0)
