"""How what a server draws itself was called, and how it is called now."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]
VALUE = re.compile(r"sk-or-v1-[0-9a-f]{64}")


@dataclass
class Names:
    """What was called how, and how it is called now; `values` are those of the keys made now, by their old hash."""

    changed: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    def note(self, was: object, now: object) -> None:
        """Remember what a name has become; none of either kind is nothing."""
        if was and now and was != now:
            self.changed[str(was)] = str(now)

    def renamed(self, text: str) -> str:
        """Return a text under today's names, with the values of the keys that it only points to."""
        for hash_, value in self.values.items():
            text = text.replace(placeholder(hash_), value)
        for was in sorted(self.changed, key=len, reverse=True):
            text = text.replace(was, self.changed[was])
        return text

    def revalued(self, text: str) -> str:
        """Return a text with old values of keys in it, with today's in their place."""
        return VALUE.sub(lambda found: self.values[_hash_of(found[0])], text)

    def record(self, record: Mapping[str, Any]) -> Record:
        """Return a record under today's names."""
        renamed: Record = json.loads(self.renamed(json.dumps(record)))
        return renamed


def placeholder(hash_: str) -> str:
    """Return what stands for a key's value in a fixture."""
    return f"<value of {hash_}>"


def without_values(text: str, live: set[str]) -> str:
    """Return a text with a placeholder for each value of a key; of one that is gone no hash is kept either."""

    def pointer(found: re.Match[str]) -> str:
        hash_ = _hash_of(found[0])
        return placeholder(hash_ if hash_ in live else "a key that is gone")

    return VALUE.sub(pointer, text)


def _hash_of(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
