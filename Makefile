# Two commands on a fresh machine (Python >= 3.11 with venv, make): `make demo`, `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench chaos connector docs screens

help: ## Show this help
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[postgres,pdf]'
	touch $(READY)

$(VENV)/.ready-dev: $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt $$($(BIN)/python tools/groups.py test fidelity lint)
	touch $(VENV)/.ready-dev

setup: $(VENV)/.ready-dev ## Install everything into .venv

demo: $(READY) ## The whole loop on this machine; ONCE=1 ends after the report
	$(BIN)/ocop-hub demo $(if $(ONCE),--once --json) $(if $(START),--start $(START))

test: $(VENV)/.ready-dev ## All tests, on SQLite and a real PostgreSQL
	$(BIN)/python tools/test.py

check: $(VENV)/.ready-dev ## What must hold before each commit: lint, types, laws, fast tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest tests/unit tests/test_house.py

bench: $(VENV)/.ready-dev ## Every figure as a ratio measured in one run, into var/bench.json
	$(BIN)/python bench/run.py $(ONLY)

chaos: $(VENV)/.ready-dev ## Faults on, workers killed; SEED=n (default 7)
	$(BIN)/python tests/chaos/run.py --seed $(or $(SEED),7)

connector: $(VENV)/.ready-dev ## Skeleton of a new connector; NAME=x
	$(BIN)/python tools/connector.py $(NAME)

screens: $(VENV)/.ready-dev ## Pictures of every page of the demo's hub into var/screens (needs Chromium)
	$(BIN)/python tools/screens.py

docs: $(VENV)/.ready-dev ## Draw docs/data-model.md and the exchange schema from the code
	$(BIN)/python tools/docs.py
