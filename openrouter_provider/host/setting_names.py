"""The settings that the SDK holds; Pulumi's Config answers for a name and lists none.

The engine hands all settings over at once, whatever they come from: the stack's file, the project's `config:`, an
environment. The language host has them in PULUMI_CONFIG, and a program within another one in the SDK's own variable.
"""

from collections.abc import Mapping
from contextlib import suppress

import pulumi.runtime.config


def told_settings() -> Mapping[str, object]:
    """Return the program's settings by full name, other namespaces' too; none where the SDK no longer says them."""
    found: dict[str, object] = {}
    with suppress(AttributeError, LookupError, TypeError, ValueError):
        found |= pulumi.runtime.config.get_config_env()
    with suppress(AttributeError, LookupError, TypeError, ValueError):
        found |= pulumi.runtime.config.CONFIG.get()
    return found
