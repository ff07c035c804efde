"""What a run of pulumi says of its failures."""

from tests.harness import Run

_AGAIN = ("sdk.helper_schema: ", "error occurred:")


def problem_of(run: Run, refusal: str | None) -> str | None:
    """Return how a run under trouble did not end as it must, or None.

    Args:
        run: the run.
        refusal: what the one line of each resource that fails has to say; None where the run must succeed.
    """
    if refusal is None:
        return "the first run failed" if run.code else None
    if not run.code:
        return "it did not fail"
    said = complaints(run.output)
    told = {name: once(lines) for name, lines in said.items()}
    unclear = [name for name, lines in told.items() if len(lines) != 1 or refusal not in lines[0]]
    return f"not one clear line each: {', '.join(unclear) or 'nothing was said'}" if unclear or not said else None


def once(lines: list[str]) -> list[str]:
    """Return what a resource's lines say, told once: Pulumi's providers log an error, count it, and repeat it."""
    return [line.removeprefix("* ") for line in lines if line and not any(part in line for part in _AGAIN)]


def complaints(output: str) -> dict[str, list[str]]:
    """Return what a run's diagnostics say of each resource but the stack itself, line by line."""
    _, _, diagnostics = output.partition("\nDiagnostics:\n")
    said: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in diagnostics.split("\n"):
        if line and not line.startswith(" "):
            break
        if line.startswith("    "):
            lines.append(line.strip())
        elif line.strip():
            lines = said.setdefault(line.strip(" :"), [])
    return {name: lines for name, lines in said.items() if not name.startswith("pulumi:pulumi:Stack")}
