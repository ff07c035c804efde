"""What `pulumi up` does when Secrets Manager is in its way."""

from tests.harness import Stack
from tests.soak import only_in_soak


@only_in_soak
def test_service_recreated_within_the_recovery_window_is_told_the_fix(stack: Stack) -> None:
    """A name that AWS still keeps fails at once with the command that frees it, and that command works."""
    services = {"checkout": {"limit": 5, "recoveryWindowInDays": 7}, "search": {"limit": 5, "recoveryWindowInDays": 7}}
    stack.configure(services)
    stack.up()
    stack.configure({"search": {"limit": 5, "recoveryWindowInDays": 7}})
    stack.up()
    stack.configure(services)
    failed = stack.up(check=False)
    name = stack.secret_name("checkout")
    assert failed.code != 0
    assert f"delete-secret --force-delete-without-recovery --secret-id {name}" in failed.output, failed
    assert stack.authenticates("search")
    stack.aws().delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    stack.up()
    assert stack.authenticates("checkout")
    assert len(stack.live("checkout")) == 1


def test_secret_of_somebody_else_is_never_overwritten(stack: Stack) -> None:
    """A name taken by a secret that the stack does not own fails, and that secret keeps its value."""
    name = stack.secret_name("checkout")
    stack.aws().create_secret(Name=name, SecretString="theirs")
    stack.configure({"checkout": {"limit": 5}})
    failed = stack.up(check=False)
    assert failed.code != 0
    assert "already exists" in failed.output, failed
    assert stack.aws().get_secret_value(SecretId=name)["SecretString"] == "theirs"
    assert len(stack.live("checkout")) == 1
    stack.destroy()
    assert stack.control.keys() == []
