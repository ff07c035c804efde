"""What a sandbox remembers between commands: one JSON file, replaced as a whole, readable by its owner only."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sandbox.processes import ProcessIdentity

FORMAT = 1


@dataclass(frozen=True)
class ServiceRecord:
    """One background service: its process, and its port once it answered."""

    process: ProcessIdentity
    port: int | None = None


@dataclass
class SandboxRecord:
    """A sandbox as last written; `ready` only when every part answered."""

    management_key: str
    ready: bool = False
    services: dict[str, ServiceRecord] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"SandboxRecord(ready={self.ready}, services={self.services})"

    def write(self, path: Path) -> None:
        """Replace the file at `path` in one step."""
        partial = path.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump({"format": FORMAT, **asdict(self)}, file, indent=2)
        partial.replace(path)


def read(path: Path) -> SandboxRecord | None:
    """Return what was written, or None when there is nothing or it can't be understood."""
    try:
        data = json.loads(path.read_text())
        services = {
            name: ServiceRecord(ProcessIdentity(**service["process"]), service["port"])
            for name, service in data["services"].items()
        }
        return SandboxRecord(data["management_key"], data["ready"], services) if data["format"] == FORMAT else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
