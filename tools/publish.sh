#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Publish the tarball in dist/ on Galaxy. Needs the token of the namespace's owner in GALAXY_API_KEY; see OWNER.md. Needs the virtual
# environment's bin in PATH.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ -z "${GALAXY_API_KEY:-}" ]; then
    echo "Not published: GALAXY_API_KEY is not set. OWNER.md explains how the owner creates this token." >&2
    exit 1
fi
cd dist
sha256sum --check SHA256SUMS
# In the environment, so that the token is in no list of processes.
export ANSIBLE_GALAXY_SERVER_LIST=galaxy
export ANSIBLE_GALAXY_SERVER_GALAXY_URL=https://galaxy.ansible.com
export ANSIBLE_GALAXY_SERVER_GALAXY_TOKEN=$GALAXY_API_KEY
ansible-galaxy collection publish "$(sed 's/.* //' SHA256SUMS)"
