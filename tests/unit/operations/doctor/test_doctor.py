"""Each of doctor's checks: what is fine, what is a finding, and that one that breaks stops no other."""

import json
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from packaging.requirements import Requirement

from openrouter_provider.api.quota import Quota
from openrouter_provider.config.source import RawConfig
from openrouter_provider.operations.doctor import ahead as doctor_changes
from openrouter_provider.operations.doctor import examine as doctor
from openrouter_provider.operations.doctor import store_needs as doctor_stores
from openrouter_provider.operations.doctor.examination import Checked, Examination, Health, Ran, run_command
from openrouter_provider.operations.doctor.host import check_host
from openrouter_provider.operations.host_override import EXECUTABLE
from tests.harness import ROOT
from tests.unit.api_fixtures import BASE_URL, CANARY

NOW = datetime(2027, 1, 1, tzinfo=UTC)
STACKS = [{"name": "dev", "current": True}, {"name": "prod", "current": False}]
WELL = {
    "version": Ran(0, "v3.259.0\n"),
    "plugin": Ran(0, json.dumps([{"name": "aws", "version": doctor_stores.installed("pulumi-aws")}])),
    "stack": Ran(0, json.dumps(STACKS)),
    "stack export": Ran(0, json.dumps({"deployment": {}})),
    "stack rename": Ran(255, err="error: stack organization/openrouter-keys/dev already exists"),
    "stack --show-name": Ran(0, "dev\n"),
    "config": Ran(
        0,
        json.dumps(
            {
                "aws:region": {"value": "us-east-1"},
                "openrouter-keys:services": {"value": json.dumps({"checkout": {"limit": 1}})},
            }
        ),
    ),
}


ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:acme/dev/checkout/openrouter"


REFUSED = (
    "secretsmanager:DescribeSecret failed for 1 of 1, openrouter-keys/stack/checkout/openrouter first: AccessDenied"
)


