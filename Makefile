# The commands that a person types. Each prepares the checkout first, which takes no time when nothing is missing.
HOST_PATH := $(PATH)
PYTHON ?= python3
JOBS ?= 4
KILLS ?= 200
SEED ?= 7
STEPS ?= 2000
ARGS ?=
VENV := .venv/bin

export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/.venv/bin:$(PATH)
export PULUMI_SKIP_UPDATE_CHECK := 1
# Many containers set it; every start of Python would then compile some five hundred modules anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format lock faults soak reference docs screenshot release bench acceptance clean

help: ## Print this list
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | while IFS='	' read -r name text; do printf '  make %-11s %s\n' "$$name" "$$text"; done

setup: ## Install the locked Python packages in .venv and find, install or build pulumi
	@PATH="$(HOST_PATH)" "$(PYTHON)" -m tools.setup

demo: setup ## Bring stack dev up against the sandbox, verify every stored key, take the sandbox down
	@$(VENV)/python -m sandbox.demo

# Its plugin for pytest is not what the tests use of schemathesis, and costs each process a third of a second.
test: setup ## Run the whole test suite (JOBS=4 side by side; ARGS go to pytest)
	@$(VENV)/python -m pytest -p no:schemathesis -n $(JOBS) --dist loadgroup $(ARGS)

check: setup ## Check the format, the lint rules, the types and the advisories on locked packages
	@$(VENV)/ruff format --check .
	@$(VENV)/ruff check .
	@$(VENV)/mypy
	@$(VENV)/python -m tools.audit

format: setup ## Format the code and fix what the linter can
	@$(VENV)/ruff format .
	@$(VENV)/ruff check --fix .

lock: setup ## Write the lock files anew from pyproject.toml (UPGRADE=1 takes newer versions)
	@$(VENV)/python -m tools.lock

faults: setup ## Run the fault matrix, KILLS=200 crashes at random instants (SEED=7), kills of moves, overload and the long searches
	@$(VENV)/python -m tests.faults.matrix
	@$(VENV)/python -m tests.faults.kills --kills $(KILLS) --seed $(SEED) --stacks 2
	@$(VENV)/python -m tests.faults.moving_kills --seed $(SEED)
	@$(VENV)/python -m tests.faults.overload
	@OPENROUTER_KEYS_SOAK=1 $(VENV)/python -m pytest -q -n 2 --dist loadgroup tests/faults/test_leaks.py tests/faults/test_hostile_names.py tests/faults/test_concurrent_runs.py tests/engine/test_rotating.py

soak: setup ## Live random timelines (STEPS=2000, SEED=7), random moves on the real engine, and try every heal that drift prints
	@OPENROUTER_KEYS_SOAK=1 OPENROUTER_KEYS_STEPS=$(STEPS) OPENROUTER_KEYS_SEED=$(SEED) $(VENV)/python -m pytest -q tests/provider/test_wild_timelines.py
	@OPENROUTER_KEYS_SOAK=1 $(VENV)/python -m pytest -q -n 2 --dist loadgroup tests/provider/test_rotation_timelines.py tests/engine tests/faults/test_moving_kills.py tests/faults/test_random_kills.py

reference: setup ## Write the API reference from the docstrings into build/reference
	@$(VENV)/python -m tools.reference

docs: setup ## Build the documents as a site into build/site, with the API reference; a warning is an error
	@$(VENV)/python -m tools.site

screenshot: setup ## Draw the report's picture in docs/ anew (needs Chromium)
	@$(VENV)/python -m tests.browser.screenshot

release: setup ## Build the sdist and the wheel into dist/ and check them; nothing is signed or uploaded
	@$(VENV)/python -m tools.release

bench: setup ## Measure time, calls and memory up to 1000 services (8 to 15 minutes; ARGS="--parts keys --sizes 50")
	@$(VENV)/python -m bench $(ARGS)

acceptance: setup ## Run the life-cycle tests against real OpenRouter and AWS (OPENROUTER_KEYS_ACCEPTANCE=1)
	@$(VENV)/python -m pytest tests/acceptance -q $(ARGS)

clean: ## Stop the sandbox, remove caches and what was built; .venv and .tools stay
	@if [ -d .sandbox ] && [ -x $(VENV)/python ]; then $(VENV)/python -m sandbox down; fi
	@rm -rf .sandbox .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info
	@rm -rf examples/typescript-client/node_modules examples/typescript-client/dist
	@find . -name __pycache__ -not -path './.venv/*' -not -path './.tools/*' -prune -exec rm -rf {} +
