#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Make the context of the execution environment, and test its content: install it into a clean virtual environment with only the
# requirements that the collection declares, and run the doctor there.
# usage: ee.sh    needs the virtual environment's bin in PATH; writes the context to .build/ee/context
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/.." && pwd)
work=$root/.build/ee
definition=$root/extensions/ee/execution-environment.yml
tools=$root/.build/venv-builder
rm -rf "$work"
mkdir -p "$work/dist"

if [ ! -e "$tools/.installed" ] || [ "$root/tests/requirements-ee.txt" -nt "$tools/.installed" ]; then
    "$("$here/find-python.sh" 11)" -m venv "$tools"
    "$tools/bin/python" -m pip install -qq --requirement "$root/tests/requirements-ee.txt"
    touch "$tools/.installed"
fi

"$here/build.sh" "$work/dist"
cp "$work"/dist/rayops-alicloud-*.tar.gz "$work/rayops-alicloud.tar.gz"
"$tools/bin/ansible-builder" create --file "$definition" --context "$work/context" --output-filename Containerfile
grep -q 'ansible-galaxy collection install' "$work/context/Containerfile"

# The stages of that file in their order: the collections, their requirements, the packages.
export ANSIBLE_COLLECTIONS_PATH=$work/collections ANSIBLE_HOME=$work/ansible
(cd "$work/context/_build" && ansible-galaxy collection install --offline --force -r requirements.yml \
    --collections-path "$work/collections" > "$work/galaxy.log") || { cat "$work/galaxy.log"; exit 1; }
"$tools/bin/ansible-builder" introspect "$work/collections" \
    --write-pip "$work/requirements.txt" --write-bindep "$work/bindep.txt" > "$work/introspect.log"
cat "$work/requirements.txt"

core=$("$tools/bin/python" - "$definition" << 'PYTHON'
import sys
import yaml
with open(sys.argv[1], encoding="utf-8") as file:
    print(yaml.safe_load(file)["dependencies"]["ansible_core"]["package_pip"])
PYTHON
)
"$("$here/find-python.sh" 11)" -m venv "$work/image"
"$work/image/bin/python" -m pip install -qq "$core" --requirement "$work/requirements.txt"

# Without a service, only the report about the libraries counts. Another folder and no settings, so that the clone is not
# used.
cd "$work"
env -u ANSIBLE_CONFIG PATH="$work/image/bin:/usr/bin:/bin" "$work/image/bin/ansible" localhost \
    -m rayops.alicloud.emr_ray_doctor -a 'endpoint=127.0.0.1:9 workspace_id=w-none access_key_id=none access_key_secret=none' \
    > "$work/doctor.log" 2>&1 || { cat "$work/doctor.log"; exit 1; }
for found in 'ok *execution *inside the Ansible worker' 'ok *httpx' 'ok *pydantic' 'ok *alibabacloud-credentials'; do
    grep -qE "$found" "$work/doctor.log" || { cat "$work/doctor.log"; echo "The doctor does not say: $found" >&2; exit 1; }
done
echo "$work/context: a context whose content works in a clean virtual environment"
