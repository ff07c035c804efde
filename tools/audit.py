"""Ask the Python Packaging Advisory Database about every locked package; run by `make check`.

Without a way to the advisories nothing is known, which is said in one line and is no failure: a laptop on a train
checks the rest, and continuous integration with a network checks all.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.shell import ROOT

LOCK = "requirements-dev.txt"
ANSWER_SECONDS = 10
LIMIT_SECONDS = 300


@dataclass(frozen=True)
class Verdict:
    """What the advisories say of a lock: the lines to print, and whether one of them is a finding."""

    lines: tuple[str, ...]
    failed: bool = False


def judge(dependencies: Sequence[Mapping[str, Any]]) -> Verdict:
    """Return what pip-audit's report comes to.

    Args:
        dependencies: each with `name` and `version` and `vulns`, or with `skip_reason` where nothing is known of it.
    """
    known = [package for package in dependencies if "skip_reason" not in package]
    if not known:
        return unreachable("no package's advisories could be read")
    findings = tuple(_finding(package, advisory) for package in known for advisory in package["vulns"])
    unknown = len(dependencies) - len(known)
    summary = f"audit: {len(known)} locked packages, {len(findings)} known vulnerabilities"
    return Verdict((*findings, summary + (f", {unknown} unknown" if unknown else "")), bool(findings))


def _finding(package: Mapping[str, Any], advisory: Mapping[str, Any]) -> str:
    fixes = ", ".join(advisory.get("fix_versions") or ()) or "no release yet"
    return f"audit: {package['name']} {package['version']}: {advisory['id']}, fixed in {fixes}: run make lock UPGRADE=1"


def unreachable(why: str) -> Verdict:
    """Return the verdict where nothing can be known."""
    return Verdict((f"audit: skipped: {why}",))


def report(lock: Path) -> Verdict:
    """Return what the advisories say of a lock file with hashes, without installing anything."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--require-hashes", "--disable-pip"]
    options = ["--format", "json", "--progress-spinner", "off", "--timeout", str(ANSWER_SECONDS)]
    try:
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS)
        dependencies = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return unreachable(f"the advisories did not come within {LIMIT_SECONDS} s")
    except (ValueError, KeyError):
        return unreachable("the advisories cannot be reached")
    return judge(dependencies)


if __name__ == "__main__":
    verdict = report(ROOT / LOCK)
    sys.stdout.write("\n".join(verdict.lines) + "\n")
    sys.exit(int(verdict.failed))
