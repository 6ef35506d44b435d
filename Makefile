# make run     the shipped scenarios against the simulated charger
# make test    everything that can be tried without a network, the dearest of it in samples
# make test-thorough  the same without samples: the whole library at every Gateway, many more examples of each property
# make obligations    every obligation of a certification case, against a good peer and against one that breaks it
# make packages       builds sdist and wheel and tries the tutorial with them in an empty environment (needs a network)
# make test-lowest    the same with the lowest versions of every dependency that pyproject.toml allows
# make lint    style, types
# make bench   the budgets, each beside its baseline
# make mutants random faults in charger, CSMS and authorization, and whether the shipped scenarios notice them
# make editor  what an editor completes, explains and marks, asked of the YAML language server (needs node)
# make language-server  only installs that server, for the same tests as a part of `make test` (needs node)
# make stations  installs a station of another language, for the tests that talk to it (needs node)
# make site   the documentation as a site, in build/site, to be read without a network
# make docs    regenerate docs/reference and schemas, then run every example in the documentation
#
# The first call makes .venv; later calls need no network until pyproject.toml changes.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
COUNT ?= 100
SEED ?= 1
JOBS ?= $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$python; break; fi; done)
# Half of the tests' time is waiting, for other processes and for real clocks: seven of theirs keep two cores busy.
PYTEST := -m pytest -q -n $$(($(JOBS) * 7 / 2)) --dist loadfile --no-loadscope-reorder
# Without bytecode every process of the tests would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := run
.PHONY: run test obligations packages test-thorough test-lowest lint bench mutants docs site editor language-server stations clean

run: $(STAMP)
	@$(BIN)/ocpplab-runner run scenarios -j $(JOBS) --strict

test: $(STAMP)
	@$(BIN)/python $(PYTEST) --ignore tests/packaging

obligations: $(STAMP)
	@OCPPLAB_TESTS=thorough $(BIN)/python $(PYTEST) --dist load tests/certification

packages: $(STAMP)
	@$(BIN)/python -m pytest -q tests/packaging

test-thorough: $(STAMP)
	@OCPPLAB_TESTS=thorough $(BIN)/python $(PYTEST)

test-lowest: $(STAMP)
	@$(BIN)/python -m tests.lowest > $(VENV)/lowest.txt
	@$(PYTHON) -m venv --clear $(VENV)-lowest
	@$(VENV)-lowest/bin/python -m pip install --quiet --disable-pip-version-check --constraint $(VENV)/lowest.txt \
		--editable '.[dev]'
	@$(VENV)-lowest/bin/python $(PYTEST)

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(STAMP)
	@$(BIN)/python -m benchmarks

mutants: $(STAMP)
	@$(BIN)/python -m benchmarks.mutants --count $(COUNT) --seed $(SEED) --jobs $(JOBS)

docs: $(STAMP)
	@$(BIN)/python -m docs.generate
	@$(BIN)/python -m pytest -q tests/acceptance/test_documentation.py

site: $(STAMP)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

editor: language-server
	@$(BIN)/python -m pytest -q tests/editor

language-server: $(STAMP)
	@npm install --silent --no-audit --no-fund --prefix $(VENV)/editor yaml-language-server@1.19.2

stations: $(STAMP)
	@npm install --silent --no-audit --no-fund --prefix $(VENV)/stations ocpp-rpc@2.2.1

clean:
	@rm -rf $(VENV) $(VENV)-lowest build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .ocpplab
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { echo "ocpplab-runner needs Python 3.11 or later; none was found" >&2; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
