#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run galaxy-importer on a tarball, as Galaxy and Automation Hub do, and run ansible-lint on the installed collection. Both must
# report no error and no warning.
# usage: importer.sh TARBALL    needs the virtual environment's bin in PATH
#        QUICK=1 skips the importer's own ansible-lint, which omits rules and folders that this script checks
#
# - The importer always returns 0, even if a step failed. Its log counts.
# - It starts flake8 once for each plugin, which takes a minute. This script runs flake8 once for all, with the same
#   settings.
# - ansible-lint reads the installed collection: no .ansible-lint, no excluded file, no skipped rule.
set -euo pipefail

tarball=$(realpath "${1:?usage: importer.sh TARBALL}")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/.." && pwd)
tools=$root/.build/venv-importer
requirements=$root/tests/requirements-importer.txt
if [ ! -e "$tools/.installed" ] || [ "$requirements" -nt "$tools/.installed" ]; then
    echo "Installing galaxy-importer into $tools ..."
    rm -rf "$tools"
    "$("$here/find-python.sh" 11 2> /dev/null || PYTHON='' "$here/find-python.sh" 11)" -m venv "$tools"
    "$tools/bin/python" -m pip install -qq --requirement "$requirements"
    touch "$tools/.installed"
fi

# Outside the clone, because ansible-lint reads settings from parent folders.
work=$(mktemp -d)
lint=
trap '[ -z "$lint" ] || kill "$lint" 2> /dev/null || true; rm -rf "$work"' EXIT
cat > "$work/importer.cfg" << 'CONFIG'
[galaxy-importer]
check_changelog = True
check_required_tags = True
offline_ansible_lint = True
require_v1_or_greater = True
run_ansible_doc = True
run_ansible_lint = LINT
run_ansible_test = False
run_flake8 = False
CONFIG
said=('Importer processing completed successfully' 'Collection loading complete')
if [ -n "${QUICK:-}" ]; then
    sed -i.bak 's/LINT/False/' "$work/importer.cfg"
else
    sed -i.bak 's/LINT/True/' "$work/importer.cfg"
    said+=('\.\.\.ansible-lint run complete')
fi
export ANSIBLE_HOME=$work/home PATH=$tools/bin:$PATH
unset ANSIBLE_CONFIG ANSIBLE_COLLECTIONS_PATH
cd "$work"
ansible-galaxy collection install --offline --force -p "$work/installed" "$tarball" > "$work/install.log" 2>&1 || { cat "$work/install.log"; exit 1; }
installed=$work/installed/ansible_collections/rayops/alicloud

lint() (
    cd "$installed"
    ANSIBLE_COLLECTIONS_PATH=$work/installed ANSIBLE_HOME=$work/lint-home XDG_CACHE_HOME=$work/lint-cache \
        ansible-lint --offline --profile production --strict --nocolor > "$work/lint.log" 2>&1
)
# In parallel, unless the importer starts its own ansible-lint, with a limit of three minutes.
[ -z "${QUICK:-}" ] || { lint & lint=$!; }
failed=
GALAXY_IMPORTER_CONFIG=$work/importer.cfg GALAXY_IMPORTER_ANSIBLE_LOCAL_TMP=$work/tmp \
    python -m galaxy_importer.main "$tarball" > "$work/importer.log" 2>&1 || failed=1
for text in "${said[@]}"; do grep -q "^$text" "$work/importer.log" || failed=1; done
! grep -qE '^(CRITICAL|ERROR|WARNING)|Traceback' "$work/importer.log" || failed=1
if [ -n "$failed" ]; then
    grep -vE '^(Loading|Linting) ' "$work/importer.log" || true
    echo "FAILED: galaxy-importer has something to say about $tarball." >&2
fi
if ! (cd "$installed" && python - > "$work/flake8.log" 2>&1) << 'PYTHON'; then
import subprocess
import sys
from galaxy_importer import constants as its
settings = ["--isolated", "--extend-ignore", its.FLAKE8_IGNORE_ERRORS, "--select", its.FLAKE8_SELECT_ERRORS]
length = ["--max-line-length", str(its.FLAKE8_MAX_LINE_LENGTH)]
# All files, as the importer does: a file that is not Python is an error.
sys.exit(subprocess.call(f"find plugins -type f -print0 | xargs -0 flake8 {' '.join(settings + length)} --", shell=True))
PYTHON
    cat "$work/flake8.log"
    echo "FAILED: flake8, with the settings of galaxy-importer." >&2
    failed=1
fi
if ! { if [ -n "$lint" ]; then wait "$lint"; else lint; fi; }; then
    cat "$work/lint.log"
    echo "FAILED: ansible-lint --profile production on the installed collection." >&2
    failed=1
fi
lint=
[ -z "$failed" ] || exit 1
importer=$("$tools/bin/python" -c 'from importlib.metadata import version; print(version("galaxy-importer"))')
echo "$tarball: galaxy-importer $importer has no error and no warning, $(ansible-lint --version --nocolor 2> /dev/null | sed -n '1s/ using.*//p') nothing to say"
