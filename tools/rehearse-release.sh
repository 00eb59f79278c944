#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Rehearse a release of the next major version in a clone, with the content of the work tree.
# usage: rehearse-release.sh    needs the virtual environment's bin in PATH
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clone=$work/ansible_collections/rayops/alicloud
"$here/copy-tree.sh" "$clone"
cd "$clone"
export ANSIBLE_CONFIG=$clone/ansible.cfg GIT_CONFIG_GLOBAL=/dev/null
version=999.0.0
echo 'minor_changes: ["rehearsal - a change that somebody notices."]' > changelogs/fragments/rehearsal.yml
git init -q .
commit() {
    git add --all
    git -c user.name=rehearsal -c user.email=rehearsal@example.com -c commit.gpgsign=false commit -q --message "$1"
}
commit "Rehearse a release"

tools/release.sh "$version" > "$work/release.log" 2>&1 || { cat "$work/release.log"; exit 1; }
grep -q "^version: $version\$" galaxy.yml
grep -q "^VERSION = \"$version\"\$" plugins/module_utils/_version.py
grep -q "^v$version\$" CHANGELOG.rst
[ -e "dist/rayops-alicloud-$version.tar.gz" ]
[ "$(git rev-list --count HEAD)" = 1 ] && [ -z "$(git tag)" ]
if ls changelogs/fragments/*.yml > /dev/null 2>&1; then echo "fragments are left" >&2; exit 1; fi

# Until the tag exists, the entry can be made again: without news it does not change, and news are added.
commit "Release $version"
tools/release.sh "$version" > "$work/again.log" 2>&1 || { cat "$work/again.log"; exit 1; }
[ -z "$(git status --porcelain)" ] || { git diff; echo "a release that is made again differs" >&2; exit 1; }
echo 'minor_changes: ["rehearsal - one more change."]' > changelogs/fragments/more.yml
commit "One more change"
tools/release.sh "$version" > "$work/again.log" 2>&1 || { cat "$work/again.log"; exit 1; }
grep -q 'one more change' CHANGELOG.rst
grep -q 'a change that somebody notices' CHANGELOG.rst
commit "Release $version, with one more change"

# These must be refused.
git tag "$version"
echo 'minor_changes: ["rehearsal - too late."]' > changelogs/fragments/late.yml
commit "Too late"
for wrong in "$version" 998.0.0 1.0 v1.0.0 ''; do
    if tools/release.sh "$wrong" > "$work/refused.log" 2>&1; then echo "a release of '$wrong' was not refused" >&2; exit 1; fi
    grep -q '^No release: ' "$work/refused.log"
done
echo "a release of $version: version, changelog and tarball are made, and nothing is committed"
