#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Build the documentation in .build/docs/html: the guides of docs/docsite, and a page for every plugin and role. A warning is an error.
# Then check the links, and every page in a browser. Needs no network, and the virtual environment's bin in PATH.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DOCS_BUILD=$root/.build/docs
rm -rf "$DOCS_BUILD"
mkdir -p "$DOCS_BUILD"
# antsibull-docs writes only to a private directory.
mkdir -m 700 "$DOCS_BUILD/src"

export ANSIBLE_COLLECTIONS_PATH=$root/.venv/collections
antsibull-docs collection --use-current --squash-hierarchy --fail-on-error --dest-dir "$DOCS_BUILD/src" rayops.alicloud
# antsibull-docs copies only pages.
cp -R "$root/docs/docsite/rst/img" "$DOCS_BUILD/src/docsite/img"

sphinx-build -b html -j auto -c "$root/docs/sphinx" -d "$DOCS_BUILD/doctrees" --quiet --nitpicky --fail-on-warning --keep-going \
    "$DOCS_BUILD/src" "$DOCS_BUILD/html"
python "$root/tools/check_site.py" "$DOCS_BUILD/html"
cd "$root"
python -m pytest tests/site -n 0 -q
