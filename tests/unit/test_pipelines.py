"""The pipeline files that people copy: they parse, ask for little, and the scanners' rules find keys."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PIPELINES = ROOT / "examples" / "pipelines"
ACTIONS = [*sorted(PIPELINES.glob("github-*.yml")), ROOT / ".github" / "workflows" / "ci.yml"]
WORKFLOWS = ("github-actions.yml", "github-secret-scanning.yml")
# Built here, so that no file holds what the scanners look for.
PLANTED = "sk-or-" + "v1-" + "0123456789abcdef" * 4
PLANTED_MANAGEMENT = "sk-or-" + "mgmt-" + "aB3x" * 10
GITLAB = ("gitlab-ci.yml", "gitlab-jobs.yml")
PINNED = re.compile(r"^ *- uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
NODE_24 = {
    "actions/cache": 5,
    "actions/checkout": 5,
    "actions/setup-python": 6,
    "actions/upload-artifact": 6,
    "aws-actions/configure-aws-credentials": 6,
    "pulumi/actions": 7,
}
"""The first major version of each action that runs on Node 24: the runners have no older Node any more."""
SECRETS = ("OPENROUTER_MANAGEMENT_KEY", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_ACCESS_TOKEN")
STATES = ("S3 and KMS", "passphrase", "cloud")
HARMLESS = ("a key looks like sk-or-v1-...", "sk-or-v1-b95...49f7", "sk-or-v1-canary", "task-or-v1-" + "0" * 64)


def workflow(name: str, state: str = STATES[0]) -> dict[str, Any]:
    """Return a GitHub workflow, as for a kind of state; YAML 1.1 reads its key `on` as true."""
    text = re.sub(rf"^( *)# {state}: ", r"\1", (PIPELINES / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    loaded: dict[Any, Any] = yaml.safe_load(text)
    return {"on" if key is True else str(key): value for key, value in loaded.items()}


def gitlab() -> dict[str, Any]:
    """Return the GitLab pipeline with what it includes."""
    loaded: dict[str, Any] = {}
    for name in GITLAB:
        loaded |= yaml.safe_load((PIPELINES / name).read_text(encoding="utf-8"))
    return loaded


def text_of(job: dict[str, Any]) -> str:
    """Return everything a job runs."""
    return "\n".join([*(step.get("run", "") for step in job.get("steps", [])), *job.get("script", [])])


def policy(name: str) -> list[dict[str, Any]]:
    """Return a policy's statements."""
    loaded = json.loads((PIPELINES / "iam" / name).read_text(encoding="utf-8"))
    assert loaded["Version"] == "2012-10-17"
    statements: list[dict[str, Any]] = loaded["Statement"]
    return statements


def listed(value: str | list[str]) -> list[str]:
    """Return one or many texts as a list."""
    return [value] if isinstance(value, str) else value


def actions(name: str) -> set[str]:
    """Return the actions that a policy allows."""
    return {action for statement in policy(name) for action in listed(statement["Action"])}


def rules() -> dict[str, re.Pattern[str]]:
    """Return the scanners' regular expressions, by scanner and rule."""
    gitleaks = tomllib.loads((ROOT / ".gitleaks.toml").read_text(encoding="utf-8"))
    trufflehog = yaml.safe_load((PIPELINES / "trufflehog.yaml").read_text(encoding="utf-8"))
    found = {f"gitleaks:{rule['id']}": rule["regex"] for rule in gitleaks["rules"]}
    for detector in trufflehog["detectors"]:
        found |= {f"trufflehog:{detector['name']}:{name}": regex for name, regex in detector["regex"].items()}
    return {name: re.compile(regex) for name, regex in found.items()}


def caught_by(text: str) -> set[str]:
    """Return which scanners find something in a text."""
    return {name.partition(":")[0] for name, pattern in rules().items() if pattern.search(text)}


