# The whole developer interface. The first call makes .venv from requirements.lock, or for tests and checks from
# requirements-dev.lock too; later ones reuse it.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help demo month up automations ledger verify backup restore explain test test-slow test-postgres torture mutants check schemas bench lock clean

help:  ## list what make can do
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 12

demo: .venv/ready  ## bring the 60 devices of a simulated plant into service (FRESH=1: start anew)
	@$(BIN)/muster demo $(if $(FRESH),--fresh)

month: .venv/ready  ## play 30 nights at three simulated sites in about a minute (SEED=8: another month)
	@$(BIN)/python -m deployments.month $(if $(SEED),--seed $(SEED))

up: .venv/ready  ## Prefect server, worker and (unless a real system is named) the simulator, until Ctrl-C
	@$(BIN)/muster up

automations: .venv/ready  ## write deployments/automations.yaml to the Prefect server: who is notified of what
	@$(BIN)/python -m deployments.automations

test: .venv/dev  ## the fast tests
	@$(BIN)/python -m pytest -n auto

test-slow: .venv/dev  ## the tests that start servers, and a sample of torture (CI runs them too)
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder \
		-m "server or postgres or browser or reliability or process or heavy" -rs

test-postgres: .venv/dev  ## the tests of a ledger, all of them on PostgreSQL (test-slow: a tenth)
	@MUSTER_TEST_ON_POSTGRES=whole $(BIN)/python -m pytest -m postgres -rs

torture: .venv/dev  ## crashes, faults and rivals by the hundred (SEED=8: other ones)
	@MUSTER_TORTURE=whole $(if $(SEED),MUSTER_TORTURE_SEED=$(SEED)) $(BIN)/python -m pytest -n auto -m reliability tests/reliability -rs

mutants: .venv/dev  ## put faults into the rules, one at a time: tests must notice (MODULE=fleet/status)
	@CI=1 nice $(BIN)/python -m tests.mutants $(MODULE)

ledger: .venv/ready  ## create the ledger's tables, or bring them up to date
	@$(BIN)/muster ledger prepare

verify: .venv/ready  ## check that every decision is as it was recorded (HEAD=…: the head that a report printed)
	@$(BIN)/muster verify $(if $(HEAD),--head '$(HEAD)')

backup: .venv/ready  ## write all of the ledger to a new file (FILE=…), while runs go on
	@$(BIN)/muster ledger backup '$(FILE)'

restore: .venv/ready  ## make the ledger what a backup holds (FILE=…); what is there now is set aside
	@$(BIN)/muster ledger restore '$(FILE)'

explain: .venv/ready  ## tell the story of one device (SITE=plant-7 DEVICE=edge-042), without a Prefect server
	@$(BIN)/muster explain $(if $(CONNECTION),--connection '$(CONNECTION)') -- $(if $(SITE),'$(SITE)') $(if $(DEVICE),'$(DEVICE)')

check: .venv/dev  ## formatting, lint, types, and who imports whom
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --no-cache

schemas: .venv/ready  ## write the JSON schemas of policies and night rules anew
	@$(BIN)/python -m deployments.schemas

bench: .venv/dev  ## measure: onboarding, quotas, nights with a year of history, and large rosters
	@$(BIN)/python -m bench.onboarding
	@$(BIN)/python -m bench.quota
	@$(BIN)/python -m bench.history
	@$(BIN)/python -m bench.growth
	@$(BIN)/python -m bench.five_years
	@$(BIN)/python -m bench.rosters

PIN = uv pip compile -q --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
	--extra postgres --custom-compile-command "make lock" pyproject.toml
lock:  ## pin every dependency anew, with hashes (needs uv)
	@$(PIN) --upgrade -o requirements.lock
	@$(PIN) --upgrade --extra dev --constraints requirements.lock -o requirements-dev.lock

clean:  ## remove the environment and everything that was written
	@rm -rf .venv var

# It needs nothing, so that an environment that is ready gets it, too.
$(BIN)/muster:
	@mkdir -p $(BIN)
	@ln -sf ../../command/clone.sh $@

# A lock is complete, so pip need not resolve (and old pips cannot, with hashes); `pip check` proves it.
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r
.venv/ready: requirements.lock | $(BIN)/muster
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Muster needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12 …"; exit 1; }
	@echo "setting up .venv (about a minute, once) …"
	@$(PYTHON) -m venv .venv
	@$(INSTALL) requirements.lock
	@$(BIN)/python -m pip check >/dev/null
	@touch $@

.venv/dev: .venv/ready requirements-dev.lock
	@echo "adding what tests and checks need …"
	@$(INSTALL) requirements-dev.lock
	@$(BIN)/python -m pip check >/dev/null
	@touch $@
