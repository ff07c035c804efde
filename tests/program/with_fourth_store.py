"""Prints what the config, the program and the command line make of a fourth store, for test_fourth_store."""

import json
import sys
from pathlib import Path
from typing import Any

from openrouter_provider.config.problems import StackConfigError
from openrouter_provider.config.stack import parse_stack_config
from openrouter_provider.operations.doctor import store_needs as doctor_stores
from openrouter_provider.operations.drift.plan import KINDS
from openrouter_provider.operations.recovery import steps as recovery_plan
from openrouter_provider.stores.reading import read_key
from tests.program.mock_engine import VALUE, deploy, main, stack


def problems(wish: dict[str, Any], **more: Any) -> dict[str, str]:
    """Return what is wrong with one service's wish, by path."""
    try:
        parse_stack_config({"services": {"a": {"limit": 1, **wish}}, **more}, "acme/dev")
    except StackConfigError as error:
        return {problem.path: problem.what for problem in error.problems}
    return {}


def main_facts(folder: Path) -> dict[str, Any]:
    """Return all of it."""
    wish = {"store": "shelf", "shelf": {"cardOf": "bob"}}
    deployed = deploy(main, stack({"checkout": wish}, defaults={"limit": 1, "shelf": {"room": str(folder)}}))
    book = deployed.one("shelf:index:Book")
    (folder / "acme-dev-checkout-openrouter").write_text(book.inputs["text"])
    export = deployed.outputs["services"]["checkout"]
    return {
        "path": book.inputs["path"],
        "reader": deployed.one("shelf:index:LibraryCard").inputs["reader"],
        "export": {name: export[name] for name in ("store", "secretName", "secretReference")},
        "read": read_key(export["secretReference"]).get_secret_value() == VALUE,
        "right": problems(wish),
        "foreign": problems({"store": "gcp", "shelf": {"room": "hall"}}),
        "unknown": problems({"store": "shelf", "shelf": {"rom": "hall"}}),
        "own rule": problems({"store": "shelf", "secretName": "a/b"}),
        "policy": problems({"store": "shelf"}, policy={"requireReaders": True}),
        "watched": sorted({"shelf:index:Book", "shelf:index:LibraryCard"} & {*KINDS}),
        "repeatable": sorted({"shelf:index:Book", "shelf:index:LibraryCard"} & {*recovery_plan.REPEATABLE_TYPES}),
        "packages": [line.fix for line in doctor_stores.missing_packages("shelf", [])],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main_facts(Path(sys.argv[1]))))
