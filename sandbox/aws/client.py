"""How a test plans faults of the AWS server and sees what it was asked."""

from types import TracebackType
from typing import Any, Self

import httpx

from sandbox.openrouter.client import NO_TLS, ControlError

Record = dict[str, Any]


class AwsControl:
    """Steers a running AWS server; raises ControlError when it refuses.

    Args:
        endpoint_url: where boto3 finds the server.
    """

    def __init__(self, endpoint_url: str) -> None:
        base_url = f"{endpoint_url.rstrip('/')}/_sandbox"
        self._http = httpx.Client(base_url=base_url, timeout=10, trust_env=False, verify=NO_TLS)

    def fault(
        self,
        operation: str,
        error: str,
        *,
        secret: str = "",
        message: str = "",
        count: int = 1,
        after: bool = False,
        seconds: float = 0.0,
        status: int | None = None,
    ) -> Record:
        """Plan a fault and return its record.

        Args:
            operation: for example PutSecretValue; "any" meets every Secrets Manager call.
            error: code that boto3 raises. It tries again by itself after throttling and after a status of 5xx.
            secret: part of the SecretId or Name of the calls it meets; empty meets all.
            message: AWS's words; empty says that a test planned it.
            count: how many calls it spoils; -1 is no end.
            after: do the work first, then answer the error.
            seconds: delay before the answer.
            status: HTTP status; None is 500 for InternalServiceError and 400 for any other error.
        """
        wish = {"operation": operation, "error": error, "secret": secret, "count": count, "message": message}
        wish |= {"after": after, "seconds": seconds} | ({} if status is None else {"status": status})
        planned: Record = self._request("POST", "/faults", body=wish)
        return planned

    def clear(self, secret: str = "") -> None:
        """Forget the faults whose `secret` contains this text; empty forgets all."""
        self._request("DELETE", "/faults", secret)

    def faults(self) -> list[Record]:
        """Return the planned faults; `fired` counts the calls each has spoiled."""
        return self._array("/faults")

    def calls(self, secret: str = "") -> list[Record]:
        """Return the calls whose SecretId or Name contains this text, in order of arrival; empty returns all."""
        return self._array("/calls", secret)

    def clear_calls(self, secret: str = "") -> None:
        """Forget the calls whose SecretId or Name contains this text; empty forgets all."""
        self._request("DELETE", "/calls", secret)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _array(self, path: str, secret: str = "") -> list[Record]:
        answer: list[Record] = self._request("GET", path, secret)
        return answer

    def _request(self, method: str, path: str, secret: str = "", body: Record | None = None) -> Any:
        answer = self._http.request(method, path, params={"secret": secret} if secret else None, json=body)
        if answer.is_error:
            raise ControlError(f"{method} {path}: {answer.status_code} {answer.json()['error']['message']}")
        return answer.json()
