# `make` lists what there is; every target sets up what it needs.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PYTEST := pytest -n 2 --dist loadscope --no-loadscope-reorder
# A home waits for the disk some thousand times while it is made: where memory has room, the tests' homes lie there.
ROOM_IN_MEMORY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 6000000 {print $$6}')
ifneq ($(ROOM_IN_MEMORY),)
test test-fast test-scenarios test-spark test-long test-coverage: export PYTEST_DEBUG_TEMPROOT := $(ROOM_IN_MEMORY)
bench-faults: export TMPDIR := $(ROOM_IN_MEMORY)
endif
UV_VERSION := $(shell sed -n 's/^uv==\([^ ]*\).*/\1/p' requirements.txt)
# Only what has a hash in requirements.txt is installed, and only wheels: no package runs code while it is installed.
WHEELS := --only-binary :all:
CHECKED := --require-hashes --no-deps $(WHEELS)

.PHONY: help setup setup-spark spark-archive test-spark requirements audit demo dev test test-fast test-scenarios test-long test-coverage lint lint-python lint-sql generate bench bench-faults bench-gates bench-sources clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready ## create the virtual environment with the pinned requirements

.venv/.ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@set -e; started=$$(date +%s); \
	echo "Setting up .venv, once; later runs of make use it"; \
	echo "  1/5 a virtual environment of $$($(PYTHON) --version)"; \
	$(PYTHON) -m venv .venv || { echo "This Python cannot create virtual environments; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }; \
	echo "  2/5 uv $(UV_VERSION), which installs the packages"; \
	sed -n '/^uv==/,/[^\\]$$/p' requirements.txt > .venv/uv.txt; \
	$(BIN)/pip install --quiet --quiet --disable-pip-version-check $(CHECKED) --requirement .venv/uv.txt; \
	echo "  3/5 the $$(grep -c '^[^ ]*==' requirements.txt) pinned packages of requirements.txt"; \
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode $(CHECKED) --requirements requirements.txt \
		|| { echo "A package without a wheel for this system is built from its checked source by: make setup WHEELS="; exit 1; }; \
	echo "  4/5 this project, editable"; \
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; \
	echo "  5/5 dbt's manifest of the models"; \
	$(BIN)/python -W ignore -c 'from cdp_orchestration.dbt.project import manifest; manifest()'; \
	touch $@; \
	echo "Set up in $$(( $$(date +%s) - started )) s"

# pyspark is published as source alone. Its archive, the tool that builds it and what it needs are checked by their
# hashes, but code of it runs while it is built: whoever does not want Spark never runs this.
setup-spark: setup ## add pyspark, which is built from its checked source; it needs Java 17
	@sed -n '/^setuptools==/,/[^\\]$$/p' requirements-spark.txt > .venv/setuptools.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python $(CHECKED) --requirements .venv/setuptools.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python $(CHECKED) --no-binary pyspark --no-build-isolation \
		--requirements requirements-spark.txt

# What executors need, as an archive that Spark unpacks beside each: the project is installed in it, not linked.
spark-archive: setup ## pack the environment of the executors: build/executors.tar.gz
	@rm -rf build/executors build/executors.tar.gz
	@$(PYTHON) -m venv build/executors
	@$(BIN)/uv pip install --quiet --python build/executors/bin/python $(CHECKED) --requirements requirements.txt
	@$(BIN)/uv pip install --quiet --python build/executors/bin/python --no-deps --no-build-isolation .
	@tar --create --gzip --file build/executors.tar.gz --directory build/executors .
	@echo "build/executors.tar.gz: $$(du -h build/executors.tar.gz | cut -f1)"

test-spark: setup-spark ## run the tests that start Spark on this machine
	@$(BIN)/python -m $(PYTEST) -m spark --durations=5

# What pyproject.toml names, with all it needs: one file for every system, and for each newer Python as well.
requirements: setup ## write requirements.txt anew; pins stay, but for UPGRADE="duckdb dbt-core" or UPGRADE=all
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		$(if $(filter all,$(UPGRADE)),--upgrade,$(UPGRADE:%=--upgrade-package %)) \
		--extra dev --output-file requirements.txt pyproject.toml
	@{ sed -n 's/^spark = \["\(.*\)"\]$$/\1/p' pyproject.toml; echo setuptools; } | $(BIN)/uv pip compile --quiet --universal \
		--python-version 3.11 --generate-hashes --no-header --no-annotate --constraints requirements.txt \
		$(if $(filter all,$(UPGRADE)),--upgrade,$(UPGRADE:%=--upgrade-package %)) \
		--output-file requirements-spark.txt -

audit: setup ## look the pinned packages up in a database of advisories, if one can be reached
	@$(BIN)/python .ci/audit.py

demo: setup ## invent four silos, run the main job on them, say what it made
	@$(BIN)/cdp demo

dev: setup ## open Dagster's UI with its daemon
	@$(BIN)/cdp dev

test: setup lint ## run the checks that a change waits for: style, types, all tests but scenarios, Spark and long histories
	@$(BIN)/python -m $(PYTEST) -m "not scenario and not long and not spark" --durations=20

test-fast: setup ## run the tests that need no pipeline
	@$(BIN)/python -m $(PYTEST) -m "not slow and not long"

test-scenarios: setup ## run what takes a home through several syncs: erasure, damage, rollback, the UI, own sources
	@$(BIN)/python -m $(PYTEST) -m "scenario and not long" --durations=20

test-long: setup ## run long histories, whole journeys and many examples, as every night
	@CDP_TEST_NIGHT=1 $(BIN)/python -m $(PYTEST) -m "long or hypothesis"

# Tracing doubles the time of Python code on 3.11, so that only the tests that need no pipeline are measured.
test-coverage: setup
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m $(PYTEST) -m "not slow and not long"
	@$(BIN)/coverage combine --quiet
	@printf 'Per cent of the lines that the tests without a pipeline run: ' && $(BIN)/coverage report --format=total

lint: setup ## format, style, types, architecture
	@$(MAKE) --no-print-directory -j2 lint-python lint-sql

lint-python:
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

lint-sql:
	@$(BIN)/sqlfluff lint dbt_project/models dbt_project/tests

generate: setup ## write the files of the dbt project that are made from the streams and from the known values
	@$(BIN)/python -m cdp_orchestration.dbt.generated_files
	@$(BIN)/python -W ignore -m cdp_orchestration.dbt.contract_record

bench: setup ## measure accuracy and stage timings on invented data; RECORDS="100000 1000000": identity at these sizes; ENGINE=loop MEMORY=2: by this engine alone
	@$(BIN)/python -W ignore::UserWarning -m cdp_orchestration.benchmark.$(if $(ENGINE),engines --engine $(ENGINE) $(MEMORY:%=--memory %),run) \
		$(RECORDS:%=--records %)

bench-faults: setup ## strike small homes with faults, count what they survive; KILLS=200 CUSTOMERS=150 SEED=1 ONLY="stages files"
	@$(BIN)/python -W ignore -m cdp_orchestration.benchmark.faults.run $(KILLS:%=--kills %) $(CUSTOMERS:%=--customers %) $(SEED:%=--seed %) $(ONLY:%=--only %)

bench-gates: setup ## measure every gate, and plant damages; PERSONS=100000 TOUCHPOINTS=300000 CUSTOMERS=0: other sizes, no damages
	@$(BIN)/python -W ignore -m cdp_orchestration.benchmark.gates.run $(PERSONS:%=--persons %) $(TOUCHPOINTS:%=--touchpoints %) $(CUSTOMERS:%=--customers %)

bench-sources: setup ## measure landing and fetching; ROWS=100000 FILES=1000 ROWS_PER_FILE=100: these sizes
	@$(BIN)/python -m cdp_orchestration.benchmark.sources.run $(ROWS:%=--rows %) $(FILES:%=--files %) $(ROWS_PER_FILE:%=--rows-per-file %)

clean: ## remove what was made: the data of the default home, the environment, caches
	rm -rf .cdp .venv build dbt_project/target dbt_project/logs .hypothesis .mypy_cache .pytest_cache .ruff_cache .coverage .coverage.* .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
