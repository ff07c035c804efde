"""Services in files: which files are read, what is refused, and that each problem names its file."""

from pathlib import Path
from typing import Any

import pytest

from openrouter_provider.config.files import MAX_FILE_BYTES, ServiceFiles, read_service_files
from openrouter_provider.config.problems import StackConfigError
from openrouter_provider.config.source import read_config
from openrouter_provider.config.stack import StackConfig, parse_stack_config

CANARY = "sk-or-v1-" + "c" * 24


def write(folder: Path, **files: str) -> None:
    """Write files into the folder `services`."""
    (folder / "services").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "services" / f"{name}.yaml").write_text(text, encoding="utf-8")


def read(folder: Path, *patterns: str) -> ServiceFiles:
    """Return what these patterns name."""
    return read_service_files(list(patterns), folder)


def parsed(folder: Path, services: Any = None, **settings: Any) -> StackConfig:
    """Return the config of a stack whose further services are in the folder `services`."""
    return parse_stack_config({"services": services, **settings}, "p/dev", read(folder, "services/*.yaml"))


def problems(folder: Path, services: Any = None, **settings: Any) -> dict[str, str]:
    """Return what is wrong with such a config, by path."""
    with pytest.raises(StackConfigError) as caught:
        parsed(folder, services, **settings)
    assert all(str(problem).isprintable() for problem in caught.value.problems)
    return {problem.path: problem.what for problem in caught.value.problems}


def test_services_of_all_files_are_the_stack_s(tmp_path: Path) -> None:
    """Services come from the stack's config and from every file, with the stack's defaults."""
    write(tmp_path, shop="checkout: {limit: 50}\nsearch: {}\n", support="bot:\n  limit: 5\n", empty="")
    found = parsed(tmp_path, {"own": None}, defaults={"limit": 1}).services
    assert {name: service.limit for name, service in found.items()} == {"own": 1, "checkout": 50, "search": 1, "bot": 5}


def test_services_may_all_be_in_files(tmp_path: Path) -> None:
    """The stack's own services may be missing or empty."""
    write(tmp_path, shop="checkout: {limit: 50}")
    assert list(parsed(tmp_path).services) == list(parsed(tmp_path, {}).services) == ["checkout"]


def test_a_problem_names_its_file(tmp_path: Path) -> None:
    """Whatever is checked, the path begins with the file in which the setting stands."""
    write(tmp_path, team="checkout: {limit: -1}\nsearch: {limit: 500, workspace: shop}\nbot: 5\n")
    found = problems(tmp_path, maxLimit=100, policy={"requireReset": True})
    assert set(found) == {
        "services/team.yaml: services.checkout.limit",
        "services/team.yaml: services.search.limit",
        "services/team.yaml: services.search.limitReset",
        "services/team.yaml: services.search.workspace",
        "services/team.yaml: services.bot",
    }


def test_a_service_in_two_places_names_both(tmp_path: Path) -> None:
    """Neither file wins over the other, nor over the stack's config."""
    write(tmp_path, a="checkout: {limit: 1}\nsearch: {limit: 1}\n", b="search: {limit: 2}\n")
    assert problems(tmp_path, {"checkout": {"limit": 1}}) == {
        "services/a.yaml: services.checkout": "stands in the stack's config too: keep one of the two",
        "services/b.yaml: services.search": "stands in services/a.yaml too: keep one of the two",
    }


@pytest.mark.parametrize(
    ("text", "path", "what"),
    [
        (f"a: {{limit: 1, adopt: {{hash: abc, key: {CANARY}}}}}", "services.a.adopt", "nothing encrypts in this file"),
        (f"a: {{limit: 1, tags: {{Team: [x, {CANARY}]}}}}", "services.a.tags.Team.1", "an OpenRouter key in plaintext"),
        (f"a: {{limit: 1, {CANARY}: 1}}", "services.a.sk-or-…", "an OpenRouter key in plaintext"),
        (f"{CANARY}: {{limit: 1}}", "services.sk-or-…", "is no service name"),
    ],
)
def test_a_credential_never_belongs_there(tmp_path: Path, text: str, path: str, what: str) -> None:
    """A key in a file is refused wherever it stands, and not repeated."""
    write(tmp_path, team=text)
    found = problems(tmp_path)
    assert list(found) == [f"services/team.yaml: {path}"]
    assert what in str(found)
    assert CANARY not in str(found)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: [", "is no YAML at line"),
        ("a: {limit: 1}\na: {limit: 2}", "has a twice"),
        ("a: &x {limit: 1}\nb: *x", "has an alias"),
        ("- a", "must be an object of services by name"),
        ("a: !!python/object/apply:os.getcwd []", "is no YAML at line"),
        ("a: " + "[" * 400, "goes too deep"),
        ("a: {limit: 1}\n---\nb: {limit: 1}", "is no YAML"),
        ("#" * (MAX_FILE_BYTES + 1), "is larger than"),
        ("a: \x1b[31m", "is no YAML"),
    ],
)
def test_a_file_that_is_no_list_of_services_is_named(tmp_path: Path, text: str, what: str) -> None:
    """Broken YAML, a name twice, what multiplies itself and what runs code are refused under the file's name."""
    write(tmp_path, team=text)
    ((path, said),) = problems(tmp_path).items()
    assert path == "services/team.yaml"
    assert what in said


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """A file has to be UTF-8."""
    (tmp_path / "x.yaml").write_bytes(b"a: \xff\xfe")
    assert "is no YAML in UTF-8" in str(read(tmp_path, "x.yaml").problems)


