"""What others take on the same 2 cores against the same simulator at 150 ms."""

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
