"""What is run for many stacks, what is kept of it, and what is said at the end."""

import json
from pathlib import Path

import pytest

from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.operations.each_stack import answered, as_objects, ask_each, failures
from openrouter_provider.operations.fleet.errands import Errand, cause_in, counts_in, stacks_of_errand
from openrouter_provider.operations.fleet.logs import SHOWN_LINES, StackLog, last_lines
from openrouter_provider.operations.fleet.outcomes import Ending, StackRun, as_object, is_trouble, summary, totals
from openrouter_provider.operations.tables import Listing, after_lines, tab_separated

CANARY = "sk-or-v1-" + "c" * 24
RUNS = [
    StackRun("eu", Ending.DONE, {"create": 2, "same": 3, "read": 1}, 4.2),
    StackRun("us", Ending.FAILED, {"update": 1}, 3.0, "error \x1b[31mof " + CANARY),
]


def test_an_errand_names_its_stack_and_never_selects_it() -> None:
    """Each run is told its stack; what the caller adds comes last."""
    words = Errand("up", ("--refresh",)).words("eu")
    assert words[:5] == ["up", "--yes", "--skip-preview", "--stack", "eu"]
    assert words[-1] == "--refresh"
    assert Errand("preview").words("eu")[:3] == ["preview", "--stack", "eu"]


@pytest.mark.parametrize("word", ["--stack", "-s", "--stack=us", "--cwd", "--show-secrets", "--json"])
def test_what_would_lead_a_run_elsewhere_is_refused(word: str) -> None:
    """Another stack, another folder, secrets in the clear, or an output that nobody could read."""
    with pytest.raises(ConfigurationError, match="can't be passed on"):
        Errand("up", (word,))


def test_every_stack_is_each_that_has_a_file(tmp_path: Path) -> None:
    """By name; a folder without a project, and one without a stack's file, say what to do."""
    with pytest.raises(ConfigurationError, match=r"no Pulumi\.yaml here"):
        stacks_of_errand(tmp_path, [], every=True)
    (tmp_path / "Pulumi.yaml").write_text("name: p\n")
    with pytest.raises(ConfigurationError, match="no stack's file"):
        stacks_of_errand(tmp_path, [], every=True)
    for name in ("us", "eu"):
        (tmp_path / f"Pulumi.{name}.yaml").write_text("{}")
    assert stacks_of_errand(tmp_path, [], every=True) == ["eu", "us"]
    assert stacks_of_errand(tmp_path, ["us", "eu", "us"], every=False) == ["us", "eu"]
    with pytest.raises(ConfigurationError, match="not both"):
        stacks_of_errand(tmp_path, ["us"], every=True)


def test_the_engine_s_own_summary_counts(tmp_path: Path) -> None:
    """The last summary of the run's events; none where the run came to none."""
    events = tmp_path / "events"
    assert counts_in(events) == {}
    lines = [{"preludeEvent": {}}, {"summaryEvent": {"resourceChanges": {"create": 2}}}, {"cancelEvent": {}}]
    events.write_text("\n".join(map(json.dumps, lines)))
    assert counts_in(events) == {"create": 2}


@pytest.mark.parametrize(
    ("lines", "cause"),
    [
        (["error: no stack named 'x' found"], "no stack named 'x' found"),
        (["  error: a: b", " error: an unhandled error occurred: exit code 1"], "a: b"),
        ([" + Stack create error: an unhandled error occurred: 1", "  error: really"], "really"),
        (
            ["error: 1 problem in the config:", "  extends: names no file"],
            "1 problem in the config: extends: names no file",
        ),
        (["error: update failed"], "update failed"),
        ([], ""),
    ],
)
def test_the_first_error_that_says_something_is_the_cause(lines: list[str], cause: str) -> None:
    """Not the engine's own words that there was one."""
    assert cause_in(lines) == cause


