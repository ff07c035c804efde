"""Workspaces, their budgets and their members."""