def tracked() -> Iterator[Path]:
    """Yield the files that git tracks or would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    yield from (path for name in names.decode().split("\0") if name and (path := ROOT / name).is_file())


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_grant_each_job_its_own_least(name: str) -> None:
    """A workflow's token has no permission by default, and no job may write anything but ask for an OIDC token."""
    loaded = workflow(name)
    assert loaded["permissions"] == {}
    for job in loaded["jobs"].values():
        assert set(job["permissions"].items()) <= {("contents", "read"), ("id-token", "write")}
        assert job["timeout-minutes"] <= 30


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_checkout_keeps_no_credential(name: str) -> None:
    """A checkout leaves no token behind."""
    steps = [step for job in workflow(name)["jobs"].values() for step in job["steps"]]
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("path", ACTIONS, ids=lambda path: path.name)
def test_actions_are_pinned_to_the_commit_of_a_release(path: Path) -> None:
    """Each action of others names a commit, and behind it the release, which runs on a Node that runners have."""
    used = [
        line for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line and "uses: ./" not in line
    ]
    assert used
    for line in used:
        assert PINNED.match(line), line
        action, _, version = line.partition("uses: ")[2].partition("@")
        assert int(re.findall(r"# v(\d+)\.", version)[0]) >= NODE_24[action], line


def test_one_action_is_one_commit() -> None:
    """The files name the same commit of an action everywhere, so that one update moves all."""
    texts = "".join(path.read_text(encoding="utf-8") for path in ACTIONS)
    pins = set(re.findall(r"uses: ([\w./-]+)@([0-9a-f]{40})", texts))
    assert len(pins) == len({action for action, _ in pins})


def test_scanners_are_pinned_to_digests() -> None:
    """The scanners' images name a release and its digest, the same ones on GitHub and on GitLab."""
    texts = [(PIPELINES / name).read_text(encoding="utf-8") for name in (WORKFLOWS[1], GITLAB[0])]
    images = [set(re.findall(r"[\w./-]+/(?:gitleaks|trufflehog):v?[\d.]+@sha256:[0-9a-f]{64}", text)) for text in texts]
    assert len(images[0]) == 2
    assert images[0] == images[1]


@pytest.mark.parametrize("state", STATES)
def test_secrets_are_at_the_steps_that_need_them(state: str) -> None:
    """No job's or workflow's environment has a secret, and only steps that run Pulumi or openrouter-keys get one."""
    loaded = workflow(WORKFLOWS[0], state)
    for job in loaded["jobs"].values():
        assert "secrets." not in json.dumps([job["env"], loaded["env"]])
        for step in job["steps"]:
            if "secrets." in json.dumps(step):
                assert re.match(r"(?:code=0\n)?(pulumi|openrouter-keys) ", step["run"]), step
    setup = (PIPELINES / "github-setup.yml").read_text(encoding="utf-8")
    assert "secrets." not in setup
    assert "inputs" not in setup


@pytest.mark.parametrize(("state", "own"), [(STATES[0], None), (STATES[1], SECRETS[1]), (STATES[2], SECRETS[2])])
def test_each_kind_of_state_has_its_secret(state: str, own: str | None) -> None:
    """A state by KMS needs no secret but the management key; the two others have theirs at each step that has that."""
    steps = [step for job in workflow(WORKFLOWS[0], state)["jobs"].values() for step in job["steps"]]
    given = [step["env"] for step in steps if SECRETS[0] in step.get("env", {})]
    assert len(given) == 5
    assert all(set(env) == {SECRETS[0], *([own] if own else [])} for env in given)
    listing = next(step for step in steps if step.get("id") == "list")
    assert set(listing.get("env", {})) == ({SECRETS[2]} if state == "cloud" else set())


def test_each_stack_gets_an_up_of_its_own() -> None:
    """The stacks are asked for in each run, and each has its environment and one run at a time."""
    jobs = workflow(WORKFLOWS[0])["jobs"]
    assert "openrouter-keys stacks --format json" in text_of(jobs["stacks"])
    assert jobs["up"]["needs"] == "stacks"
    assert jobs["up"]["strategy"]["matrix"] == {"stack": "${{ fromJSON(needs.stacks.outputs.names) }}"}
    assert jobs["up"]["environment"] == "${{ matrix.stack }}"


