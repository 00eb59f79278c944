#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Build the collection twice from a clean tree, and compare the tarballs. Then install one offline, and read its documentation.
# usage: build.sh [FOLDER]    writes the tarball to FOLDER (dist by default); needs the virtual environment's bin in PATH
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
output=${1:-$here/../dist}
mkdir -p "$output"
output=$(cd "$output" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Every file gets the time of the last commit, so that every build of a commit has the same bytes.
seconds=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct 2> /dev/null || echo 0)}
make_tarball() { # FOLDER: build FOLDER/made/*.tar.gz from FOLDER/tree
    # Not in git: made from the role awx_setup.
    python "$1/tree/tools/awx_files.py"
    (cd "$1/tree" && ansible-galaxy collection build --output-path "$1/made" > "$1/build.log") || { cat "$1/build.log"; return 1; }
    python "$here/normalize.py" "$1"/made/*.tar.gz "$seconds"
}
"$here/copy-tree.sh" "$work/first/tree"
make_tarball "$work/first"
# Build again from files with other times and modes. The tarball must be identical.
(umask 077 && "$here/copy-tree.sh" "$work/second/tree" && chmod -R go-rwx "$work/second" && find "$work/second/tree" -exec touch {} +)
make_tarball "$work/second"
made=$(echo "$work"/first/made/*.tar.gz)
cmp "$made" "$work/second/made/${made##*/}" || { echo "Two builds of the same files differ." >&2; exit 1; }
rm -f "$output"/rayops-alicloud-*.tar.gz
cp "$made" "$output/"
tarball=$output/${made##*/}

# Development files must not be shipped. build_ignore in galaxy.yml is a list that someone must maintain.
tar -tzf "$tarball" | sed 's|^\./||' > "$work/names"
if grep -nE '^(\.|Makefile|pyproject\.toml|tools/|docs/sphinx/|tests/(awx|benchmarks|docs|integration|output|ray|unit)/|dist/|extensions/(awx/project|ee)/)|__pycache__|\.pyc$' "$work/names"; then
    echo "$tarball holds the files above: add them to build_ignore in galaxy.yml." >&2
    exit 1
fi

# --force, because the clone in site-packages looks like an installed copy.
export ANSIBLE_COLLECTIONS_PATH=$work/installed
cd "$work"
ansible-galaxy collection install --offline --force -p "$work/installed" "$tarball" > "$work/install.log" || { cat "$work/install.log"; exit 1; }
for file in "$work"/installed/ansible_collections/rayops/alicloud/plugins/modules/*.py; do
    # The file name proves that the installed copy was read.
    ansible-doc --json "rayops.alicloud.$(basename "$file" .py)" | grep -qF "\"filename\": \"$file\""
done
echo "$tarball: $(wc -l < "$work/names") files, installs offline, and two builds of them are the same, sha256 $(python -c '
import hashlib, sys
print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$tarball")"
