"""Where a state may be: in S3 with secrets encrypted by KMS, and in files without attributes."""

import json
import uuid
from pathlib import Path
from urllib.parse import urlencode

import boto3

from sandbox.lifecycle import Sandbox
from tests.harness import open_stack
from tests.soak import only_in_soak


def test_state_in_s3_encrypted_by_kms(sandbox: Sandbox, tmp_path: Path) -> None:
    """A stack whose state is in S3 and whose secrets KMS encrypts comes up and holds no value in the clear."""
    name = f"state-{uuid.uuid4().hex[:8]}"
    variables = sandbox.environment()
    session = boto3.session.Session(
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region_name=variables["AWS_REGION"],
    )
    bucket = session.client("s3", endpoint_url=sandbox.aws_endpoint)
    bucket.create_bucket(Bucket=name)
    kms = session.client("kms", endpoint_url=sandbox.aws_endpoint)
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    where = {"region": variables["AWS_REGION"], "endpoint": sandbox.aws_endpoint, "s3ForcePathStyle": "true"}
    stack = open_stack(
        tmp_path / "project",
        sandbox,
        f"--secrets-provider=awskms://alias/{name}?region={variables['AWS_REGION']}",
        PULUMI_BACKEND_URL=f"s3://{name}?{urlencode(where)}",
        PULUMI_CONFIG_PASSPHRASE="",
    )
    stack.configure({"checkout": {"limit": 5}})
    stack.up()
    stack.up("--expect-no-changes")
    assert stack.authenticates("checkout")
    stored = [item["Key"] for item in bucket.list_objects_v2(Bucket=name)["Contents"]]
    states = [key for key in stored if key.endswith((".json", ".json.bak"))]
    assert states
    for key in stored:
        text = bucket.get_object(Bucket=name, Key=key)["Body"].read().decode(errors="replace")
        assert not any(secret in text for secret in stack.control.all_secrets()), key
    assert "awskms" in json.dumps(stack.export()["deployment"]["secrets_providers"])
    stack.destroy()
    assert stack.control.keys() == []


@only_in_soak
def test_file_backend_without_attribute_files(sandbox: Sandbox, tmp_path: Path) -> None:
    """With `?metadata=skip` no run writes the attribute files that a kill can break, and everything else is as ever."""
    backend = tmp_path / "backend"
    backend.mkdir()
    stack = open_stack(tmp_path / "project", sandbox, PULUMI_BACKEND_URL=f"file://{backend}?metadata=skip")
    stack.configure({"checkout": {"limit": 5}})
    stack.up()
    stack.up("--refresh", "--expect-no-changes")
    assert stack.authenticates("checkout")
    assert stack.run("openrouter-keys", "recover", "--stack", stack.name, "--yes").code == 0
    stack.destroy()
    assert stack.control.keys() == []
    assert list(backend.rglob("*.json"))
    assert list(backend.rglob("*.attrs")) == []
