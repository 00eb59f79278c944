#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run the demo playbook against the emulator: no account, no network, nothing left behind.
# usage: demo.sh [ARGUMENT...]    arguments go to ansible-playbook; needs the virtual environment's bin in PATH
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d)
emulator=
stop() {
    if [ -n "$emulator" ]; then
        kill "$emulator" 2> /dev/null || true
        wait "$emulator" 2> /dev/null || true
    fi
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

python -m tests.emulator --port 0 --ready-file "$work/ready" > "$work/emulator.log" 2>&1 &
emulator=$!
for ((tries = 0; tries < 300; tries++)); do
    [ ! -s "$work/ready" ] || break
    kill -0 "$emulator" 2> /dev/null || break
    sleep 0.1
done
if [ ! -s "$work/ready" ]; then
    echo "The emulator did not start:" >&2
    cat "$work/emulator.log" >&2
    exit 1
fi

# The demo never uses an account of the caller's environment.
for name in $(compgen -e | grep -E '^(ALIBABA_CLOUD|ALICLOUD)_'); do unset "$name"; done
export ALIBABA_CLOUD_ECS_METADATA_DISABLED=true
export ALIBABA_CLOUD_ACCESS_KEY_ID=emulator-access-key
export ALIBABA_CLOUD_ACCESS_KEY_SECRET=emulator-access-secret
export ALIBABA_CLOUD_REGION_ID=cn-hangzhou
export ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID=w-emulator
ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_ENDPOINT=$(cat "$work/ready")
export ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_ENDPOINT
ansible-playbook playbooks/demo.yml "$@"