def test_a_preview_speaks_of_what_is_ahead() -> None:
    """The same numbers under other names."""
    run = StackRun("eu", Ending.DONE, {"create": 2, "same": 1})
    assert (run.said("preview"), run.said("up")) == ("done, 2 to create, 1 unchanged", "done, 2 created, 1 unchanged")
    assert "to create" in written(summary("preview", [run], 1.0))


def test_output_is_kept_without_keys_where_git_leaves_it_out(tmp_path: Path) -> None:
    """What a terminal acts on is written out; what comes with an error is at hand."""
    with StackLog(tmp_path, "acme/eu", "up") as log:
        log.write(f"fine \x1b[31m{CANARY}")
        log.write("error: broken")
        log.write("  * because")
    text = log.path.read_text()
    assert (CANARY in text, "\x1b" in text, "sk-or-…" in text) == (False, False, True)
    assert (log.path.name, log.errors) == ("acme_eu.up.log", ["error: broken", "  * because"])
    assert (tmp_path / ".openrouter-keys" / ".gitignore").read_text() == "*\n"
    assert len(last_lines(log.path)) == 3


def test_a_long_output_s_end_is_shown(tmp_path: Path) -> None:
    """A first line says where the rest is."""
    path = tmp_path / "log"
    path.write_text("".join(f"{number}\n" for number in range(SHOWN_LINES + 5)))
    first, *rest = last_lines(path)
    assert (str(path) in first, rest[0], len(rest)) == (True, "5", SHOWN_LINES)


def written(table: Listing) -> str:
    """Return a table as a pipe gets it, with what is said after it."""
    return tab_separated([table]) + "".join(after_lines([table]))


def test_the_summary_has_a_row_a_stack_and_the_sums() -> None:
    """Counts by what was done, the ending, the time; no key and no escape gets into it."""
    text = written(summary("up", RUNS, 5.0))
    assert "up of 2 stacks: 1 done, 1 failed; 2 created, 1 updated, 3 unchanged; 5 s" in text
    assert (CANARY in text, "\x1b[31m" in text) == (False, False)
    assert totals("preview", [StackRun("eu", Ending.DONE)], 1.0) == "preview of 1 stack: 1 done; nothing there; 1 s"


def test_unchanged_and_read_resources_are_no_changes() -> None:
    """A preview that only reads finds nothing; anything not done is trouble."""
    assert [run.changes for run in RUNS] == [2, 1]
    assert StackRun("eu", Ending.DONE, {"same": 3, "read": 1, "refresh": 1}).changes == 0
    assert [is_trouble([run]) for run in RUNS] == [False, True]
    assert is_trouble([StackRun("eu", Ending.NOT_STARTED)])


def test_one_stack_s_silence_hides_no_other_s_answer() -> None:
    """Answers in the order given; an expected error and an unexpected one are lines of their own, without a key."""

    def ask(stack: str) -> dict[str, str]:
        if stack == "missing":
            raise ConfigurationError("no such stack")
        if stack == "broken":
            raise KeyError(CANARY)
        return {"stack": stack}

    lines: list[str] = []
    answers = ask_each(["missing", "eu", "broken"], ask, lambda stack, doing: lines.append(f"{stack} {doing}"))
    assert answered(answers) == [{"stack": "eu"}]
    assert [line.partition(": ")[0] for line in failures(answers)] == ["stack missing", "stack broken"]
    assert CANARY not in str(as_objects(answers, lambda found: found))
    assert [each["stack"] for each in as_objects(answers, lambda found: found)["stacks"]] == ["missing", "eu", "broken"]
    assert {"missing failed", "eu done", "broken failed"} < set(lines)


def test_the_summary_is_had_by_programs_too() -> None:
    """Each stack has its ending, its counts by the engine's words, and the path of its log as text."""
    found = json.loads(json.dumps(as_object("up", RUNS)))
    assert (found["command"], [each["stack"] for each in found["stacks"]]) == ("up", [run.stack for run in RUNS])
    assert found["stacks"][0]["counts"] == dict(RUNS[0].counts)
