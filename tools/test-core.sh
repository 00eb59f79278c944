#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run the tests with one release of ansible-core on one Python, in a virtual environment of its own.
# usage: test-core.sh CORE MINOR [PYTEST ARGUMENT...]     for example: test-core.sh 2.17 12 -n 2
set -euo pipefail

core=${1:?usage: test-core.sh CORE MINOR [PYTEST ARGUMENT...]}
minor=${2:?usage: test-core.sh CORE MINOR [PYTEST ARGUMENT...]}
shift 2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/.." && pwd)
venv=$root/.build/test-core/$core-3.$minor

if [ ! -e "$venv/.installed" ]; then
    python=$("$here/find-python.sh" "$minor" "$minor" 2> /dev/null || PYTHON='' "$here/find-python.sh" "$minor" "$minor")
    rm -rf "$venv"
    "$python" -m venv "$venv"
    # tests/requirements.txt wants a newer ansible-core: the rest of it is what the tests need.
    grep -v -e '^ansible-core' -e '^-r' "$root/tests/requirements.txt" > "$venv/requirements.txt"
    "$venv/bin/python" -m pip install -qq "ansible-core~=$core.0" --requirement "$venv/requirements.txt" \
        --requirement "$root/tests/unit/requirements.txt"
    packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    mkdir -p "$packages/ansible_collections/rayops"
    ln -sfn "$root" "$packages/ansible_collections/rayops/alicloud"
    touch "$venv/.installed"
fi

release=$("$venv/bin/python" -c 'from ansible.release import __version__; print(__version__)')
echo "The tests with ansible-core $release on $("$venv/bin/python" --version)"
cd "$root"
PATH=$venv/bin:$PATH exec "$venv/bin/python" -m pytest "$@"
