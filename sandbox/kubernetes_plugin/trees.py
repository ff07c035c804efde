"""Objects as trees of properties: what of the live one a program has to do with, and where two differ."""

from typing import Any

from sandbox.plugins.schema import Change
from sandbox.plugins.wire import has_unknown


def pruned(live: Any, shape: Any) -> Any:
    """Return what of a live object has a place in the shape: a program's inputs."""
    if isinstance(live, list) and isinstance(shape, list) and len(live) == len(shape):
        return [pruned(value, of) for value, of in zip(live, shape, strict=True)]
    if not (isinstance(live, dict) and isinstance(shape, dict)):
        return live
    return {name: pruned(value, shape[name]) for name, value in live.items() if name in shape}


def changes(old: Any, new: Any, path: str = "") -> dict[str, Change]:
    """Return the properties that differ, by the path that Pulumi shows, innermost ones first told."""
    if isinstance(old, dict) and isinstance(new, dict):
        found: dict[str, Change] = {}
        for name in sorted({*old, *new}):
            found |= changes(old.get(name), new.get(name), _step(path, name))
        return found
    if old == new and not has_unknown(new):
        return {}
    if old is None:
        return {path: Change.ADD}
    return {path: Change.DELETE if new is None else Change.UPDATE}


def _step(path: str, name: str) -> str:
    if any(mark in name for mark in '."[]'):
        return f'{path}["{name}"]'
    return f"{path}.{name}" if path else name