class Aws:
    """An AWS that lets everything pass, or nothing."""

    def __init__(self, *failing: str, error: Exception | None = None) -> None:
        self.failing = failing
        self.error = error or ClientError({"Error": {"Code": "AccessDenied"}}, "x")

    def get_caller_identity(self) -> dict[str, str]:
        """Answer who is calling."""
        return self._answer("sts", {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:role/x"})

    @property
    def meta(self) -> Any:
        """What AWS's clients know of themselves."""
        return SimpleNamespace(region_name="us-east-1")

    def describe_secret(self, SecretId: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        """Answer of a secret: the second of two is marked for deletion."""
        return self._answer("secretsmanager", {"DeletedDate": NOW} if SecretId == f"{ARN}-2" else {})

    def _answer(self, service: str, answer: dict[str, Any]) -> dict[str, Any]:
        if service in self.failing:
            raise self.error
        return answer


def api(is_management_key: bool = True, skew: timedelta = timedelta(0)) -> httpx.MockTransport:
    """Return an API that refuses whoever brings no credential."""
    date = {"Date": format_datetime(NOW + skew, usegmt=True)}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers.get("Authorization") is None:
            return httpx.Response(401, json={"error": {"code": 401, "message": "No auth"}}, headers=date)
        data = {"label": "sk-or-…", "is_management_key": is_management_key}
        return httpx.Response(200, json={"data": data}, headers=date)

    return httpx.MockTransport(answer)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a project in it."""
    (tmp_path / "Pulumi.yaml").write_text("plugins: {providers: [{name: pulumi-python, path: host}]}")
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / EXECUTABLE).touch(0o755)
    return tmp_path


def examination(project: Path, answers: dict[str, Ran] | None = None, **others: Any) -> Examination:
    """Return a examination on which all is well but for what is given."""
    told = {**WELL, **(answers or {})}

    def run(arguments: Sequence[str], _folder: Path) -> Ran:
        return told.get(" ".join(arguments[1:3]), told[arguments[1]])

    environment = {"OPENROUTER_MANAGEMENT_KEY": CANARY, "OPENROUTER_BASE_URL": BASE_URL}
    well: dict[str, Any] = {"environment": environment, "run": run, "find": lambda name: f"/bin/{name}"}
    well |= {"transport": api(), "aws": lambda _service, _config: Aws(), "now": lambda: NOW}
    return Examination(project, **{**well, **others})


def found(lines: list[Checked]) -> dict[str, str]:
    """Return the findings by name."""
    return {line.name: line.text for line in lines if line.verdict is Health.FINDING}


def test_where_all_is_well_every_line_is_ok(project: Path) -> None:
    """Nothing is found, and no line holds the credential."""
    lines = doctor.examine(examination(project))
    assert {line.verdict for line in lines} == {Health.OK}
    assert CANARY not in repr(lines)
    assert len(lines) == 14


@pytest.mark.parametrize(
    ("answers", "name", "text"),
    [
        ({"version": Ran(-2, err="error: it can't be run")}, "pulumi", "cannot be run: it can't be run"),
        ({"version": Ran(0, "v3.225.9")}, "pulumi", "3.225.9 is older than 3.226.0"),
        ({"plugin": Ran(0, "[]")}, "aws plugin", "is not installed"),
        ({"plugin": Ran(1, err="error: no home")}, "aws plugin", "plugins cannot be listed: no home"),
        ({"stack": Ran(-1, err="error: no answer within 8 s")}, "backend", "cannot be read: no answer within 8 s"),
        ({"stack": Ran(0, "[]")}, "stack", "none is selected"),
        ({"config": Ran(1, err=f"error: incorrect passphrase {CANARY}")}, "stack", "incorrect passphrase"),
    ],
)
def test_findings_of_pulumi(project: Path, answers: dict[str, Ran], name: str, text: str) -> None:
    """Each is one finding with its fix, told without anything that looks like a secret."""
    lines = doctor.examine(examination(project, answers))
    assert list(found(lines)) == [name]
    assert text in found(lines)[name]
    assert CANARY not in repr(lines)
    assert all(line.fix for line in lines if line.verdict is Health.FINDING)


def test_a_stack_that_is_not_there_is_a_finding(project: Path) -> None:
    """The stack that was asked for is looked for, also under its full name."""
    assert found(doctor.check_stack(examination(project, stack="staging"))) == {"stack": "there is no stack staging"}
    assert found(doctor.check_stack(examination(project, stack="organization/openrouter-keys/prod"))) == {}


def test_no_project_is_a_finding(tmp_path: Path) -> None:
    """Outside a project the other checks still run."""
    lines = doctor.examine(examination(tmp_path))
    assert list(found(lines)) == ["project"]
    assert "endpoint" in [line.name for line in lines]


def test_the_language_host_may_lie_beside_pulumi(project: Path, tmp_path: Path) -> None:
    """It is looked for on PATH, then beside pulumi."""
    (tmp_path / "pulumi").touch()
    beside = examination(project, find=lambda name: str(tmp_path / "pulumi") if name == "pulumi" else None)
    assert list(found(doctor.check_language_host(beside))) == ["python language host"]
    (tmp_path / "pulumi-language-python").touch()
    assert found(doctor.check_language_host(beside)) == {}


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ({}, "no OpenRouter management key"),
        ({"OPENROUTER_MANAGEMENT_KEY": "a b"}, "holds a space"),
    ],
)
def test_a_credential_that_can_t_be_right_is_a_finding(project: Path, environment: dict[str, str], text: str) -> None:
    """Nothing is sent, and the fix says where to set it."""
    lines = doctor.check_management_key(examination(project, environment=environment))
    assert text in found(lines)["management key"]


def test_a_standard_key_is_a_finding(project: Path) -> None:
    """A key that authenticates and can't manage keys is told from one that can."""
    lines = doctor.check_management_key(examination(project, transport=api(is_management_key=False)))
    assert "is a standard key" in found(lines)["management key"]


def test_an_endpoint_that_does_not_answer_is_asked_once(project: Path) -> None:
    """Without a network both lines say so at once, without retries."""
    asked = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        raise httpx.ConnectError("no network")

    lines = doctor.examine(examination(project, transport=httpx.MockTransport(refuse)))
    assert sorted(found(lines)) == ["endpoint", "management key"]
    assert len(asked) == 2


def test_a_web_page_is_no_endpoint(project: Path) -> None:
    """Something else than the API answers: the base URL is wrong."""
    page = httpx.MockTransport(lambda _request: httpx.Response(200, html="<p>hello</p>"))
    assert "not as the API does" in found(doctor.check_endpoint(examination(project, transport=page)))["endpoint"]


@pytest.mark.parametrize(("seconds", "wrong"), [(0, False), (60, False), (-60, False), (61, True), (-3600, True)])
def test_the_clock_may_be_a_minute_off(project: Path, seconds: int, wrong: bool) -> None:
    """More than 60 seconds apart is a finding, on either side."""
    lines = doctor.check_endpoint(examination(project, transport=api(skew=timedelta(seconds=seconds))))
    assert ("clock" in found(lines)) is wrong


@pytest.mark.parametrize(("value", "verdict"), [("2027-03-01T00:00:00Z", Health.NOTICE), ("tomorrow", Health.FINDING)])
def test_a_rehearsed_time_is_pointed_out(project: Path, value: str, verdict: Health) -> None:
    """A replaced clock is a notice; one that can't be read is a finding."""
    (line,) = doctor.check_rehearsal(examination(project, environment={"OPENROUTER_KEYS_NOW": value}))
    assert line.verdict is verdict


@pytest.mark.parametrize(
    ("aws", "findings"),
    [
        (Aws("sts"), {"aws": "no identity: AccessDenied"}),
        (Aws("secretsmanager"), {"aws secrets": REFUSED}),
        (
            Aws("sts", error=EndpointConnectionError(endpoint_url="https://x")),
            {"aws": "no identity: EndpointConnectionError"},
        ),
    ],
)
def test_findings_of_aws(project: Path, aws: Aws, findings: dict[str, str]) -> None:
    """Who we are comes first, then whether secrets may be listed; reasons are codes."""
    assert found(doctor_stores.check_aws(examination(project, aws=lambda _service, _config: aws))) == findings


def test_a_deployed_secret_that_is_marked_for_deletion_is_a_finding(project: Path) -> None:
    """Whatever page it is on, with the command that keeps it, and none for a secret of somebody else's."""
    outputs = {"services": {"a": {"secretArn": f"{ARN}-1"}, "b": {"secretArn": f"{ARN}-2"}}}
    answers = {"stack output": Ran(0, json.dumps(outputs))}
    lines = doctor_stores.check_aws(examination(project, answers, aws=lambda _service, _config: Aws()))
    assert found(lines) == {
        "aws secrets": f"the secret of b is marked for deletion, and AWS deletes it on {NOW:%Y-%m-%d}"
    }
    assert f"aws secretsmanager restore-secret --secret-id {ARN}-2 --region eu-west-1" in lines[-1].fix


def stores(*, answers: dict[str, Ran] | None = None, **settings: Any) -> dict[str, Ran]:
    """Return what pulumi says of a stack with these settings, whose plugins are all missing."""
    config = {f"openrouter-keys:{name}": {"value": json.dumps(value)} for name, value in settings.items()}
    return {"plugin": Ran(0, "[]"), "config": Ran(0, json.dumps(config)), **(answers or {})}


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        (stores(services={}), ["aws plugin"]),
        (stores(services={}, defaults={"store": "gcp"}), ["gcp plugin"]),
        (stores(services={"a": {"store": "vault"}}), ["vault plugin"]),
        (
            stores(services={"a": {}, "b": {"store": "gcp"}}, defaults={"store": "vault"}),
            ["gcp plugin", "vault plugin"],
        ),
        (stores(services={"a": {"limit": 1}, "b": {"store": "gcp"}}), ["aws plugin", "gcp plugin"]),
        (stores(services={"a": {"store": "gpc"}, "b": {"store": "gcp"}}), ["gcp plugin"]),
        (stores(services=["a"], defaults="gcp"), ["aws plugin"]),
        (stores(services={"a": {"externalSecret": {}}}), ["aws plugin", "kubernetes plugin"]),
        (
            stores(services={"a": {"store": "gcp"}}, defaults={"externalSecret": {}}),
            ["gcp plugin", "kubernetes plugin"],
        ),
    ],
)
def test_the_plugins_of_the_stores_in_use_are_asked_for(
    project: Path, answers: dict[str, Ran], missing: list[str]
) -> None:
    """They are those of the services' stores and no other; a config with mistakes counts as far as it goes."""
    lines = doctor_stores.check_plugins(examination(project, answers))
    assert list(found(lines)) == missing
    assert [line.fix.split()[:6] for line in lines] == [
        ["run:", "pulumi", "plugin", "install", "resource", name.split()[0]] for name in missing
    ]


def test_services_in_files_count(project: Path) -> None:
    """The store of a service that a file declares is in use."""
    (project / "team.yaml").write_text("checkout: {limit: 1, store: vault}\n", encoding="utf-8")
    answers = stores(services={}, servicesFrom=["team.yaml"])
    assert list(found(doctor_stores.check_plugins(examination(project, answers)))) == ["vault plugin"]


@pytest.mark.parametrize("config", [stores(services={"a": {"store": "gcp"}})["config"], Ran(1, err="error: no")])
def test_the_store_that_a_service_leaves_counts(project: Path, config: Ran) -> None:
    """What is deployed in another store needs that store's plugin too, also where the config can't be read."""
    outputs = {"services": {"a": {"store": "vault"}, "b": {"secretArn": "arn:aws:x"}}}
    answers = stores(answers={"config": config, "stack output": Ran(0, json.dumps(outputs))})
    assert {"aws plugin", "vault plugin"} <= set(found(doctor_stores.check_plugins(examination(project, answers))))


def test_a_stack_without_aws_needs_no_identity_there(project: Path) -> None:
    """AWS is not asked who we are where no service keeps its key there."""
    answers = stores(services={"a": {"store": "vault"}})
    assert doctor_stores.check_aws(examination(project, answers, aws=lambda _service, _config: Aws("sts"))) == []


@pytest.mark.parametrize("store", ["gcp", "vault", "kubernetes"])
def test_every_store_s_packages_are_known(store: str) -> None:
    """What doctor looks for is what the store's extra asks for, or what everybody has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {Requirement(text).name for text in project["optional-dependencies"][store]}
    everybodys = {Requirement(text).name for text in project["dependencies"]}
    assert asked == set(doctor_stores.packages(store)) - everybodys


def test_a_missing_package_is_a_finding_with_its_extra() -> None:
    """The line names the package and the command that installs it."""
    (line,) = doctor_stores.missing_packages("vault", {"pulumi-vault"})
    assert (line.name, line.text) == ("vault packages", "hvac is not installed")
    assert line.fix == "run: pip install 'openrouter-keys[vault]'"


def test_a_check_that_breaks_hides_no_other(project: Path) -> None:
    """An unexpected error is a finding of its own check, without its message."""

    def broken(_service: str, _config: Any) -> Any:
        raise RuntimeError(CANARY)

    lines = doctor.examine(examination(project, aws=broken))
    assert found(lines) == {"aws": "could not be checked: RuntimeError"}
    assert CANARY not in repr(lines)
    assert len(lines) == 13


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("v3.226.0\n", (3, 226, 0)),
        ("3.259.0-dev.1+abc", (3, 259, 0)),
        ("v3.226", None),
        ("", None),
        ("not a version", None),
    ],
)
def test_versions(text: str, parsed: tuple[int, int, int] | None) -> None:
    """A version is three numbers, with or without what follows them."""
    assert doctor.parse_version(text) == parsed


def test_a_command_that_is_not_there_is_an_answer(tmp_path: Path) -> None:
    """What can't be run doesn't raise."""
    assert run_command(["no-such-command-anywhere"], tmp_path).code < 0


def test_what_holds_a_secret_does_not_show_it() -> None:
    """A config in the clear, what pulumi printed of it, and the environment are in no repr that a traceback shows."""
    examination = Examination(Path(), environment={"OPENROUTER_MANAGEMENT_KEY": CANARY})
    holders = [examination, Ran(0, CANARY, CANARY), RawConfig({"byokKeys": {"ours": {"key": CANARY}}})]
    assert CANARY not in repr(holders)


SERVICES = {
    "new": {"limit": 1, "disabled": True},
    "kept": {"limit": 1},
    "due": {"limit": 1, "rotation": {"every": "90d"}},
}
DEPLOYED = {"kept": {"nextRotationAt": "2028-01-01T00:00:00Z"}, "due": {"nextRotationAt": "2026-12-31T00:00:00Z"}}


@pytest.mark.parametrize(
    ("quota", "verdict", "text"),
    [
        (
            None,
            Health.OK,
            "2 to make keys, 2 to rotate, 1 to delete; OpenRouter limits changes by the day",
        ),
        (Quota(500, 480), Health.OK, "1 to delete; 480 changes left today"),
        (Quota(500, 4, NOW + timedelta(hours=3)), Health.NOTICE, "4 changes left today until 2027-01-01T03:00:00Z"),
    ],
)
def test_the_changes_ahead_are_counted(project: Path, quota: Quota | None, verdict: Health, text: str) -> None:
    """New, due and removed services cost calls; what is left is said where an answer told it."""
    config = {"openrouter-keys:services": {"value": json.dumps(SERVICES)}}
    output = {"services": {**DEPLOYED, "removed": {}}}
    answers = {"config": Ran(0, json.dumps(config)), "stack output": Ran(0, json.dumps(output))}
    (line,) = doctor_changes.changes_ahead(examination(project, answers), quota)
    assert line.verdict is verdict
    assert text in line.text


def test_pulumis_own_host_is_a_notice_and_a_missing_one_a_finding(project: Path) -> None:
    """Pulumi's own host works with limits; a folder without the executable fails every deployment."""
    (project / "host" / EXECUTABLE).unlink()
    assert (
        "which has no pulumi-resource-pulumi-python" in found(check_host(examination(project)))["host of the resources"]
    )
    (project / "Pulumi.yaml").write_text("name: a")
    (line,) = check_host(examination(project))
    assert (line.verdict, line.fix) == (Health.NOTICE, "run: openrouter-keys host")


LOCKED = "error: the stack is currently locked by 1 lock(s). created by ann@ci (pid 7) at 2027-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("answers", "findings"),
    [
        (
            {"stack export": Ran(255, err="error: incorrect passphrase")},
            {"state": "can't be decrypted: incorrect passphrase"},
        ),
        (
            {"stack export": Ran(0, json.dumps({"deployment": {"pending_operations": [{}, {}]}}))},
            {"state": "a killed run left 2 operations unfinished"},
        ),
        ({"stack rename": Ran(255, err=LOCKED)}, {"state": "is locked by ann@ci (pid 7) since 2027-01-01T00:00:00Z"}),
        (
            {"config": Ran(0, json.dumps({"openrouter-keys:services": {"value": '{"a": {}}'}}))},
            {"config": "services.a.limit: is missing"},
        ),
    ],
)
def test_findings_of_what_up_needs(project: Path, answers: dict[str, Ran], findings: dict[str, str]) -> None:
    """A state that can't be decrypted, a killed run, a lock and a wrong config are told before a deployment trips."""
    lines = doctor.examine(examination(project, answers))
    assert {name: text[: len(findings[name])] for name, text in found(lines).items()} == findings


@pytest.mark.parametrize("role", ["deployer", "previewer"])
def test_our_iam_policies_are_enough_for_doctor(project: Path, role: str) -> None:
    """Whoever has the rights of examples/pipelines/iam and no others has no finding."""
    policy = json.loads((ROOT / f"examples/pipelines/iam/{role}.json").read_text())
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}

    class Allowed(Aws):
        """An AWS that refuses whatever the policy doesn't name; who one is, everybody may ask."""

        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"doctor calls {name}")

    assert "secretsmanager:DescribeSecret" in allowed
    assert found(doctor_stores.check_aws(examination(project, aws=lambda _service, _config: Allowed()))) == {}
