"""What the program says of the service, how a run goes, what the stack's state has, and what one run did."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Props = dict[str, Any]
KEY_PREFIX = "acme/dev/checkout"
GIVEN_NAME = "acme/dev/shared-by-two-stacks"
KEY, VERSION, SUPERSEDED = "key", "version", "superseded"
ALL = frozenset({KEY, VERSION, SUPERSEDED})


@dataclass(frozen=True)
class Config:
    """What the program says of the service; a given name is borne by another stack's key too."""

    limit: float = 5
    every: str | None = "90d"
    overlap: str = "7d"
    stagger: bool = False
    rotate_now: str | None = None
    emergency: bool | None = None
    disabled: bool | None = None
    expires_at: str | None = None
    given_name: bool = False

    def key(self, stored_in: Props) -> Props:
        """Return ApiKey's arguments as ServiceKey gives them."""
        given = {name: getattr(self, name) for name in ("limit", "rotate_now", "emergency", "disabled", "expires_at")}
        schedule = {"every": self.every, "overlap": self.overlap, "stagger": self.stagger}
        name = {"name": GIVEN_NAME} if self.given_name else {"name_prefix": KEY_PREFIX}
        return {**given, **name, "rotation": schedule if self.every else None, "stored_in": stored_in}

    def superseded(self, key_outs: Props, version: str, stored_in: Props) -> Props:
        """Return SupersededKeys' arguments as ServiceKey gives them."""
        return {
            "service": KEY_PREFIX,
            "superseded": key_outs.get("superseded") or [],
            "current": key_outs["hash"],
            "version": version,
            "overlap": self.overlap if self.every else None,
            "emergency_token": self.rotate_now if self.emergency else None,
            "disabled": self.disabled,
            "stored_in": stored_in,
        }


@dataclass(frozen=True)
class Way:
    """How `pulumi up` is run.

    Attributes:
        targets: the resources that --target names or --exclude leaves.
        keep_going: --continue-on-error.
        refresh: --refresh.
        clock_ahead: how far the run's clock is ahead of the true time.
        rehearsed: whether that is OPENROUTER_KEYS_NOW, and not a clock that is wrong.
    """

    targets: frozenset[str] = ALL
    keep_going: bool = False
    refresh: bool = False
    clock_ahead: timedelta = timedelta(0)
    rehearsed: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is `pulumi up` with the true time."""
        return self == Way()

    def __str__(self) -> str:
        options = [f"only {'+'.join(sorted(self.targets))}"] if self.targets != ALL else []
        options += ["--continue-on-error"] if self.keep_going else []
        options += ["--refresh"] if self.refresh else []
        if self.clock_ahead:
            options.append(f"{'OPENROUTER_KEYS_NOW' if self.rehearsed else 'wrong clock'} {self.clock_ahead} ahead")
        return ", ".join(["up", *options])


@dataclass(frozen=True)
class Recorded:
    """A resource in the state."""

    id: str
    inputs: Props
    outs: Props


@dataclass(frozen=True)
class State:
    """The stack's state.

    Attributes:
        text: what the secret's version was declared to hold.
        version: its id.
        labelled: whether the last refresh saw AWSCURRENT on it.
        pending_deletes: what replacements left to be deleted.
        pending_creates: the exact names of creates that a killed run left undecided.
    """

    key: Recorded | None = None
    text: str | None = None
    version: str = ""
    labelled: bool = True
    superseded: Recorded | None = None
    pending_deletes: tuple[Recorded, ...] = ()
    pending_creates: tuple[str, ...] = ()

    def outputs(self) -> list[Props]:
        """Return both resources' outputs; the inputs of one that did not change may shed what is over."""
        return [record.outs for record in (self.key, self.superseded) if record]

    def hashes(self) -> set[str]:
        """Return every key that the state knows."""
        kept = [self.key, *self.pending_deletes] if self.key else [*self.pending_deletes]
        known = {entry["hash"] for entry in (self.superseded.outs["keys"] if self.superseded else [])}
        for record in kept:
            known |= {record.outs["hash"], *(entry["hash"] for entry in record.outs.get("superseded") or [])}
        return known


@dataclass
class Run:
    """What one `up` did.

    Attributes:
        error: what ended it, or the first failure that it went on after.
        did: what became of each resource.
        attempted_name: the name of the key that it wanted last.
        writes: what it asked servers to write.
        warnings: what it told whoever ran it.
    """

    error: BaseException | None = None
    did: dict[str, str] = field(default_factory=dict)
    attempted_name: str = ""
    writes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def succeeded(self) -> bool:
        """Whether every step did."""
        return self.error is None


@dataclass(frozen=True)
class Moment:
    """When a run is, truly and by its own clock."""

    true: datetime
    own: datetime
    rehearsed: bool = False
