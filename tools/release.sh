#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Make a release as far as this machine: version, changelog, tarball. It commits nothing and pushes nothing.
# usage: release.sh X.Y.Z    needs the virtual environment's bin in PATH
set -euo pipefail

fail() { printf 'No release: %s\n' "$*" >&2; exit 1; }

version=${1:-}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $version =~ ^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$ ]] || fail "VERSION must be like 1.2.3, and is '$version'"
[ -z "$(git status --porcelain)" ] || fail "the tree is not clean: commit or take away what 'git status' shows"
! git rev-parse --quiet --verify "refs/tags/$version" > /dev/null || fail "the tag $version is there already"
last=$(git tag --list '[0-9]*.[0-9]*.[0-9]*' --sort=-v:refname | head -n 1)
newest=$(printf '%s\n' "$last" "$version" | sort -V | tail -n 1)
[ "$newest" = "$version" ] || fail "$version is older than $last"
# The entry of a version that has no tag may be there: then it is made again.
grep -qE "^  ['\"]?${version//./\\.}['\"]?:" changelogs/changelog.yaml || ls changelogs/fragments/*.yml > /dev/null 2>&1 ||
    fail "there is no fragment in changelogs/fragments, so nothing to tell"

# The version is in two files: a module cannot read galaxy.yml.
sed -i.bak "s/^version: .*/version: $version/" galaxy.yml
sed -i.bak "s/^VERSION = .*/VERSION = \"$version\"/" plugins/module_utils/_version.py
rm -f galaxy.yml.bak plugins/module_utils/_version.py.bak
undo="To undo it: git checkout . && git clean -f CHANGELOG.rst"
tools/changelog.sh "$version" || fail "the changelog could not be made. $undo"
tools/build.sh || fail "the tarball could not be built. $undo"

keep="git tag --annotate $version --message $version"
[ -z "$(git status --porcelain)" ] || keep="git add --all && git commit --signoff --message 'Release $version' && $keep"
cat << NEXT

Version $version is in galaxy.yml and in the changelog, and dist/rayops-alicloud-$version.tar.gz is made of it.
Look at it:   git diff, and CHANGELOG.rst
Check it:     .ci/run
Keep it:      $keep
Build it:     make build, once more: from the commit that has the tag
Give it away: git push && git push origin $version
              ansible-galaxy collection publish dist/rayops-alicloud-$version.tar.gz
$undo
NEXT
