"""The toolchain: which pulumi is taken, what the locks hold, and that a half-done setup is noticed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tools import go_build, lock, pulumi_cli, setup, virtualenv
from tools.pulumi_choice import Machine, Source, Version, choose, parse_version
from tools.shell import SetupError, run, watch

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")
GOOGLE = re.compile(r"^(google\.\w+|\w+).*$")
COMES_WITH = {
    "botocore": "boto3",
    "dill": "pulumi",
    "google.protobuf": "pulumi",
    "google.auth": "google-auth",
    "grpc": "pulumi",
    "google.oauth2": "google-auth",
    "httpcore": "httpx",
    "requests": "google-auth",
    "yaml": "pyyaml",
}
GOOD, OLD, GO = (3, 226, 0), (3, 225, 9), (1, 26, 8)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v3.226.0\n", (3, 226, 0)),
        ("3.272.0", (3, 272, 0)),
        ("v3.230.0-dev.1+abc", (3, 230, 0)),
        ("go1.26.8", (1, 26, 8)),
        ("go1.25rc1", (1, 25, 0)),
        ("", None),
        ("unknown", None),
    ],
)
def test_versions_are_read_as_programs_print_them(text: str, version: Version | None) -> None:
    """A version is the first dotted number, and no version is None."""
    assert parse_version(text) == version


@pytest.mark.parametrize(
    ("machine", "source", "reason"),
    [
        (Machine(cli=GOOD, language_host=True, installer=True, go=GO), Source.PATH, "3.226.0 on PATH"),
        (Machine(cli=(3, 300, 1), language_host=True), Source.PATH, "3.300.1 on PATH"),
        (
            Machine(cli=OLD, language_host=True, installer=True, go=GO),
            Source.OFFICIAL,
            "3.225.9 on PATH is not",
        ),
        (Machine(cli=(4, 0, 0), language_host=True, go=GO), Source.GO, "4.0.0 on PATH is not"),
        (Machine(cli=GOOD, go=GO), Source.GO, "without pulumi-language-python"),
        (Machine(installer=True, go=GO), Source.OFFICIAL, "no pulumi is on PATH"),
        (Machine(go=GO), Source.GO, "installer cannot be reached"),
        (Machine(go=(1, 22, 0)), Source.GO, "Go 1.22.0 is here"),
        (Machine(go=(1, 22, 0), go_switches=False), Source.NONE, "Go 1.22.0 is older than 1.25.0"),
        (Machine(go=(1, 20, 0)), Source.NONE, "Go 1.20.0 is older"),
        (Machine(cli=OLD, language_host=True), Source.NONE, "no go is on PATH"),
        (Machine(), Source.NONE, "no go is on PATH"),
    ],
)
def test_the_choice_of_a_pulumi(machine: Machine, source: Source, reason: str) -> None:
    """PATH comes before the installer and the installer before Go, and the reason says why."""
    choice = choose(machine)
    assert choice.source is source
    assert reason in choice.reason
    assert "\n" not in choice.reason


def test_an_unreachable_installer_is_no_answer() -> None:
    """A refused connection means that the installer cannot be reached."""
    assert not pulumi_cli.reachable("http://127.0.0.1:9/install.sh", 2.0)


@pytest.mark.parametrize(
    ("program", "version"),
    [("pulumi", "v3.259.0"), ("pulumi-language-python", "v3.79.0"), ("pulumi-language-yaml", "v1.25.0")],
)
def test_go_pins(program: str, version: str) -> None:
    """The Go modules are pinned to the newest versions that build together."""
    folder, _, module = go_build.PROGRAMS[program]
    assert go_build.pinned(ROOT / "tools" / "pulumi" / folder / "go.mod", module) == version


def test_the_companions_come_from_the_sdk_of_the_command_line() -> None:
    """The sdk module, whose version the build bakes in, is of the same release as the command line."""
    assert go_build.pinned(ROOT / "tools" / "pulumi" / "cli" / "go.mod", go_build.SDK) == "v3.259.0"


def test_a_missing_pin_is_an_error(tmp_path: Path) -> None:
    """A go.mod without the module is reported, not guessed around."""
    (tmp_path / "go.mod").write_text("module x\n", encoding="utf-8")
    with pytest.raises(SetupError, match="does not require"):
        go_build.pinned(tmp_path / "go.mod", go_build.SDK)


def test_progress_counts_downloads_and_packages() -> None:
    """The lines of go build are told apart."""
    assert go_build.progress(["go: downloading a v1", "a/b", "a/c"]) == "1 modules fetched, 2 packages compiled"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "0 packages fetched"),
        (["Collecting a==1", "  Downloading a.whl"], "1 packages fetched"),
        (["Collecting a==1", "Installing collected packages: a"], "unpacking"),
    ],
)
def test_progress_of_pip(lines: list[str], said: str) -> None:
    """Fetching and unpacking are told apart."""
    assert virtualenv.progress(lines) == said


def test_a_long_command_that_fails_says_its_last_words() -> None:
    """The error of a watched command is one line with what it printed last, on either stream."""
    with pytest.raises(SetupError, match=r"^sample failed: the cause$"):
        watch([sys.executable, "-c", "import sys; sys.exit('the cause')"], "sample", str)


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_is_pinned_with_a_hash(name: str) -> None:
    """Each entry of a lock is one exact version followed by at least one sha256."""
    entries = requirements(name)
    assert entries
    unhashed = [
        line for line in entries if not re.fullmatch(r"[\w.-]+==\S+( ;.*?)?( --hash=sha256:[0-9a-f]{64})+", line)
    ]
    assert unhashed == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place(name: str) -> None:
    """No option of one machine's pip is in a lock."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"^\s*(?:-i|-f|--(?:extra-)?index-url|--find-links|--trusted-host).*", text, re.MULTILINE) == []


