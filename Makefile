# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The commands for contributors. Needs git, bash, and Python 3.11 or newer. Everything else is installed into .venv.

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
# One more than there are cores: some tests wait for a process or a clock.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2) + 1)
ARGS ?=
COVERAGE ?=
RULES ?=
COVERAGE_FLOOR := 95
PYTEST = $(RUN) python -m pytest -n $(WORKERS) --dist worksteal

# A developer's machine has no metadata service, and a query would only cost time.
export ALIBABA_CLOUD_ECS_METADATA_DISABLED := true
# Use the settings of the repository, not those of the developer.
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
unexport ANSIBLE_HOME ANSIBLE_COLLECTIONS_PATH
export HYPOTHESIS_STORAGE_DIRECTORY := $(BUILD)/hypothesis
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Without bytecode, every ansible command takes 50 % longer.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z.-]*\):.*## /\1\t/p' Makefile | while IFS=$$'\t' read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

.PHONY: .venv
.venv: $(VENV)/.installed ## create the virtual environment; PYTHON=/path/to/python3 selects the interpreter

$(VENV)/.installed: tests/requirements.txt tests/unit/requirements.txt meta/ee-requirements.txt
	@python=$$(tools/find-python.sh 11); \
	if [ -e $(VENV)/bin/python ] && ! $(VENV)/bin/python -c '' 2> /dev/null; then rm -rf $(VENV); fi; \
	echo "Installing into $(VENV) with $$($$python --version) ..."; \
	[ -e $(VENV)/bin/python ] || $$python -m venv $(VENV)
	@$(VENV)/bin/python -m pip install -qq --requirement tests/requirements.txt
	@# Python finds the clone in site-packages, and ansible in its collections path. Both use one symlink.
	@mkdir -p $(COLLECTIONS)/ansible_collections/rayops $(BUILD)
	@ln -sfn "$(CURDIR)" $(COLLECTIONS)/ansible_collections/rayops/alicloud
	@ln -sfn $(COLLECTIONS)/ansible_collections "$$($(VENV)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ansible_collections"
	@$(VENV)/bin/ansible --version | sed -n 1p
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed tests/requirements-bench.txt
	@echo "Installing the plotting library into $(VENV) ..."
	@$(VENV)/bin/python -m pip install -qq --requirement tests/requirements-bench.txt
	@touch $@

$(VENV)/.installed-lint: $(VENV)/.installed tests/requirements-lint.txt
	@echo "Installing the linters into $(VENV) ..."
	@$(VENV)/bin/python -m pip install -qq --requirement tests/requirements-lint.txt
	@touch $@

$(VENV)/.installed-docs: $(VENV)/.installed tests/requirements-docs.txt
	@echo "Installing the documentation tools into $(VENV) ..."
	@$(VENV)/bin/python -m pip install -qq --requirement tests/requirements-docs.txt
	@touch $@

.PHONY: demo
demo: .venv ## run the whole life of a cluster against the emulator; needs no account and no network
	@$(RUN) tools/demo.sh $(ARGS)

.PHONY: demo-picture
demo-picture: .venv ## record `make demo` as the animated picture of the README
	@$(RUN) python tools/record_demo.py docs/docsite/rst/img/demo.svg

.PHONY: emulator
emulator: .venv ## run the emulator in the foreground; ARGS="--help" lists its options
	@$(RUN) python -m tests.emulator $(ARGS)

.PHONY: test
test: .venv ## run the unit and integration tests; RULES=probe.json runs the scenarios under the rules of a file
ifneq ($(RULES),)
	RULES="$(RULES)" $(PYTEST) tests/unit/scenarios/test_service_rules.py tests/unit/trust/test_strange_service.py $(ARGS)
else ifeq ($(COVERAGE),)
	$(PYTEST) $(ARGS)
else
	@$(RUN) tools/coverage.sh $(COVERAGE_FLOOR) python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)
endif

.PHONY: test-slow
test-slow: .venv ## run the tests that `make test` leaves out because they take long: roles, long pages, modules run both ways
	RAYOPS_TESTS=slow $(PYTEST) $(ARGS)

.PHONY: test-all
test-all: .venv ## run every test; `make test` runs a sample of the wide matrices
	RAYOPS_TESTS=all $(PYTEST) $(ARGS)

.PHONY: unit
unit: .venv ## run the unit tests
	$(PYTEST) tests/unit $(ARGS)

.PHONY: integration
integration: .venv ## run the integration tests: ansible-playbook against the emulator
	$(PYTEST) tests/integration $(ARGS)

# Ray is large and only these tests need it, so it has its own virtual environment.
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
test-ray: $(RAY_VENV)/.installed ## install Ray, and run the tests against it
	PATH="$(RAY_VENV)/bin:$$PATH" python -m pytest tests/ray $(ARGS)

.PHONY: live
live: .venv ## test a cluster's life, a round trip, and a job in a real workspace; needs three variables, see guide_probe
	@$(RUN) tools/live.sh $(ARGS)

.PHONY: coverage
coverage: ## run the tests with coverage; fails below the floor
	@$(MAKE) test COVERAGE=1

