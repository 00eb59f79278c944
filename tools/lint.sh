#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run every linter, tell which failed, and fail when one did. Needs the virtual environment's bin in PATH.
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
failed=()
check() {
    local name=$1 started=$SECONDS output
    shift
    if output=$("$@" 2>&1); then
        printf 'ok      %-18s %3s s\n' "$name" $((SECONDS - started))
    else
        printf 'FAILED  %-18s %3s s\n%s\n' "$name" $((SECONDS - started)) "$output"
        failed+=("$name")
    fi
}

check "ruff check" ruff check --quiet
check "ruff format" ruff format --check
# galaxy-importer reports these, and ruff does not have them.
check "pycodestyle" pycodestyle --select=W503,W504 plugins
# By its name in the collection, so that mypy sees each file under one name only.
check "mypy" env MYPYPATH=.venv/collections mypy -p ansible_collections.rayops.alicloud.plugins.module_utils \
    -p ansible_collections.rayops.alicloud.plugins.plugin_utils -p ansible_collections.rayops.alicloud.plugins.action
# The language of what people read; the paths that are held to it are in tools/prose.toml.
mapfile -t prose < <(python tools/prose.py --files)
check "prose" python tools/prose.py
check "codespell" codespell "${prose[@]}"
check "yamllint" yamllint --strict .
check "shellcheck" shellcheck tools/*.sh .ci/run
check "reuse" reuse lint --quiet
check "changelog" antsibull-changelog lint
check "docs" antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs all --skip-rstcheck .
check "ansible-lint" ansible-lint --offline --profile production --strict

if [ ${#failed[@]} -gt 0 ]; then
    echo "lint failed: ${failed[*]}" >&2
    exit 1
fi
