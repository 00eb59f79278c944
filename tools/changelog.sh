#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Make the changelog entry of a version from the fragments. Until the version has a tag, you can make it again: new fragments are
# added, and the list of modules, plugins, and roles is updated. Without news, the entry does not change.
# usage: changelog.sh [X.Y.Z]    the version in galaxy.yml by default; needs the virtual environment's bin in PATH
set -euo pipefail

fail() { printf 'No changelog: %s\n' "$*" >&2; exit 1; }

cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=${1:-$(sed -n 's/^version: //p' galaxy.yml)}
! git rev-parse --quiet --verify "refs/tags/$version" > /dev/null || fail "the tag $version is there already"
entry=$(sed -n "/^  ['\"]\{0,1\}${version//./\\.}['\"]\{0,1\}:/,/^  ['\"]\{0,1\}[0-9]/p" changelogs/changelog.yaml)
fragments=$(find changelogs/fragments -name '*.yml' | sort)
if [ -z "$entry" ]; then
    [ -n "$fragments" ] || fail "there is no fragment in changelogs/fragments, so nothing to tell"
    antsibull-changelog release --version "$version" --reload-plugins
else
    date=$(sed -n "s/^ *release_date: '\(.*\)'/\1/p" <<< "$entry" | head -n 1)
    # prevent-removal: only a fragment lists the playbooks. The warning about a summary is about the new fragments.
    antsibull-changelog release --version "$version" --date "$date" --update-existing \
        --refresh-plugins prevent-removal --reload-plugins
fi
# In the style that yamllint and ansible-lint require.
python - changelogs/changelog.yaml << 'PYTHON'
import sys
import yaml
class Indented(yaml.SafeDumper):
    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, False)
with open(sys.argv[1], encoding="utf-8") as file:
    content = yaml.safe_load(file)
with open(sys.argv[1], "w", encoding="utf-8") as file:
    yaml.dump(content, file, Dumper=Indented, explicit_start=True, allow_unicode=True, width=100)
PYTHON
antsibull-changelog lint
antsibull-changelog lint-changelog-yaml changelogs/changelog.yaml
