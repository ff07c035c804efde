"""The HTTP edge: OpenRouter's management API as typed calls. Knows nothing of Pulumi."""
