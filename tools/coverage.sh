#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run a test command under coverage, then fail when less than FLOOR percent of plugins/ was run.
# usage: coverage.sh FLOOR COMMAND [ARGUMENT...]    needs the virtual environment's bin in PATH
#
# How code is counted that does not run in pytest itself:
# - Every Python that starts in the virtual environment with COVERAGE_PROCESS_START set measures itself: the package
#   `coverage` ships a .pth file for that. So pytest, its workers, ansible-playbook and the modules are all counted, as
#   long as a test hands its own environment on to what it starts, and modules run on the virtual environment's Python.
# - ansible-playbook forks a worker for each task, where action plugins run; the patches `fork` and `_exit` in
#   pyproject.toml restart the measuring in the child and save its data. ANSIBLE_WORKER_SHUTDOWN_POLL_* makes the parent
#   wait for that: without them it kills its workers as soon as it has their results.
# - A module runs out of a zip file: .../ansible_X_payload.zip/ansible_collections/rayops/alicloud/plugins/modules/x.py.
#   [tool.coverage.paths] maps that, and the symlink in site-packages, back to plugins/ when the data is combined.
# ansible-core's own private switches (_ANSIBLE_COVERAGE_CONFIG, since 2.19 _ANSIBLE_ANSIBALLZ_COVERAGE_CONFIG) are not
# needed, so this works alike with every release.
set -euo pipefail

floor=${1:?usage: coverage.sh FLOOR COMMAND [ARGUMENT...]}
shift
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
folder=$root/.build/coverage
rm -rf "$folder"
mkdir -p "$folder"

# Processes start in other folders: the paths must be absolute.
COVERAGE_FILE=$folder/data COVERAGE_PROCESS_START=$root/pyproject.toml \
    ANSIBLE_WORKER_SHUTDOWN_POLL_COUNT=1000 ANSIBLE_WORKER_SHUTDOWN_POLL_DELAY=0.01 "$@"

export COVERAGE_FILE=$folder/data
coverage combine --quiet
# A program that does nothing, for the files of plugins/ that no test ever imported: they count as not run. Combined apart,
# for coverage takes data without a single line to be a duplicate of other such data, and drops it.
coverage run --source=plugins -m this > /dev/null
coverage combine --quiet --append
coverage html --quiet --directory "$folder/html"
coverage report --fail-under="$floor"
