"""What others take on the same 2 cores against the same simulator at 150 ms, and what this project wants to reach."""

from dataclasses import dataclass

from .projects import KEYS
from .results import Results

PEERS: dict[str, dict[str, dict[int, float]]] = {
    "up": {
        "Terraform provider, apply (10 calls at once)": {50: 1.3, 200: 4.5, 1000: 24.0},
        "naive dynamic provider": {50: 5.8, 200: 11.8},
    },
    "preview --refresh": {
        "Terraform provider, plan (10 calls at once)": {50: 1.1, 200: 3.8, 1000: 18.7},
        "naive dynamic provider": {50: 6.1, 200: 12.5},
    },
}
"""Seconds, by operation, program and number of keys; the best Terraform provider for OpenRouter, and a dynamic provider
written without thought of cost."""
BEST_PEER = {operation: next(iter(programs.values())) for operation, programs in PEERS.items()}


@dataclass(frozen=True)
class Goal:
    """An upper limit for one cell."""

    operation: str
    count: int
    parallel: int
    most_seconds: float
    because: str

    def text(self, results: Results) -> tuple[str, str, str]:
        """Return the goal, what was measured, and whether it is met, in words."""
        cell = results.cell(KEYS, self.count, self.operation, self.parallel)
        what = f"{self.operation} of {self.count} keys, --parallel {self.parallel}: {self.because}"
        if cell is None:
            return what, "not measured", "-"
        met = "yes" if cell.seconds <= self.most_seconds else "no"
        return what, f"{cell.seconds:.1f} s of {self.most_seconds:.1f} s", met


def goals(parallel: int) -> list[Goal]:
    """Return the goals for runs with so many calls at once, the number that the peer makes."""
    plan, apply = BEST_PEER["preview --refresh"], BEST_PEER["up"]
    return [
        Goal("preview --refresh", 200, parallel, 0.7 * plan[200], "0.7 of the peer's plan"),
        Goal("preview --refresh", 1000, parallel, 0.5 * plan[1000], "0.5 of the peer's plan"),
        Goal("up", 200, parallel, apply[200], "the peer's apply"),
        Goal("preview", 200, parallel, 2.5, "a no-op"),
    ]