def test_gitlab_writes_an_up_for_each_stack(tmp_path: Path) -> None:
    """What the job `stacks` runs turns the list into a pipeline of one job a stack."""
    (tmp_path / "stacks.json").write_text(json.dumps([{"name": "prod"}, {"name": "eu.prod"}]), encoding="utf-8")
    program = re.search(r"<<'END'\n(.*)^END$", gitlab()["stacks"]["script"][1], re.DOTALL | re.MULTILINE)
    assert program
    printed = subprocess.run(
        [sys.executable, "-c", program[1]], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert yaml.safe_load(printed.stdout) == {
        "include": [{"local": ".gitlab/openrouter-keys.yml"}],
        "up prod": {"extends": ".up", "variables": {"STACK": "prod"}},
        "up eu.prod": {"extends": ".up", "variables": {"STACK": "eu.prod"}},
    }


def test_what_is_installed_is_kept() -> None:
    """Packages and the AWS plugin come from a cache that their lock names, on both."""
    setup = yaml.safe_load((PIPELINES / "github-setup.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    assert setup[0]["with"]["cache-dependency-path"] == "requirements.txt"
    assert "hashFiles('requirements.txt')" in setup[2]["with"]["key"]
    assert gitlab()[".project"]["cache"]["key"] == {"files": ["requirements.txt"]}
    for script in (setup[3]["run"], "\n".join(gitlab()[".project"]["before_script"])):
        assert script.count("pulumi plugin install resource aws") == 1
        assert "--require-hashes" in script


def test_no_pipeline_pipes_a_download_into_a_shell() -> None:
    """What runs is pinned: no script from the network, and an image of a version."""
    for path in PIPELINES.glob("*.yml"):
        assert not re.search(r"curl|wget|\| *(ba)?sh\b|:latest", path.read_text(encoding="utf-8")), path.name
    assert re.fullmatch(r"pulumi/pulumi-python-3\.\d+:\d+\.\d+\.\d+", gitlab()[".project"]["image"]["name"])


def test_workflow_covers_preview_up_drift_and_rotation() -> None:
    """Pull requests preview and report; merges and nights deploy one at a time; every hour checks for drift."""
    loaded = workflow("github-actions.yml")
    crons = [entry["cron"] for entry in loaded["on"]["schedule"]]
    assert {"pull_request", "push", "schedule"} <= set(loaded["on"])
    assert any(re.fullmatch(r"\d+ \* \* \* \*", cron) for cron in crons)
    assert any(re.fullmatch(r"\d+ \d+ \* \* \*", cron) for cron in crons)
    preview, stacks, up, drift = (loaded["jobs"][name] for name in ("preview", "stacks", "up", "drift"))
    assert "pulumi preview" in text_of(preview)
    assert "drift --all" in text_of(preview)
    assert '--format markdown >> "$GITHUB_STEP_SUMMARY"' in text_of(preview)
    assert "pulumi up --yes --refresh" in text_of(up)
    assert "openrouter-keys drift" in text_of(drift)
    assert all(cron in stacks["if"] + drift["if"] for cron in crons)
    assert up["concurrency"] == {"group": "openrouter-keys-${{ matrix.stack }}", "cancel-in-progress": False}
    assert "head.repo.full_name == github.repository" in preview["if"]
    for job in (preview, stacks, up, drift):
        assert any(step.get("uses", "").startswith("aws-actions/configure-aws-credentials@") for step in job["steps"])


def test_gitlab_covers_the_same() -> None:
    """Merge requests preview and report; the default branch and nights deploy one at a time; drift is checked."""
    loaded = gitlab()
    assert "pulumi preview" in text_of(loaded["preview"])
    assert "--format markdown" in text_of(loaded["preview"])
    assert "pulumi up --yes --refresh" in text_of(loaded[".up"])
    assert "openrouter-keys drift" in text_of(loaded["drift"])
    assert loaded[".up"]["resource_group"] == "openrouter-keys-$STACK"
    assert loaded[".up"]["interruptible"] is False
    assert loaded["up"]["trigger"]["strategy"] == "depend"
    assert loaded[".project"]["id_tokens"]["AWS_TOKEN"]["aud"] == "sts.amazonaws.com"
    assert {"gitleaks", "trufflehog"} <= set(loaded)
    assert {job["stage"] for job in loaded.values() if isinstance(job, dict) and "stage" in job} == set(
        loaded["stages"]
    )


@pytest.mark.parametrize("name", [*WORKFLOWS, "github-setup.yml", *GITLAB])
def test_pipelines_print_no_secret(name: str) -> None:
    """No pipeline asks Pulumi to show secrets, logs at a level that holds them, or writes a static AWS key."""
    text = (PIPELINES / name).read_text(encoding="utf-8")
    assert not re.search(r"--show-secrets|-v=?9|AWS_SECRET_ACCESS_KEY|AWS_ACCESS_KEY_ID|set -x", text)


@pytest.mark.parametrize("name", sorted(path.name for path in (PIPELINES / "iam").glob("*.json")))
def test_policies_name_their_actions_and_resources(name: str) -> None:
    """No policy allows an action by wildcard, and none that a role carries a resource that is everything."""
    for statement in policy(name):
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in listed(statement["Action"]))
        assert "NotAction" not in statement
        if "Principal" not in statement:
            assert "*" not in listed(statement["Resource"])


def test_reader_may_read_one_secret_and_nothing_else() -> None:
    """A service's policy has the two reading actions, on one secret, and the decryption through Secrets Manager."""
    assert actions("reader.json") == {
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "kms:Decrypt",
    }
    assert listed(policy("reader.json")[0]["Resource"])[0].endswith(":secret:acme/prod/checkout/openrouter-??????")


def test_previewer_may_write_nothing() -> None:
    """The role of previews and drift checks is the deployer's without what writes."""
    assert actions("previewer.json") < actions("deployer.json")
    writing = re.compile(r":(Put|Create|Delete|Update|Tag|Untag|Restore)")
    assert not any(writing.search(action) for action in actions("previewer.json"))


def test_github_trust_takes_both_subjects_of_one_repository() -> None:
    """The deployer's role trusts a job on main and a job of the environment prod, spelled out, for AWS's audience."""
    (statement,) = policy("trust-github.json")
    issuer = "token.actions.githubusercontent.com"
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Condition"] == {
        "StringEquals": {
            f"{issuer}:aud": "sts.amazonaws.com",
            f"{issuer}:sub": ["repo:ORG/REPO:ref:refs/heads/main", "repo:ORG/REPO:environment:prod"],
        }
    }


@pytest.mark.parametrize("planted", [PLANTED, PLANTED_MANAGEMENT])
@pytest.mark.parametrize("around", ["{}", 'KEY="{}"', "https://x.example/?k={}&y", "Bearer {}\n", "'{}',"])
def test_rules_catch_a_planted_key(planted: str, around: str) -> None:
    """Both scanners find a key of either kind wherever it stands."""
    assert caught_by(around.format(planted)) == {"gitleaks", "trufflehog"}


@pytest.mark.parametrize("text", HARMLESS)
def test_rules_pass_what_is_no_key(text: str) -> None:
    """A placeholder, a masked label and a longer word are no keys."""
    assert caught_by(text) == set()


def test_rules_pass_this_repository() -> None:
    """No tracked file is found, so that nothing has to be allowed."""
    patterns = rules().values()
    found = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if any(pattern.search(path.read_text(encoding="utf-8", errors="replace")) for pattern in patterns)
    ]
    assert found == []
    assert "allowlist" not in tomllib.loads((ROOT / ".gitleaks.toml").read_text(encoding="utf-8"))


def test_rules_are_found_by_their_keywords() -> None:
    """A rule of gitleaks runs only where one of its keywords stands, so each must be in what the rule catches."""
    gitleaks = tomllib.loads((ROOT / ".gitleaks.toml").read_text(encoding="utf-8"))
    for rule in gitleaks["rules"]:
        planted = PLANTED if re.search(rule["regex"], PLANTED) else PLANTED_MANAGEMENT
        assert any(keyword in planted for keyword in rule["keywords"])
