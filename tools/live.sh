#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run the live tests against a real workspace: a cluster of 2 CU for up to 45 minutes. Three variables switch them on.
# usage: live.sh [ARGUMENT...]    arguments go to ansible-playbook; needs the virtual environment's bin in PATH
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
missing=
for name in RAYOPS_LIVE_REGION RAYOPS_LIVE_WORKSPACE RAYOPS_LIVE_CONFIRM; do
    [ -n "${!name:-}" ] || missing="$missing $name"
done
if [ -n "$missing" ] || [ "$RAYOPS_LIVE_CONFIRM" != yes ]; then
    echo "No live test: it creates a cluster of 2 CU in a real workspace, at most 1.5 CU hours." >&2
    echo "To run it, set RAYOPS_LIVE_REGION, RAYOPS_LIVE_WORKSPACE, and RAYOPS_LIVE_CONFIRM=yes.${missing:+ Missing:$missing}" >&2
    exit 2
fi
exec ansible-playbook tests/live/live.yml "$@"
