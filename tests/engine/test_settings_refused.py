"""What stands in the stack's settings and must not: misspelt names and keys; all of it in one answer, none quoted."""

import yaml

from tests.harness import Stack

KEY = "sk-or-v1-" + "c" * 24
MANAGEMENT_KEY = "mgmt-" + "d" * 24


def test_what_is_misspelt_or_leaked_is_told_at_once(stack: Stack) -> None:
    """Names of the stack's file and of the project's, a plaintext credential, keys in any text: no call is made."""
    project = stack.folder / "Pulumi.yaml"
    settings = yaml.safe_load(project.read_text())
    settings["config"] |= {"openrouter-keys:polcy": {"type": "object", "default": {}}, "serviceFrom": {"value": "x"}}
    project.write_text(yaml.safe_dump(settings))
    kept = dict.fromkeys(("rotateNow", "appTitle", "secretName", "kmsKeyId", "creatorUserId"), KEY)
    checkout = {"limit": 5, **kept, "tags": {"Team": f"see {KEY}", KEY: "x"}, "readers": [KEY], "limt": 5}
    stack.configure({"checkout": checkout, KEY: {"limit": 5}}, maxLimt=5, namePrefix=f"acme/{KEY}")
    stack.pulumi("config", "set", "--plaintext", "openrouter:managmentKey", MANAGEMENT_KEY)
    stack.control.clear_calls()
    output = stack.up(check=False).output
    wrong = "is not a known setting; did you mean"
    for line in (
        f"openrouter-keys:maxLimt: {wrong} maxLimit?",
        f"openrouter-keys:polcy: {wrong} policy?",
        f"openrouter-keys:serviceFrom: {wrong} servicesFrom?",
        f"openrouter:managmentKey: {wrong} managementKey?; its value is in plaintext: take it out, and make a new",
        f"services.checkout.limt: {wrong} limit?",
        "services.sk-or-…: holds an OpenRouter key",
        "services.checkout.tags.sk-or-…: holds an OpenRouter key",
        "services.checkout.tags.Team: holds an OpenRouter key",
        "services.checkout.readers.0: holds an OpenRouter key",
        "namePrefix: holds an OpenRouter key",
        *(f"services.checkout.{name}: holds an OpenRouter key" for name in kept),
    ):
        assert line in output, line
    assert MANAGEMENT_KEY not in output
    assert stack.control.calls() == []


def test_white_space_around_an_adopted_value_does_no_harm(stack: Stack) -> None:
    """A value that was piped in with its line's end is the value: the key is taken over."""
    record, value = stack.control.create_key(name="made by hand", limit=5)
    stack.configure({"checkout": {"limit": 5, "adopt": {"hash": record["hash"]}}})
    path = "openrouter-keys:services.checkout.adopt.key"
    stack.run("pulumi", "config", "set", "--stack", stack.name, "--secret", "--path", path, "--", f" {value}\n")
    stack.up()
    assert stack.resources("ApiKey")["checkout"]["id"] == record["hash"]
    assert stack.authenticates("checkout")


def test_a_forgotten_clock_is_told_in_every_run(stack: Stack) -> None:
    """OPENROUTER_KEYS_NOW is a note of a preview, a warning of `up`, and a line beside a command's JSON."""
    stack.configure({"checkout": {"limit": 5}})
    said = "OPENROUTER_KEYS_NOW is set: this run takes 2027-03-01T00:00:00Z for now"
    stack.now = "2027-03-01T00:00:00Z"
    previewed = stack.pulumi("preview")
    assert said in previewed.output
    assert "warning" not in previewed.output.partition(said)[0]
    up = stack.up()
    assert f"warning: {said}" in up.output
    run = stack.run("openrouter-keys", "list", "--format", "json", "--stack", stack.name)
    assert run.stderr.count(said) == 1
    assert list(yaml.safe_load(run.stdout)) == ["stack", "services"]
