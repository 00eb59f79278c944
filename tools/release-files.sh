#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Build the files of a release in dist/: the tarball, SHA256SUMS, and release-notes.md with the text of the changelog. If a tag points to
# this commit, it must equal the version. Needs the virtual environment's bin in PATH.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=$(sed -n 's/^version: //p' galaxy.yml)
tag=$(git tag --points-at HEAD | head -n 1)
if [ -n "$tag" ] && [ "$tag" != "$version" ]; then
    echo "The tag is $tag, but the version in galaxy.yml is $version." >&2
    exit 1
fi
tools/build.sh
antsibull-changelog generate --only-latest --output-format md --output dist/release-notes.md
(cd dist && sha256sum "rayops-alicloud-$version.tar.gz" > SHA256SUMS && sha256sum --check SHA256SUMS)
