"""One call of the API: sent, paced, retried where that is safe, and its answer or its refusal understood."""
