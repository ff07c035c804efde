"""Benchmarks: how long, how many calls, how much processor time and memory; `python -m bench`."""
