# Each target does all its own set-up: nothing is installed by hand before, and nothing outside the clone and the
# user's cache is changed.
.DELETE_ON_ERROR:
.PHONY: up down test check bench docs pictures fuzz clean

# Compiled modules are kept, as on most machines: a run of the engine starts many processes.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready

up: $(READY) ## provision the reference stack on the local sandbox, policy pack enforced
	@$(RUN) -m sandbox up

down: $(READY) ## remove everything that `make up` made
	@$(RUN) -m sandbox down

test: $(READY) ## every test, those on the real engine included
	@$(RUN) -m pytest --numprocesses logical --dist worksteal

check: $(READY) ## lint, format and types
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy

bench: $(READY) ## the benchmarks' table; parliament is one of the peers
	@$(RUN) -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@$(RUN) -m benchmarks

docs: $(READY) ## the documentation as a site, in the folder site
	@NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict --quiet
	@echo "Open site/index.html."

pictures: $(READY) ## the pictures of the README, from the project's own run
	@$(RUN) -m tests.pictures

fuzz: $(READY) ## the properties of the rule, the documents, the evaluator, the doctor and the audit, and of whatever comes from outside, with fifty times the examples
	@$(RUN) -m pytest --hypothesis-profile=fuzz tests/trust tests/iam tests/evaluation tests/audit tests/doctor/test_random.py tests/security/test_hostile.py

$(READY): pyproject.toml policy_pack/PulumiPolicy.yaml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=python3.x")'
	@test -x $(RUN) || { echo "Making the virtual environment $(VENV) …"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing what is needed into $(VENV) (once; about a minute) …"
	@$(RUN) -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

clean: ## forget the virtual environment and what the sandbox left
	-@test ! -f .sandbox/moto.json || $(RUN) -m sandbox down
	@rm -rf $(VENV) .sandbox