def test_every_dependency_is_locked() -> None:
    """What pyproject.toml asks for is in the lock that serves it."""
    runtime, development = lock.wishes((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert {normal(wish) for wish in runtime} <= names("requirements.txt")
    assert {normal(wish) for wish in runtime + development} <= names("requirements-dev.txt")


def test_what_the_package_imports_is_asked_for() -> None:
    """Each module that the package imports comes with a requirement that pyproject.toml names for its users."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [wish for extra in config["optional-dependencies"].values() for wish in extra]
    asked = {normal(wish) for wish in [*config["dependencies"], *extras]}
    assert {COMES_WITH.get(module, module.replace("_", "-")) for module in imported("openrouter_provider")} <= asked


def imported(package: str) -> set[str]:
    """Return the top modules that a package's files import, but the standard library's, its own and those for types."""
    own = {package, *sys.stdlib_module_names, "mypy_boto3_secretsmanager"}
    found: set[str] = set()
    for file in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module)
    return {GOOGLE.sub(r"\1", name) for name in found if name.partition(".")[0] not in own}


def test_both_locks_agree() -> None:
    """Development runs on exactly the versions that users get."""
    pins = [{line.split()[0] for line in requirements(name)} for name in LOCKS]
    assert pins[0] <= pins[1]


@pytest.mark.parametrize("entry", [".env", ".venv", ".tools", ".sandbox"])
def test_git_ignores_what_setup_makes(entry: str) -> None:
    """Local environments, tools and credentials can't be committed by accident, nor a link to another checkout's."""
    # Without a slash at its end: a rule with one is for folders alone.
    assert entry in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_linter_settings_do_not_reinstall_the_project(tmp_path: Path) -> None:
    """Only packaging metadata decides whether the project is installed again."""
    (tmp_path / virtualenv.LOCK).touch()
    (tmp_path / virtualenv.HOST).parent.mkdir(parents=True)
    (tmp_path / virtualenv.HOST).touch()
    project = '[build-system]\nrequires = []\n[project]\nname = "x"\n'
    keys = []
    for extra in ("", "[tool.ruff]\nline-length = 1\n", "[project.scripts]\nx = 'x:y'\n"):
        (tmp_path / "pyproject.toml").write_text(project + extra, encoding="utf-8")
        keys.append(virtualenv.project_key(tmp_path))
    assert keys[0] == keys[1] != keys[2]


def test_a_changed_lock_changes_the_key(tmp_path: Path) -> None:
    """An environment made from another lock does not pass for the present one."""
    (tmp_path / virtualenv.LOCK).write_text("a==1", encoding="utf-8")
    before = virtualenv.lock_key(tmp_path)
    (tmp_path / virtualenv.LOCK).write_text("a==2", encoding="utf-8")
    assert virtualenv.lock_key(tmp_path) != before


def test_a_virtual_environment_is_made_by_the_python_outside_it() -> None:
    """Setup run by .venv's own Python does not remove the interpreter it needs."""
    assert not virtualenv.base_python().is_relative_to(ROOT / ".venv")


def test_one_setup_waits_for_another(tmp_path: Path) -> None:
    """While one process holds the lock, a second one cannot take it; it is free again afterwards."""
    path = tmp_path / "tools" / "setup.lock"
    attempt = (
        f"import fcntl; f = open({str(path)!r}, 'w')\n"
        "try: fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB); print('taken')\n"
        "except BlockingIOError: print('waiting')"
    )
    with setup.alone(path):
        assert run([sys.executable, "-c", attempt]) == "waiting\n"
    assert run([sys.executable, "-c", attempt]) == "taken\n"


def test_a_failed_command_says_its_last_words() -> None:
    """The error of a command is one line with what it printed last."""
    with pytest.raises(SetupError, match=r"^`\S+ -c .* failed: the cause$"):
        run([sys.executable, "-c", "import sys; sys.exit('the cause')"])


def test_a_command_that_is_not_there_is_one_line() -> None:
    """A missing program is a setup error and not a traceback."""
    with pytest.raises(SetupError, match="did not run"):
        run(["no-such-program-anywhere"])


def test_make_alone_lists_every_target() -> None:
    """Each target has a line of help, and `make` prints them all."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", text, re.MULTILINE))
    printed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607 - make on PATH
    assert set(re.findall(r"^  make (\w+) +\S", printed, re.MULTILINE)) == targets


def requirements(name: str) -> list[str]:
    """Return a lock's entries, one line each, without comments."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def names(name: str) -> set[str]:
    """Return the normalised names of the packages in a lock."""
    return {normal(line) for line in requirements(name)}


def normal(requirement: str) -> str:
    """Return a requirement's package name as indexes write it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement, maxsplit=1)[0]).lower()
