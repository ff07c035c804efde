"""What several stacks of one project share: an environment, its settings in one file, workspaces and guardrails."""
