"""What belongs to the user's whole process is changed only when the user's program asks for it."""

import json
import subprocess
import sys
from typing import Any

LOOK = '''
import asyncio, atexit, gc, json, signal, sys, warnings
import pulumi, pulumi.dynamic, pulumi_aws.secretsmanager, pydantic, httpx, boto3
from pulumi.runtime import mocks, settings
from pulumi.runtime.stack import run_pulumi_func


class Engine:
    """An engine that takes messages."""

    def Log(self, request):
        pass


class Mocks(mocks.Mocks):
    """Answers a creation with its inputs."""

    def new_resource(self, args):
        of_a_key = {"hash": "h", "superseded": [], "key": "none"}
        decided = of_a_key if args.typ.endswith(":ApiKey") else {"arn": "arn:aws:x"}
        return f"id-of-{args.name}", {**args.inputs, **decided}

    def call(self, args):
        return {"accountId": "1", "region": "us-east-1", "name": "us-east-1", "id": "us-east-1"}, None


def look():
    return {
        "gc": gc.get_threshold(),
        "atexit": atexit._ncallbacks(),
        "tracebacklimit": getattr(sys, "tracebacklimit", "none"),
        "httpx._main": str(sys.modules.get("httpx._main", "absent")),
        "Log": engine.Log == vars(Engine)["Log"].__get__(engine),
        "warnings": len(warnings.filters),
        "excepthook": sys.excepthook is sys.__excepthook__,
        "signals": [str(signal.getsignal(each)) for each in sorted(signal.valid_signals())],
        "recursion": sys.getrecursionlimit(),
    }


engine = Engine()
looks = {"before": look()}
import openrouter_provider
for name in openrouter_provider.__all__:
    getattr(openrouter_provider, name)
looks["imported"] = look()


def program():
    from openrouter_provider import ApiKey, ServiceKey, ServiceKeyArgs, Workspace

    settings.SETTINGS.engine = engine
    looks["started"] = look()
    ApiKey("batch", limit=5)
    Workspace("home")
    ServiceKey("checkout", ServiceKeyArgs(secret_name="shop/checkout", limit=5, rotation={"every": "90d"}))
    looks["declared"] = look()
    if "tune" in sys.argv:
        openrouter_provider.tune_program()
        looks["tuned"] = look()


async def run():
    mocks.set_mocks(Mocks(), "shop", "dev", preview=False)
    await run_pulumi_func(program)


asyncio.run(run())
print(json.dumps(looks))
'''


def looks(*arguments: str) -> dict[str, Any]:
    """Return what a fresh process looked like at each of its steps."""
    command = [sys.executable, "-c", LOOK, *arguments]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr[-2000:]
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


def test_neither_an_import_nor_a_constructor_changes_the_process() -> None:
    """Garbage collection, exit handlers, tracebacks, httpx, the engine's log, signals: all as it was before."""
    found = looks()
    assert found["imported"] == found["before"]
    assert found["declared"] == found["started"]


def test_the_documented_call_does() -> None:
    """tune_program changes what its documentation says, and nothing else."""
    found = looks("tune")
    changed = {name for name, value in found["tuned"].items() if value != found["declared"][name]}
    assert changed == {"gc", "atexit", "Log"}


def printed(code: str) -> str:
    """Return what a fresh process prints."""
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_httpx_stays_whole_where_it_is_imported_later() -> None:
    """A program that imports this package first has httpx with its command line afterwards, as without the package."""
    everything = "import openrouter_provider as o; [getattr(o, name) for name in o.__all__]; "
    shown = "import httpx, sys; print(sys.modules['httpx._main'])"
    assert printed(everything + shown) == printed(shown) != "None\n"


def test_the_project_s_own_program_is_tuned_before_it_loads_httpx() -> None:
    """What `__main__.py` imports leaves httpx for load_stack_config, which leaves httpx's command line out."""
    code = (
        "import sys\n"
        "from openrouter_provider import OpenRouterError, declare_services, load_stack_config\n"
        "assert 'httpx' not in sys.modules\n"
        "from openrouter_provider import tune_program\n"
        "tune_program()\n"
        "import openrouter_provider.program.declare, httpx\n"
        "print(sys.modules['httpx._main'])\n"
    )
    assert printed(code) == "None\n"
