"""The benchmarks' own arithmetic: process trees, what a run measures, and what it compares with."""

import os
import sys
from pathlib import Path

import pytest

from bench.__main__ import Life, lives, options
from bench.process_tree import (
    CommandFailed,
    ProcessSample,
    TreeMeter,
    descendants,
    measure,
    parse_stat,
    running_processes,
)

ROOT, CHILD, GRANDCHILD, STRANGER = (
    ProcessSample(10, 1, 100, 1.0, 1_000),
    ProcessSample(11, 10, 101, 2.0, 2_000),
    ProcessSample(12, 11, 102, 4.0, 4_000),
    ProcessSample(13, 1, 103, 8.0, 8_000),
)


def test_a_process_s_line_is_read_whatever_its_name_is() -> None:
    """Spaces and brackets in a name do not shift the fields."""
    fields = ["S", "7", *["0"] * 9, "150", "50", *["0"] * 6, "4242", "0", "3"]
    found = parse_stat(f"31 (a) b (c)) {' '.join(fields)}")
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    assert found == ProcessSample(31, 7, 4242, 200 / ticks, 3 * page)


def test_this_process_is_found() -> None:
    """The machine's list has the process that asks."""
    assert os.getpid() in {process.pid for process in running_processes()}


def test_a_tree_is_the_root_and_what_descends_from_it() -> None:
    """Grandchildren count, strangers do not."""
    found = descendants([STRANGER, GRANDCHILD, CHILD, ROOT], {10}, frozenset())
    assert {process.pid for process in found} == {10, 11, 12}


def test_an_orphan_stays_in_its_tree() -> None:
    """A process whose parent ended is known again by its id and start, and another with its id is not."""
    orphan, other = ProcessSample(12, 1, 102, 5.0, 4_000), ProcessSample(11, 1, 999, 9.0, 9_000)
    found = descendants([ROOT, orphan, other], {10}, frozenset({(12, 102), (11, 101)}))
    assert {process.pid for process in found} == {10, 12}


def test_cpu_adds_up_and_memory_peaks() -> None:
    """CPU is the last seen of each process, ended ones too; memory is the largest sum at one moment."""
    meter = TreeMeter()
    meter.note(10, [ROOT, CHILD, GRANDCHILD])
    meter.note(10, [ProcessSample(10, 1, 100, 1.5, 1_000), CHILD])
    assert (meter.cpu_seconds, meter.peak_bytes) == (7.5, 7_000)


def test_what_another_process_forks_for_the_command_counts() -> None:
    """The plugins that the sandbox forks count as the command's; the process that forks them doesn't."""
    meter = TreeMeter(forking=13)
    meter.note(10, [ROOT, STRANGER, ProcessSample(14, 13, 104, 0.5, 500)])
    assert (meter.cpu_seconds, meter.peak_bytes) == (1.5, 1_500)


def test_a_failed_command_says_what_it_printed(tmp_path: Path) -> None:
    """A command that fails ends the benchmark with its last words."""
    command = [sys.executable, "-c", "raise SystemExit('no such stack')"]
    with pytest.raises(CommandFailed, match="no such stack"):
        measure(command, tmp_path, os.environ)


def test_a_whole_run_measures_every_size_and_more_calls_at_once_at_200_keys() -> None:
    """Without options: keys to a thousand, whole services to two hundred."""
    wanted = options([])
    found = lives(wanted.parts, wanted.sizes, wanted.parallel, wanted.operations)
    assert [(life.kind, life.count, life.parallel) for life in found] == [
        *(("keys", count, 10) for count in (10, 50, 200, 1000)),
        *(("whole", count, 10) for count in (10, 50, 200)),
        ("keys", 200, 16),
        ("keys", 200, 32),
    ]


def test_one_cell_can_be_measured_alone() -> None:
    """Kind, size, operation and calls at once can each be named."""
    wanted = options(["--parts", "whole", "--sizes", "1000", "--operations", "up", "--parallel", "16"])
    found = lives(wanted.parts, wanted.sizes, wanted.parallel, wanted.operations)
    assert found == [Life("whole", 1000, 16, ["up"])]
