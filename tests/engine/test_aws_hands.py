"""What people and AWS do to a secret beside Pulumi, and what the run and the commands say then."""

import json

from openrouter_provider.operations.drift.findings import Change, commands_in
from openrouter_provider.stores.aws.policy import reader_policy
from tests.engine.drifting import drift
from tests.harness import Stack
from tests.soak import only_in_soak

READER, OTHER = "arn:aws:iam::123456789012:role/checkout", "arn:aws:iam::123456789012:role/batch"
GONE = "AROAJ2UCCR6DPCEXAMPLE"
OURS = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-4333-8444-555555555555"


@only_in_soak
def test_a_secret_marked_for_deletion_stops_destroy_until_it_refreshes(stack: Stack) -> None:
    """Destroy fails on each try while the key behind it lives; doctor names the secret, and --refresh lets it go."""
    stack.configure({"checkout": {"limit": 5, "recoveryWindowInDays": 7}})
    stack.up()
    stack.aws().delete_secret(SecretId=stack.secret_name("checkout"), RecoveryWindowInDays=7)
    doctor = stack.run("openrouter-keys", "doctor", "--stack", stack.name, check=False)
    assert doctor.code == 2
    assert "the secret of checkout is marked for deletion" in " ".join(doctor.output.split())
    for _ in range(2):
        failed = stack.pulumi("destroy", "--yes", "--skip-preview", check=False)
        assert "currently marked deleted" in failed.output, failed
        assert len(stack.live("checkout")) == 1
    stack.pulumi("destroy", "--yes", "--skip-preview", "--refresh")
    assert stack.control.keys() == []


@only_in_soak
def test_a_deleted_reader_is_named_with_its_cure(stack: Stack) -> None:
    """A refresh fails while AWS shows the id of a deleted role; both ways of the cure end in a quiet stack."""
    stack.configure({"checkout": {"limit": 5, "readers": [READER, OTHER]}})
    stack.up()
    aws, name = stack.aws(), stack.secret_name("checkout")
    declared = stack.resources("SecretPolicy")["checkout"]["outputs"]["policy"]
    reordered = (
        reader_policy([OTHER, READER]).replace("DescribeSecret", "X").replace("GetSecretValue", "DescribeSecret")
    )
    aws.put_resource_policy(SecretId=name, ResourcePolicy=reordered.replace("X", "GetSecretValue"))
    assert not stack.drifted()

    aws.put_resource_policy(SecretId=name, ResourcePolicy=reader_policy([READER, GONE]))
    failed = stack.up("--refresh", check=False)
    assert "contains invalid principals" in failed.output, failed
    run, (finding,) = drift(stack)
    assert "contains invalid principals" in run.output
    assert (finding["message"], finding["wanted"], finding["actual"]) == (Change.READER_GONE.message, OTHER, GONE)
    arn = stack.services()["checkout"]["secretArn"]
    put = f"put-resource-policy --block-public-policy --secret-id {arn} --region us-east-1"
    assert f"{put} --resource-policy '{declared}'" in finding["heal"]
    assert commands_in(finding["heal"]) == ["pulumi up"]

    stack.configure({"checkout": {"limit": 5, "readers": [READER]}})
    stack.up()
    assert not stack.drifted()
    assert json.loads(aws.get_resource_policy(SecretId=name)["ResourcePolicy"]) == json.loads(reader_policy([READER]))

    stack.configure({"checkout": {"limit": 5, "readers": [READER, OTHER]}})
    stack.up()
    aws.put_resource_policy(SecretId=name, ResourcePolicy=reader_policy([READER, GONE]))
    aws.put_resource_policy(SecretId=name, ResourcePolicy=declared)
    assert not stack.drifted()


@only_in_soak
def test_a_kms_key_that_was_taken_out_is_told(stack: Stack) -> None:
    """The preview says that AWS keeps the key, and what it says to do ends in a quiet stack."""
    stack.configure({"checkout": {"limit": 5, "kmsKeyId": OURS}})
    stack.up()
    assert "kmsKeyId" not in stack.pulumi("preview").output
    stack.configure({"checkout": {"limit": 5}})
    warning = f"checkout: kmsKeyId was taken out of its settings, but AWS goes on encrypting its secret with {OURS}"
    assert warning in stack.pulumi("preview").output
    assert warning in stack.up().output
    stack.aws().update_secret(SecretId=stack.secret_name("checkout"), KmsKeyId="alias/aws/secretsmanager")
    stack.up("--refresh")
    assert not stack.drifted()
