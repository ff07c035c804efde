"""What killed runs left, and how it is put in order: on records and proofs only (docs/adr/0011)."""
