# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything a contributor does is one target. Needs git, bash and a Python of 3.11 or newer; the rest goes into .venv.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BUILD := $(CURDIR)/.build
RAY_VENV := $(BUILD)/venv-ray
COLLECTIONS := $(CURDIR)/$(VENV)/collections
RUN := PATH="$(CURDIR)/$(VENV)/bin:$$PATH"

# pytest: `make unit ARGS="-k signature"`, `make test WORKERS=0` for one process, `make test COVERAGE=1` for the gate.
WORKERS ?= auto
ARGS ?=
COVERAGE ?=
COVERAGE_FLOOR := 95
PYTEST = $(RUN) python -m pytest -n $(WORKERS) --dist worksteal

# The metadata service is not on a developer's machine: asking it only costs time.
export ALIBABA_CLOUD_ECS_METADATA_DISABLED := true
# These settings, not the developer's own: see there.
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
unexport ANSIBLE_HOME ANSIBLE_COLLECTIONS_PATH
export HYPOTHESIS_STORAGE_DIRECTORY := $(BUILD)/hypothesis
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Without bytecode every ansible command takes half as long again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z.-]*\):.*## /\1\t/p' Makefile | while IFS=$$'\t' read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

.PHONY: .venv
.venv: $(VENV)/.installed ## the virtual environment; PYTHON=/path/to/python3 chooses the interpreter

$(VENV)/.installed: tests/requirements.txt tests/unit/requirements.txt meta/ee-requirements.txt
	@python=$$(tools/find-python.sh 11); \
	if [ -e $(VENV)/bin/python ] && ! $(VENV)/bin/python -c '' 2> /dev/null; then rm -rf $(VENV); fi; \
	echo "Installing into $(VENV) with $$($$python --version) ..."; \
	[ -e $(VENV)/bin/python ] || $$python -m venv $(VENV)
	@$(VENV)/bin/python -m pip install -qq --requirement tests/requirements.txt
	@# Python finds the checkout in site-packages, ansible on its collections path: both are one symlink.
	@mkdir -p $(COLLECTIONS)/ansible_collections/rayops $(BUILD)
	@ln -sfn "$(CURDIR)" $(COLLECTIONS)/ansible_collections/rayops/alicloud
	@ln -sfn $(COLLECTIONS)/ansible_collections "$$($(VENV)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ansible_collections"
	@$(VENV)/bin/ansible --version | sed -n 1p
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed tests/requirements-bench.txt
	@echo "Installing what draws into $(VENV) ..."
	@$(VENV)/bin/python -m pip install -qq --requirement tests/requirements-bench.txt
	@touch $@

$(VENV)/.installed-lint: $(VENV)/.installed tests/requirements-lint.txt
	@echo "Installing the linters into $(VENV) ..."
	@$(VENV)/bin/python -m pip install -qq --requirement tests/requirements-lint.txt
	@touch $@

$(VENV)/.installed-docs: $(VENV)/.installed tests/requirements-docs.txt
	@echo "Installing what builds the documentation into $(VENV) ..."
	@$(VENV)/bin/python -m pip install -qq --requirement tests/requirements-docs.txt
	@touch $@

.PHONY: demo
demo: .venv ## a cluster's whole life, by playbook against the emulator: no account, no network
	@$(RUN) tools/demo.sh $(ARGS)

.PHONY: demo-picture
demo-picture: .venv ## record `make demo` as the animated picture of the README
	@$(RUN) python tools/record_demo.py docs/docsite/rst/img/demo.svg

.PHONY: emulator
emulator: .venv ## the emulator in the foreground; ARGS="--help" for its options
	@$(RUN) python -m tests.emulator $(ARGS)

.PHONY: test
test: .venv ## unit and integration tests
ifeq ($(COVERAGE),)
	$(PYTEST) $(ARGS)
else
	@$(RUN) tools/coverage.sh $(COVERAGE_FLOOR) python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)
endif

.PHONY: test-all
test-all: .venv ## every test, the wide matrices included; `make test` tries a sample of them
	RAYOPS_TESTS=all $(PYTEST) $(ARGS)

.PHONY: unit
unit: .venv ## unit tests only
	$(PYTEST) tests/unit $(ARGS)

.PHONY: integration
integration: .venv ## integration tests only: real ansible-playbook runs against the emulator
	$(PYTEST) tests/integration $(ARGS)

# Its own virtual environment: Ray is large, and nothing else needs it.
$(RAY_VENV)/.installed: tests/ray/requirements.txt tests/requirements.txt tests/unit/requirements.txt meta/ee-requirements.txt
	@python=$$(tools/find-python.sh 11 13); \
	echo "Installing Ray into $(RAY_VENV) with $$($$python --version) ..."; \
	[ -e $(RAY_VENV)/bin/python ] || $$python -m venv $(RAY_VENV)
	@$(RAY_VENV)/bin/python -m pip install -qq --requirement tests/ray/requirements.txt
	@packages=$$($(RAY_VENV)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); \
	mkdir -p "$$packages/ansible_collections/rayops"; \
	ln -sfn "$(CURDIR)" "$$packages/ansible_collections/rayops/alicloud"
	@touch $@

.PHONY: test-ray
test-ray: $(RAY_VENV)/.installed ## tests against real Ray on this machine: installs it, takes three minutes or so
	PATH="$(RAY_VENV)/bin:$$PATH" python -m pytest tests/ray $(ARGS)

.PHONY: coverage
coverage: ## `make test` under coverage, its subprocesses too; fails below the floor
	@$(MAKE) test COVERAGE=1

.PHONY: bench
bench: bench-task bench-fleet ## what tasks and fleets cost, as ratios measured in one run; gates nothing

