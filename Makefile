# `make run` and `make test` are all that a fresh Debian 12 (or newer) needs; the rest is for the daily work.
# Each step leaves a stamp in .venv, so that the second time is quick.

PYTHON ?= python3
V      := .venv
BIN    := $(V)/bin
GATED  := src/gadfly/monitor/*,src/gadfly/alert/*,src/gadfly/telemetry/*
# Tests whose coverage is gated. To measure makes Python half as quick, so nothing else is measured.
OWN    := tests/monitor tests/alert tests/telemetry tests/intake

# No step reads from a terminal, and nothing of ours leaves loopback while it is tested.
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PATH := $(PATH):/usr/sbin:/sbin

.DEFAULT_GOAL := help
.PHONY: help run test check lint types imports unit slow alone measured gate smoke bench docs picture clean

help:           ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

run: $(V)/.node ## a node on loopback; prints its page's address
	@echo "In another terminal: $(BIN)/gadfly beat NAME, $(BIN)/gadfly status, $(BIN)/gadfly demo"
	@exec $(BIN)/gadfly up --state .state

test: $(V)/.tests $(V)/.system ## everything: lint, types, imports, all tests, coverage, benches in short
	$(MAKE) --no-print-directory lint types imports
	$(MAKE) --no-print-directory measured
	$(MAKE) --no-print-directory unit slow BESIDE="$(OWN:%=--ignore=%)"
	$(MAKE) --no-print-directory alone gate smoke

check: $(V)/.tests ## lint, types, imports and the quick tests
	$(MAKE) --no-print-directory lint types imports
	$(MAKE) --no-print-directory unit QUICK="and not long"

lint: $(V)/.tests ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(V)/.tests ## mypy, strict
	$(BIN)/mypy

imports: $(V)/.tests ## data takes one way, and so do imports
	$(BIN)/lint-imports

unit: $(V)/.tests ## tests without servers, browsers and namespaces
	$(BIN)/python tools/twice.py 2 "not slow and not netns $(QUICK)" $(BESIDE) </dev/null

slow: $(V)/.tests $(V)/.system ## tests with them; they mostly wait, so there are more lanes than cores
	$(BIN)/python tools/twice.py 3 "(slow or netns) and not alone" $(BESIDE) </dev/null

alone: $(V)/.tests $(V)/.system ## tests that need the machine for themselves
	$(BIN)/python tools/twice.py 1 "alone" </dev/null

measured: $(V)/.tests $(V)/.system ## tests of monitor, alert, telemetry and intake, with branch coverage
	@mkdir -p .coverage.d && chmod 1777 .coverage.d && rm -f .coverage.d/* .coverage
	$(BIN)/python tools/twice.py 2 "not alone" $(OWN) --cov --cov-report= </dev/null

gate: $(V)/.tests ## branch coverage of monitor, alert and telemetry, from the last `make measured`
	$(BIN)/python tools/coverage_gate.py 95 "$(GATED)"

smoke: $(V)/.tests $(V)/.system ## every bench in its short form
	$(BIN)/python tools/smoke.py </dev/null

bench: $(V)/.tests $(V)/.system ## one bench in full: make bench B=detect
	@test -f "bench/$(B).py" || { echo "make bench B=NAME; one of: $$($(BIN)/python tools/smoke.py --list)"; exit 2; }
	$(BIN)/python bench/$(B).py

docs: $(V)/.tests ## write docs/configuration.md and docs/facts.md anew from the source
	$(BIN)/python tools/reference.py
	$(BIN)/python tools/facts.py

picture: $(V)/.tests $(V)/.system ## take docs/page.png anew
	$(BIN)/python tools/picture.py

clean:          ## what was built here; not the state of `make run`
	rm -rf $(V) build .coverage .coverage.d .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(V)/bin/python:
	PYTHON="$(PYTHON)" tools/setup-venv $(V)

$(V)/.node: $(V)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[node,tui]'
	@touch $@

$(V)/.tests: $(V)/bin/python pyproject.toml constraints.txt tests/requirements.txt
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[node,dns,grpc,notify,tui]' -r tests/requirements.txt
	@touch $@ $(V)/.node

$(V)/.system: tools/setup-system $(V)/bin/python
	tools/setup-system
	@touch $@
