# Each target does all its own set-up: nothing is installed by hand before, and nothing outside the clone and the
# user's cache is changed.
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: up down test languages check bench docs pictures fuzz life clean

# Compiled modules are kept, as on most machines: a run of the engine starts many processes.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
INSTALLED := $(VENV)/.ready
# Half as many tests again as there are processors: those on the engine wait for it half of the time.
WORKERS = $(shell $(RUN) -c 'import os; print(os.cpu_count() * 3 // 2)')

up: $(INSTALLED)-up ## provision the reference stack on the local sandbox, policy pack enforced
	@$(RUN) -m sandbox up

down: $(INSTALLED)-up ## remove everything that `make up` made
	@$(RUN) -m sandbox down

test: $(INSTALLED)-up $(INSTALLED)-test ## all tests, also those on the real engine, without Java's (make languages)
	@$(RUN) -m pytest --numprocesses $(WORKERS) --dist worksteal

languages: $(INSTALLED)-up $(INSTALLED)-test ## Java's tests, whose language host takes minutes to build
	@$(RUN) -m pytest -m languages tests/languages

check: $(INSTALLED)-test ## lint, format and types
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy

bench: $(INSTALLED)-up $(INSTALLED)-bench ## the benchmarks' table; parliament is one of the peers
	@$(RUN) -m benchmarks

docs: $(INSTALLED)-docs ## the documentation as a site, in the folder site
	@NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict --quiet
	@echo "Open site/index.html."

pictures: $(INSTALLED)-up $(INSTALLED)-test ## the pictures of the README, from the project's own run
	@$(RUN) -m tests.pictures

fuzz: $(INSTALLED)-test ## the properties of the rule, the documents, the evaluator, the doctor and the audit, and of whatever comes from outside, with fifty times the examples
	@$(RUN) -m pytest --hypothesis-profile=fuzz tests/trust tests/iam tests/evaluation tests/audit tests/doctor/test_random.py tests/security/test_hostile.py

life: $(INSTALLED)-up $(INSTALLED)-test ## a thousand random changes to stacks on the real engine
	@$(RUN) -m tests.lifecycle life

$(INSTALLED)-%: pyproject.toml policy_pack/PulumiPolicy.yaml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=python3.x")'
	@$(PYTHON) -m sandbox.install $*

clean: ## forget the virtual environment and what the sandbox left
	-@test ! -f .sandbox/moto.json || $(RUN) -m sandbox down
	@rm -rf $(VENV) .sandbox