@pytest.mark.parametrize(
    ("text", "value"),
    [("NO", "NO"), ("12:30", "12:30"), ("2027-01-01", "2027-01-01"), ("'1'", "1"), ("on", "on"), ("010", "010")],
)
def test_plain_words_stay_texts(tmp_path: Path, text: str, value: str) -> None:
    """A country's code, a time and a date are the texts that they look like, as in the stack's config."""
    write(tmp_path, team=f"a: {{limit: 1, tags: {{Value: {text}}}}}")
    assert parsed(tmp_path).services["a"].tags == {"Value": value}


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("../other.yaml", "must be a path within the project's folder"),
        ("services/../../other.yaml", "must be a path within the project's folder"),
        ("/etc/passwd", "must be a path within the project's folder"),
        ("C:\\other.yaml", "must be a path within the project's folder"),
        ("\\\\host\\share", "must be a path within the project's folder"),
        ("", "must be a path within the project's folder"),
        ("nothing/*.yaml", "names no file"),
        ("services", "names no file"),
        ("a\x00b", "names no file"),
        ("services/**x", "can't be looked for"),
        ("link.yaml", "leads out of the project's folder by a link"),
        ("linked/*.yaml", "leads out of the project's folder by a link"),
    ],
)
def test_only_files_of_the_project_are_read(tmp_path: Path, pattern: str, what: str) -> None:
    """What is elsewhere, missing or no path at all is refused by its place in the list, and not repeated."""
    project, outside = tmp_path / "project", tmp_path / "outside"
    project.mkdir()
    outside.mkdir()
    write(project, team="a: {limit: 1}")
    (outside / "other.yaml").write_text("b: {limit: 1}", encoding="utf-8")
    (project / "link.yaml").symlink_to(outside / "other.yaml")
    (project / "linked").symlink_to(outside)
    found = read(project, "services/team.yaml", pattern)
    assert [file.name for file in found.files] == ["services/team.yaml"]
    assert [problem.path for problem in found.problems] == ["servicesFrom.1"]
    assert what in found.problems[0].what


@pytest.mark.parametrize("setting", ["services/*.yaml", {"a": 1}, [5], 5, [None]])
def test_the_setting_is_a_list_of_paths(tmp_path: Path, setting: Any) -> None:
    """Anything else says how one looks."""
    (problem,) = read_service_files(setting, tmp_path).problems
    assert str(problem) == 'servicesFrom: must be a list of paths in the project\'s folder, like ["services/*.yaml"]'


def test_a_file_that_two_patterns_name_is_read_once(tmp_path: Path) -> None:
    """Overlapping patterns are no service in two places."""
    write(tmp_path, team="a: {limit: 1}")
    assert len(read(tmp_path, "services/*.yaml", "services/team.yaml", "**/*.yaml").files) == 1


def test_a_file_s_name_does_nothing_to_a_terminal(tmp_path: Path) -> None:
    """An escape in a file's name is not printed."""
    (tmp_path / "x\x1b[31m\n.yaml").write_text("a: 5", encoding="utf-8")
    with pytest.raises(StackConfigError) as caught:
        parse_stack_config({}, "p/dev", read(tmp_path, "*.yaml"))
    assert [str(problem).isprintable() for problem in caught.value.problems] == [True]


def test_program_and_commands_read_alike(tmp_path: Path) -> None:
    """One reader turns the settings' texts and the files into the config."""
    write(tmp_path, team="checkout: {limit: 50}")
    texts = {"services": "{}", "servicesFrom": '["services/*.yaml"]', "maxLimit": "50", "namePrefix": "7"}
    raw = read_config({f"openrouter-keys:{name}": text for name, text in texts.items()}.get, tmp_path)
    config = raw.parsed("dev")
    assert (config.name_prefix, config.paths["checkout"]) == ("7", "services/team.yaml: services.checkout")
