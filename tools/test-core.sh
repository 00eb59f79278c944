#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run the tests with other versions of the requirements, in a separate virtual environment.
# usage: test-core.sh CORE MINOR [PYTEST ARGUMENT...]    one release of ansible-core on Python 3.MINOR: 2.17 12
#        test-core.sh lowest [PYTEST ARGUMENT...]        the lowest supported versions of ansible-core, httpx, pydantic, and
#                                                        alibabacloud-credentials, on the oldest installed Python
#        test-core.sh newest [PYTEST ARGUMENT...]        the newest versions of them, on the newest installed Python
set -euo pipefail

usage='usage: test-core.sh CORE MINOR | lowest | newest [PYTEST ARGUMENT...]'
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/.." && pwd)
bounds=$root/meta/ee-requirements.txt
exact=()
case ${1:?$usage} in
lowest)
    read -r release min max <<< "$("$here/matrix.sh" oldest)"
    for ((minor = min; minor < max; minor++)); do
        ! PYTHON='' "$here/find-python.sh" "$minor" "$minor" > /dev/null 2>&1 || break
    done
    core="ansible-core==$(sed -n 's/^requires_ansible: .>=\([0-9.]*\).$/\1/p' "$root/meta/runtime.yml")"
    mapfile -t exact < <(sed -n 's/^\([a-z].*\)>=/\1==/p' "$bounds")
    name=lowest
    shift
    ;;
newest)
    read -r release min max <<< "$("$here/matrix.sh" newest)"
    for ((minor = max; minor > min; minor--)); do
        ! PYTHON='' "$here/find-python.sh" "$minor" "$minor" > /dev/null 2>&1 || break
    done
    core="ansible-core~=$release.0"
    mapfile -t exact < <(sed -n 's/^\([a-z].*\)>=.*/\1/p' "$bounds")
    name=newest
    shift
    ;;
*)
    minor=${2:?$usage}
    core="ansible-core~=$1.0"
    name=$1-3.$minor
    shift 2
    ;;
esac
venv=$root/.build/test-core/$name

# pip searches for the newest versions in every run.
if [ ! -e "$venv/.installed" ] || [ "$bounds" -nt "$venv/.installed" ] || [ "$name" = newest ]; then
    python=$("$here/find-python.sh" "$minor" "$minor" 2> /dev/null || PYTHON='' "$here/find-python.sh" "$minor" "$minor")
    rm -rf "$venv"
    "$python" -m venv "$venv"
    # tests/requirements.txt requires a newer ansible-core. The tests need its other requirements.
    grep -v -e '^ansible-core' -e '^-r' "$root/tests/requirements.txt" > "$venv/requirements.txt"
    pip=("$venv/bin/python" -m pip install -qq)
    # Until the release is on PyPI, take its newest beta or release candidate.
    "${pip[@]}" "$core" 2> /dev/null || "${pip[@]}" "${core}b1"
    "${pip[@]}" ${exact[@]+"${exact[@]}"} --requirement "$venv/requirements.txt" --requirement "$root/tests/unit/requirements.txt"
    packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    mkdir -p "$packages/ansible_collections/rayops"
    ln -sfn "$root" "$packages/ansible_collections/rayops/alicloud"
    touch "$venv/.installed"
fi

"$venv/bin/python" - "$bounds" << 'PYTHON'
import platform
import sys
from importlib.metadata import version
with open(sys.argv[1], encoding="utf-8") as file:
    names = ["ansible-core", *(line.split(">=")[0] for line in file if line[0].isalpha())]
print("The tests on Python", platform.python_version(), "with", *(f"{name} {version(name)}" for name in names))
PYTHON
cd "$root"
PATH=$venv/bin:$PATH exec "$venv/bin/python" -m pytest "$@"
