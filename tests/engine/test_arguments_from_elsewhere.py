"""Arguments that come of another stack and of another resource: deployed, changed, and refused."""

import json
from pathlib import Path

from sandbox.lifecycle import Sandbox
from tests.harness import Stack, open_stack
from tests.soak import only_in_soak

READER = "arn:aws:iam::123456789012:role/checkout"
ELSEWHERE = """
import os

import pulumi

pulumi.export("expires", "2099-01-01T00:00:00Z")
pulumi.export("every", "90d")
pulumi.export("reader", os.environ["READER"])
pulumi.export("owner", "payments")
pulumi.export("url", "https://checkout.example.com")
"""
PROGRAM = """
import os

import pulumi

from openrouter_provider import ApiKey, ApiKeyArgs, Guardrail, SecretArgs, ServiceKey, ServiceKeyArgs

elsewhere = pulumi.StackReference(os.environ["ELSEWHERE"])
cheap = Guardrail("cheap", limit_usd=float(os.environ["LIMIT"]), reset_interval="daily")
key = ApiKeyArgs(
    name_prefix=os.environ["PREFIX"],
    limit=cheap.limit_usd,
    limit_reset=cheap.reset_interval,
    expires_at=elsewhere.require_output("expires"),
    rotation={"every": elsewhere.require_output("every"), "overlap": "7d"},
)
secret = SecretArgs(
    secret_name=os.environ["SECRET"],
    readers=[elsewhere.require_output("reader")],
    tags={"Owner": elsewhere.require_output("owner")},
    app_url=elsewhere.require_output("url"),
    recovery_window_in_days=0,
)
checkout = ServiceKey("checkout", ServiceKeyArgs(key=key, secret=secret, guardrail_id=cheap.id))
batch = ApiKey("batch", limit=cheap.limit_usd, limit_reset=cheap.reset_interval)
pulumi.export("services", {"checkout": checkout.summary()})
pulumi.export("batch", batch.hash)
"""


def prepare(stack: Stack, other: Stack) -> None:
    """Deploy the other stack, and write the program that refers to it."""
    (other.folder / "__main__.py").write_text(ELSEWHERE)
    (stack.folder / "__main__.py").write_text(PROGRAM)
    other.up(READER=READER)
    stack.configure({})
    stack.environment |= {
        "ELSEWHERE": f"organization/openrouter-keys/{other.name}",
        "SECRET": stack.secret_name("checkout"),
        "PREFIX": f"{stack.prefix}/checkout",
        "LIMIT": "5",
    }


def limits(stack: Stack) -> list[float]:
    """Return the limits of the account's keys."""
    return [record["limit"] for record in stack.control.keys()]


@only_in_soak
def test_arguments_may_come_from_elsewhere(stack: Stack, sandbox: Sandbox, tmp_path: Path) -> None:
    """A limit, a reader, an expiry, a schedule, tags: as from the program; a wrong one is refused in time."""
    other = open_stack(tmp_path / "other", sandbox, PULUMI_BACKEND_URL=stack.environment["PULUMI_BACKEND_URL"])
    prepare(stack, other)
    stack.pulumi("preview")
    stack.up()
    assert limits(stack) == [5, 5]
    assert stack.authenticates("checkout")
    described = stack.aws().describe_secret(SecretId=stack.secret_name("checkout"))
    assert {"Key": "Owner", "Value": "payments"} in described["Tags"]
    policy = stack.aws().get_resource_policy(SecretId=stack.secret_name("checkout"))["ResourcePolicy"]
    assert json.loads(policy)["Statement"][0]["Principal"] == {"AWS": [READER]}
    assert json.loads(stack.secret_text("checkout"))["OPENROUTER_APP_URL"] == "https://checkout.example.com"
    assert stack.services()["checkout"]["expiresAt"] == "2099-01-01T00:00:00Z"
    stack.pulumi("preview", "--refresh", "--expect-no-changes", "--diff")
    raised = stack.up(LIMIT="9")
    assert limits(stack) == [9, 9]
    assert "limit raised from $5.00 to $9.00" in raised.output, raised
    other.up(READER="*")
    refused = stack.up(check=False)
    assert refused.code != 0
    assert "readers.0 must be the ARN of one role, user or account" in refused.output, refused
    assert "Traceback" not in refused.output, refused
    assert stack.aws().get_resource_policy(SecretId=stack.secret_name("checkout"))["ResourcePolicy"] == policy
    assert stack.authenticates("checkout")
