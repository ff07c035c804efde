"""The life of a stack, brief or whole, and everything that it left: what was printed, stored and seen of processes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from tests.harness import Run, Stack
from tests.processes import Process, watching
from tests.soak import SOAK

SERVICES = {"checkout": {"limit": 50, "rotation": {"every": "90d", "overlap": "7d"}}, "search": {"format": "plain"}}
DEFAULTS = {"recoveryWindowInDays": 0, "limit": 5}
START, DUE, AFTER_OVERLAP = "2027-01-01T00:00:00Z", "2027-04-05T00:00:00Z", "2027-04-20T00:00:00Z"
BY_ENVIRONMENT, BY_CONFIG = "up, the management key in the environment", "up, the management key in the config"
DEBUGGING, VERBOSE = "preview --diff --debug", "preview --json -v=7 --logtostderr"
VERIFY = "verify --json"
ADOPT, DOCTOR = "adopt HASH shop", "doctor"
COMMANDS: Final = {
    VERIFY: 2,
    "verify --chat": 2,
    **{f"drift --format {kind}": 2 for kind in ("table", "json", "markdown", "junit", "github")},
    **{f"report --format {kind}": 0 for kind in ("table", "json", "csv", "html")},
    "report --format html --output report.html": 0,
    **{f"{listing} --format {kind}": 0 for listing in ("list", "list --all-keys") for kind in ("table", "json")},
    **{f"show checkout --format {kind}": 0 for kind in ("table", "json")},
    ADOPT: 0,
    DOCTOR: 0,
    "recover --yes": 0,
}
"""Each of our commands in each of its formats, and how it must end for the tampered stack."""
PULUMI: Final = (DEBUGGING, VERBOSE, "stack output --json", "stack export", HISTORY := "stack history")
SILENT: Final = {"report --format html --output report.html", ADOPT, DOCTOR, "recover --yes", HISTORY}
"""Runs that name no service of the stack."""
RUNS_OF_WHOLE: Final = (BY_ENVIRONMENT, BY_CONFIG, *PULUMI, *COMMANDS, "destroy")
RECORDS = Path(__file__).parent / "debug_records"
"""A folder for PYTHONPATH: every Python process writes its log records at DEBUG, down to its libraries'."""
RUNS: Final = RUNS_OF_WHOLE if SOAK else (BY_CONFIG, VERBOSE, VERIFY)


@dataclass
class Evidence:
    """Everything that one life of a stack left behind: what was printed, stored and seen of its processes."""

    stack: Stack
    secrets: list[str] = field(default_factory=list, repr=False)
    hashes: list[str] = field(default_factory=list)
    runs: dict[str, Run] = field(default_factory=dict, repr=False)
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    processes: dict[str, set[Process]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Let every Python process of the stack write its log records."""
        self.records.mkdir()
        self.stack.environment |= {"PYTHONPATH": str(RECORDS), "DEBUG_RECORDS": str(self.records)}

    @property
    def records(self) -> Path:
        """The folder with each process's log records."""
        return self.stack.folder.parent / "records"

    def note(self, label: str, run: Callable[[], Run]) -> None:
        """Keep what a run prints and which processes it has."""
        with watching(self.stack.folder) as self.processes[label]:
            self.runs[label] = run()

    def keep_files(self, moment: str) -> None:
        """Keep the files of the backend, of Pulumi's own logs and of the project as they are now."""
        logs = Path(self.stack.environment["PULUMI_HOME"], "logs")
        roots = {"backend": self.stack.backend, "logs": logs, "project": self.stack.folder, "records": self.records}
        for kind, root in roots.items():
            for path in root.rglob("*"):
                if path.is_file() and ".venv" not in path.parts:
                    self.files[f"{moment}: {kind}/{path.relative_to(root)}"] = path.read_bytes()


def whole_life(stack: Stack) -> Evidence:
    """Make, rotate, preview, tamper with, look at by every command and destroy a stack."""
    found = Evidence(stack)
    stack.configure(SERVICES, defaults=DEFAULTS)
    stack.now = START
    found.note(BY_ENVIRONMENT, stack.up)
    move_management_key_to_config(stack)
    stack.now = DUE
    found.note(BY_CONFIG, stack.up)
    stack.now = AFTER_OVERLAP
    for words in PULUMI:
        found.note(words, partial(stack.pulumi, *words.split()))
    record, foreign = stack.control.create_key(name="made by hand", limit=1)
    stack.aws().put_secret_value(SecretId=stack.secret_name("search"), SecretString=foreign)
    for words in COMMANDS:
        found.note(words, partial(command, stack, words.replace("HASH", record["hash"])))
    found.keep_files("deployed")
    found.secrets, found.hashes = stack.control.all_secrets(), list(stack.control.secrets()["keys"])
    found.note("destroy", stack.destroy)
    found.keep_files("destroyed")
    return found


def brief_life(stack: Stack) -> Evidence:
    """Make a stack, preview its rotation and verify it: what prints and stores most."""
    found = Evidence(stack)
    stack.configure(SERVICES, defaults=DEFAULTS)
    stack.now = START
    move_management_key_to_config(stack)
    found.note(BY_CONFIG, stack.up)
    stack.now = DUE
    found.note(VERBOSE, partial(stack.pulumi, *VERBOSE.split()))
    found.note(VERIFY, partial(command, stack, VERIFY))
    found.keep_files("deployed")
    found.secrets, found.hashes = stack.control.all_secrets(), list(stack.control.secrets()["keys"])
    return found


def command(stack: Stack, words: str) -> Run:
    """Run one of our own commands for the stack, whatever it finds."""
    return stack.run("openrouter-keys", *words.split(), "--stack", stack.name, check=False)


def move_management_key_to_config(stack: Stack) -> None:
    """Store the key encrypted in the stack's config, through standard input, and take it from the environment."""
    line = f'printf %s "$VALUE" | pulumi config set --secret openrouter:managementKey --stack {stack.name}'
    stack.run("sh", "-c", line, VALUE=stack.environment.pop("OPENROUTER_MANAGEMENT_KEY"))
