"""The pipeline files that people copy: they parse, ask for little, and the scanners' rules find keys."""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PIPELINES = ROOT / "examples" / "pipelines"
WORKFLOWS = ("github-actions.yml", "github-secret-scanning.yml")
# Built here, so that no file holds what the scanners look for.
PLANTED = "sk-or-" + "v1-" + "0123456789abcdef" * 4
PLANTED_MANAGEMENT = "sk-or-" + "mgmt-" + "aB3x" * 10
PINNED = re.compile(r"[\w./-]+@v\d+(\.\d+)*")
HARMLESS = ("a key looks like sk-or-v1-...", "sk-or-v1-b95...49f7", "sk-or-v1-canary", "task-or-v1-" + "0" * 64)


def workflow(name: str) -> dict[str, Any]:
    """Return a GitHub workflow; YAML 1.1 reads its key `on` as true."""
    loaded: dict[Any, Any] = yaml.safe_load((PIPELINES / name).read_text(encoding="utf-8"))
    return {"on" if key is True else str(key): value for key, value in loaded.items()}


def gitlab() -> dict[str, Any]:
    """Return the GitLab pipeline."""
    loaded: dict[str, Any] = yaml.safe_load((PIPELINES / "gitlab-ci.yml").read_text(encoding="utf-8"))
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
def test_actions_are_pinned_and_keep_no_credential(name: str) -> None:
    """Each action names a version, and a checkout leaves no token behind."""
    steps = [step for job in workflow(name)["jobs"].values() for step in job["steps"] if "uses" in step]
    assert steps
    for step in steps:
        assert PINNED.fullmatch(step["uses"]), step["uses"]
        if step["uses"].startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_workflow_covers_preview_up_drift_and_rotation() -> None:
    """Pull requests preview and report; merges and nights deploy one at a time; every hour checks for drift."""
    loaded = workflow("github-actions.yml")
    crons = [entry["cron"] for entry in loaded["on"]["schedule"]]
    assert {"pull_request", "push", "schedule"} <= set(loaded["on"])
    assert any(re.fullmatch(r"\d+ \* \* \* \*", cron) for cron in crons)
    assert any(re.fullmatch(r"\d+ \d+ \* \* \*", cron) for cron in crons)
    preview, up, drift = (loaded["jobs"][name] for name in ("preview", "up", "drift"))
    assert "pulumi preview" in text_of(preview)
    assert "drift --stack" in text_of(preview)
    assert '--format markdown >> "$GITHUB_STEP_SUMMARY"' in text_of(preview)
    assert "pulumi up --yes --refresh" in text_of(up)
    assert "openrouter-keys drift" in text_of(drift)
    assert all(cron in up["if"] + drift["if"] for cron in crons)
    assert up["concurrency"] == {"group": "openrouter-keys-prod", "cancel-in-progress": False}
    assert "head.repo.full_name == github.repository" in preview["if"]
    for job in (preview, up, drift):
        assert any(step.get("uses", "").startswith("aws-actions/configure-aws-credentials@") for step in job["steps"])


def test_gitlab_covers_the_same() -> None:
    """Merge requests preview and report; the default branch and nights deploy one at a time; drift is checked."""
    loaded = gitlab()
    assert "pulumi preview" in text_of(loaded["preview"])
    assert "--format markdown" in text_of(loaded["preview"])
    assert "pulumi up --yes --refresh" in text_of(loaded["up"])
    assert "openrouter-keys drift" in text_of(loaded["drift"])
    assert loaded["up"]["resource_group"]
    assert loaded["up"]["interruptible"] is False
    assert loaded[".stack"]["id_tokens"]["AWS_TOKEN"]["aud"] == "sts.amazonaws.com"
    assert {"gitleaks", "trufflehog"} <= set(loaded)
    assert {job["stage"] for job in loaded.values() if isinstance(job, dict) and "stage" in job} == set(
        loaded["stages"]
    )


@pytest.mark.parametrize("name", [*WORKFLOWS, "gitlab-ci.yml"])
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
