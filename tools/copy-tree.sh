#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Copy the checkout, without what git ignores but with uncommitted work, to an empty folder.
# usage: copy-tree.sh DESTINATION
set -euo pipefail

destination=${1:?usage: copy-tree.sh DESTINATION}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p "$destination"
# Files that are tracked but deleted in the work tree are left out.
git ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do
        if [ -e "$file" ] || [ -L "$file" ]; then printf '%s\0' "$file"; fi
    done |
    tar -c --null -T - -f - |
    tar -x -C "$destination" -f -