.PHONY: bench
bench: bench-task bench-fleet ## measure the cost of tasks and fleets, as ratios in one run

.PHONY: bench-task
bench-task: .venv ## ... of one task and of a loop
	@$(RUN) python -m tests.benchmarks.task_cost $(ARGS)

.PHONY: bench-fleet
bench-fleet: $(VENV)/.installed-bench ## ... of fleets by their size, and draw the plot of the page Fleets
	@mkdir -p $(BUILD)
	@$(RUN) python -m tests.benchmarks.fleet_cost --output $(BUILD)/fleet_cost.json $(ARGS)
	@$(RUN) python -m tests.benchmarks.plot $(BUILD)/fleet_cost.json docs/docsite/rst/img/fleet_cost.svg

.PHONY: lint
lint: $(VENV)/.installed-lint ## check style, types, language, documentation, changelog, and licenses
	@$(RUN) tools/lint.sh

.PHONY: docs
docs: $(VENV)/.installed-docs ## build the documentation in .build/docs/html, and check it in a browser
	@$(RUN) tools/docs.sh

.PHONY: format
format: $(VENV)/.installed-lint ## format the Python files
	$(RUN) ruff check --fix
	$(RUN) ruff format

.PHONY: nightly
nightly: ## run the slower checks: every test, coverage, oldest ansible-core, lowest and newest versions, Ray, ee, rehearsal
	@$(MAKE) test-all
	@$(MAKE) coverage
	@$(MAKE) sanity-oldest
	@$(MAKE) test-lowest
	@$(MAKE) test-newest
	@$(MAKE) importer
	@RAYOPS_AWX=all $(MAKE) test-awx AWX_CORE=2.16
	@$(MAKE) test-ray
	@$(MAKE) ee
	@$(MAKE) rehearsal

.PHONY: sanity
sanity: sanity-oldest sanity-newest ## run ansible-test sanity on the oldest and the newest supported ansible-core

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
test-core: ## run the tests on one ansible-core and Python: CORE=2.18 MINOR=12
	@tools/test-core.sh "$(CORE)" "$(MINOR)" -n $(WORKERS) --dist worksteal $(ARGS)

.PHONY: test-lowest
test-lowest: ## run the tests with the lowest versions of the requirements
	@tools/test-core.sh lowest -n $(WORKERS) --dist worksteal $(ARGS)

.PHONY: test-newest
test-newest: ## run the tests with the newest versions of the requirements
	@tools/test-core.sh newest -n $(WORKERS) --dist worksteal $(ARGS)

# PAIRS="2.18-12 2.21-13" selects pairs. ARGS go to pytest.
.PHONY: matrix
matrix: ## run sanity and all tests on every ansible-core and Python of tests/matrix.txt; takes hours
	@tools/matrix.sh run -n $(WORKERS) --dist worksteal $(ARGS)

.PHONY: matrix-json
matrix-json: ## ... print that list for a workflow
	@tools/matrix.sh json

# AWX_CORE is a release of ansible-core in the images of AWX, 2.16 to 2.18.
AWX_CORE ?= 2.18
AWX_WORKERS ?= $(WORKERS)
.PHONY: test-awx
test-awx: ## test the AWX role against a double of its API, and its jobs with ansible-runner; AWX_CORE=2.16
	@tools/test-awx.sh "$(AWX_CORE)" -n $(AWX_WORKERS) --dist worksteal tests/awx $(ARGS)

.PHONY: awx-files
awx-files: .venv ## write the definitions of the role awx_setup as files below extensions/awx
	@$(RUN) python tools/awx_files.py

.PHONY: ee
ee: .venv ## build the context of the execution environment, and test its content
	@$(RUN) tools/ee.sh

.PHONY: build
build: .venv ## build the tarball in dist/ twice, compare both, and install one offline
	@$(RUN) tools/build.sh

.PHONY: importer
importer: build ## run galaxy-importer and ansible-lint on the tarball
	@QUICK=$(QUICK) tools/importer.sh dist/rayops-alicloud-*.tar.gz

.PHONY: changelog
changelog: $(VENV)/.installed-lint ## make the changelog entry of this version again, until the version has a tag
	@$(RUN) tools/changelog.sh

.PHONY: release
release: $(VENV)/.installed-lint ## VERSION=x.y.z: write version, changelog, and tarball, and print the remaining steps
	@$(RUN) tools/release.sh "$(VERSION)"

.PHONY: release-files
release-files: $(VENV)/.installed-lint ## build the tarball, its checksum, and the release notes in dist/
	@$(RUN) tools/release-files.sh

.PHONY: publish
publish: .venv ## publish dist/ on Galaxy; needs the owner's token in GALAXY_API_KEY
	@$(RUN) tools/publish.sh

.PHONY: rehearsal
rehearsal: $(VENV)/.installed-lint ## try a release in a clone
	@$(RUN) tools/rehearse-release.sh

.PHONY: clean
clean: ## remove all generated files
	rm -rf $(VENV) $(BUILD) dist tests/output .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
