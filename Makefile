# `make demo` and `make test` need nothing but Python 3.11 or later and make: each sets up .venv first.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DEMO   := demo-run
BENCH  ?=
CORES  := --numprocesses auto --maxprocesses 8 --dist worksteal

.PHONY: help demo test check format torture fuzz bench lock lowest clean

help:  ## list these targets
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/'

$(READY): pyproject.toml requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "loader needs Python 3.11 or later; name one with: make PYTHON=/path/to/python3"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY)  ## submit the sample portfolio to a local tenant; some of its rows are wrong on purpose
	@rm -rf $(DEMO)
	@$(BIN)/loader submit samples/portfolio.csv -t portfolio --sandbox --yes --rate 50/s --run-dir $(DEMO) \
		|| [ $$? -eq 1 ]
	@echo
	@echo "Exit code 1 said that some rows were not accepted. Open the results workbook named above; then try"
	@echo "  $(BIN)/loader check samples/portfolio.csv -t portfolio"

test: $(READY)  ## run the tests, on all cores
	$(BIN)/python -m pytest -q $(CORES)

check: $(READY)  ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(READY)  ## format and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

torture: $(READY)  ## a hundred kills over two thousand loans at a failing tenant, twenty over payments (some minutes)
	$(BIN)/python -m bench.torture

fuzz: $(READY)  ## two thousand damaged files of each format, other ones each time (some minutes)
	FUZZ_EXAMPLES=2000 $(BIN)/python -m pytest -q tests/fuzz $(CORES)

bench: $(READY)  ## loader beside what people would use instead, and what bounds it; more than half an hour (bench/README.md)
	$(BIN)/python -m bench $(BENCH)

lock: $(READY)  ## renew requirements-dev.lock (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--all-extras --group dev pyproject.toml --output-file requirements-dev.lock

lowest:  ## run the tests with the lowest versions that pyproject.toml allows (needs uv)
	uv venv --quiet --python $(PYTHON) .venv-lowest
	uv pip install --quiet --python .venv-lowest/bin/python --resolution lowest-direct --group dev --editable ".[keyring]"
	.venv-lowest/bin/python -m pytest -q $(CORES)

clean:  ## remove what make made
	rm -rf $(VENV) .venv-lowest .bench $(DEMO) .mypy_cache .ruff_cache .pytest_cache .hypothesis
