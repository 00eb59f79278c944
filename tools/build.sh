#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Build the collection from a clean tree, install it offline from the tarball, and read its documentation back.
# usage: build.sh [FOLDER]    leaves the tarball in FOLDER (dist by default); needs the virtual environment's bin in PATH
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
output=${1:-$here/../dist}
mkdir -p "$output"
output=$(cd "$output" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$here/copy-tree.sh" "$work/tree"
rm -f "$output"/rayops-alicloud-*.tar.gz
(cd "$work/tree" && ansible-galaxy collection build --output-path "$output" > "$work/build.log") || { cat "$work/build.log"; exit 1; }
tarball=$(echo "$output"/rayops-alicloud-*.tar.gz)

# What is no part of a collection must not be shipped: build_ignore in galaxy.yml is a list of names that someone has to keep.
tar -tzf "$tarball" | sed 's|^\./||' > "$work/names"
if grep -nE '^(\.|Makefile|pyproject\.toml|tools/|tests/(unit|integration|benchmarks|output)/|dist/|extensions/)|__pycache__|\.pyc$' "$work/names"; then
    echo "$tarball holds the files above: add them to build_ignore in galaxy.yml." >&2
    exit 1
fi

# --force, for the checkout in site-packages looks like an installed copy.
export ANSIBLE_COLLECTIONS_PATH=$work/installed
cd "$work"
ansible-galaxy collection install --offline --force -p "$work/installed" "$tarball" > "$work/install.log" || { cat "$work/install.log"; exit 1; }
for file in "$work"/installed/ansible_collections/rayops/alicloud/plugins/modules/*.py; do
    # The file name proves that it is the installed copy that was read, not the checkout.
    ansible-doc --json "rayops.alicloud.$(basename "$file" .py)" | grep -qF "\"filename\": \"$file\""
done
echo "$tarball: $(wc -l < "$work/names") files, installs offline"
