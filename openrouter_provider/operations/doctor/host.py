"""Which host serves the dynamic resources?"""

import os

from ...api.errors import ConfigurationError
from ...api.scrub import printable
from ..host_override import EXECUTABLE, named_host
from .examination import Checked, Examination, Health, finding, ok

_LIMITS = (
    "Pulumi's own: its previews show each changed key as a new secret version, it can't import, and it makes four "
    "calls at once (docs/host.md)"
)


def check_host(examination: Examination) -> list[Checked]:
    """Does Pulumi.yaml name our host, and is it there?"""
    name = "host of the resources"
    try:
        folder = named_host(examination.project)
    except ConfigurationError:
        return []  # That there is no project is told of the project.
    if folder is None:
        return [Checked(name, Health.NOTICE, _LIMITS, "run: openrouter-keys host")]
    if not os.access(folder / EXECUTABLE, os.X_OK):
        text = f"Pulumi.yaml names {printable(str(folder))}, which has no {EXECUTABLE}"
        return [
            finding(name, text, "install openrouter-keys in the project's environment, or run: openrouter-keys host")
        ]
    return [ok(name, "openrouter-keys' own")]