.PHONY: bench-task
bench-task: .venv ## ... one task and a loop of them
	@$(RUN) python -m tests.benchmarks.task_cost $(ARGS)

.PHONY: bench-fleet
bench-fleet: $(VENV)/.installed-bench ## ... fleets by their size; draws the picture of the page about fleets
	@mkdir -p $(BUILD)
	@$(RUN) python -m tests.benchmarks.fleet_cost --output $(BUILD)/fleet_cost.json $(ARGS)
	@$(RUN) python -m tests.benchmarks.plot $(BUILD)/fleet_cost.json docs/docsite/rst/img/fleet_cost.svg

.PHONY: lint
lint: $(VENV)/.installed-lint ## style, types, documentation, changelog, licences
	@$(RUN) tools/lint.sh

.PHONY: docs
docs: $(VENV)/.installed-docs ## the documentation as HTML, in .build/docs/html; a warning is an error
	@$(RUN) tools/docs.sh

.PHONY: format
format: $(VENV)/.installed-lint ## rewrite the Python files in the house style
	$(RUN) ruff check --fix
	$(RUN) ruff format

.PHONY: nightly
nightly: ## the slower rest: every test, coverage, the oldest ansible-core, lowest and newest versions, Ray, ee, rehearsal
	@$(MAKE) test-all
	@$(MAKE) coverage
	@$(MAKE) sanity-oldest
	@$(MAKE) test-lowest
	@$(MAKE) test-newest
	@$(MAKE) importer
	@$(MAKE) test-awx AWX_CORE=2.16
	@$(MAKE) test-ray
	@$(MAKE) ee
	@$(MAKE) rehearsal

.PHONY: sanity
sanity: sanity-oldest sanity-newest ## ansible-test sanity on the oldest and the newest supported ansible-core

.PHONY: sanity-oldest
sanity-oldest: ## ... on the oldest only
	@tools/ansible-test.sh $$(tools/matrix.sh oldest) sanity $(ARGS)

.PHONY: sanity-newest
sanity-newest: ## ... on the newest only
	@newest=$$(tools/matrix.sh newest); tools/ansible-test.sh $$newest sanity $(ARGS)

# CORE is a release of ansible-core such as 2.18, MINOR the y of Python 3.y.
.PHONY: sanity-core
sanity-core: ## ... on one ansible-core and Python: CORE=2.18 MINOR=12
	@tools/ansible-test.sh $(CORE) $(MINOR) $(MINOR) sanity $(ARGS)

.PHONY: test-core
test-core: ## the tests on one ansible-core and Python: CORE=2.18 MINOR=12
	@tools/test-core.sh "$(CORE)" "$(MINOR)" -n $(WORKERS) --dist worksteal $(ARGS)

.PHONY: test-lowest
test-lowest: ## the tests with the lower bounds themselves of what the collection needs
	@tools/test-core.sh lowest -n $(WORKERS) --dist worksteal $(ARGS)

.PHONY: test-newest
test-newest: ## the tests with the newest that there is of it
	@tools/test-core.sh newest -n $(WORKERS) --dist worksteal $(ARGS)

# PAIRS="2.18-12 2.21-13" takes these only, ARGS go to pytest.
.PHONY: matrix
matrix: ## sanity, units and integration on every ansible-core and Python of tests/matrix.txt: takes hours
	@tools/matrix.sh run -n $(WORKERS) --dist worksteal $(ARGS)

.PHONY: matrix-json
matrix-json: ## ... that list, for a workflow
	@tools/matrix.sh json

# AWX_CORE is a release of ansible-core that AWX's images carry, 2.16 to 2.18.
AWX_CORE ?= 2.18
AWX_WORKERS ?= 2
.PHONY: test-awx
test-awx: ## the AWX kit: its role against a double of AWX's API, its jobs with ansible-runner; AWX_CORE=2.16
	@tools/test-awx.sh "$(AWX_CORE)" -n $(AWX_WORKERS) --dist worksteal tests/awx $(ARGS)

.PHONY: awx-files
awx-files: .venv ## write the definitions of the role awx_setup as files below extensions/awx
	@$(RUN) python tools/awx_files.py

.PHONY: ee
ee: .venv ## the context of the execution environment, its content proven in a clean virtual environment
	@$(RUN) tools/ee.sh

.PHONY: build
build: .venv ## the collection's tarball in dist/, made twice and installed offline to prove it
	@$(RUN) tools/build.sh

.PHONY: importer
importer: build ## galaxy-importer and ansible-lint on the tarball: no error, no warning, nothing skipped
	@QUICK=$(QUICK) tools/importer.sh dist/rayops-alicloud-*.tar.gz

.PHONY: changelog
changelog: $(VENV)/.installed-lint ## the changelog's entry of this version, made again of what is new, as long as it has no tag
	@$(RUN) tools/changelog.sh

.PHONY: release
release: $(VENV)/.installed-lint ## VERSION=x.y.z: version, changelog and tarball; pushes nothing, says what to do next
	@$(RUN) tools/release.sh "$(VERSION)"

.PHONY: release-files
release-files: $(VENV)/.installed-lint ## the tarball of this version with its checksum and release notes, in dist/
	@$(RUN) tools/release-files.sh

.PHONY: publish
publish: .venv ## publish dist/ on Galaxy; needs the owner's token in GALAXY_API_KEY
	@$(RUN) tools/publish.sh

.PHONY: rehearsal
rehearsal: $(VENV)/.installed-lint ## a release that nobody sees, in a clone
	@$(RUN) tools/rehearse-release.sh

.PHONY: clean
clean: ## remove everything that is made here
	rm -rf $(VENV) $(BUILD) dist tests/output .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
