"""The commands of `openrouter-keys`: options in, an operation called, a report printed, an exit code out.

At the top of a module only typer is imported: a command loads what it needs when it runs.
"""
