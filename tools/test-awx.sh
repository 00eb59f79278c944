#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run the tests of the AWX kit with one release of ansible-core, in a virtual environment of its own: the collection's role
# with awx.awx, and the jobs with ansible-runner.
# usage: test-awx.sh CORE [PYTEST ARGUMENT...]     for example: test-awx.sh 2.16 -n 2
set -euo pipefail

core=${1:?usage: test-awx.sh CORE [PYTEST ARGUMENT...]}
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/.." && pwd)
venv=$root/.build/venv-awx-$core
# PyPI has awx.awx inside this package only, which is large: nothing else of it is kept.
bundle=ansible==11.13.0
awx=$root/.build/awx-collection

case $core in
    2.16 | 2.17) newest=12 ;;
    *) newest=13 ;;
esac

if [ ! -e "$awx/.installed" ]; then
    echo "Fetching awx.awx ..."
    rm -rf "$awx"
    mkdir -p "$awx"
    "$("$here/find-python.sh" 11)" -m pip download -qq --no-deps --dest "$awx/download" "$bundle"
    "$("$here/find-python.sh" 11)" - "$awx" << 'PYTHON'
import pathlib
import sys
import zipfile

folder = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(next(folder.glob("download/*.whl"))) as bundle:
    bundle.extractall(folder, [name for name in bundle.namelist() if name.startswith("ansible_collections/awx/awx/")])
PYTHON
    rm -rf "$awx/download"
    touch "$awx/.installed"
fi

if [ ! -e "$venv/.installed" ] || [ "$root/tests/requirements-awx.txt" -nt "$venv/.installed" ]; then
    python=$("$here/find-python.sh" 11 "$newest" 2> /dev/null || PYTHON='' "$here/find-python.sh" 11 "$newest")
    echo "Installing into $venv with $("$python" --version) ..."
    [ -e "$venv/bin/python" ] || "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install -qq "ansible-core~=$core.0" --requirement "$root/tests/requirements-awx.txt"
    packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    mkdir -p "$packages/ansible_collections/rayops" "$packages/ansible_collections/awx"
    ln -sfn "$root" "$packages/ansible_collections/rayops/alicloud"
    ln -sfn "$awx/ansible_collections/awx/awx" "$packages/ansible_collections/awx/awx"
    touch "$venv/.installed"
fi

release=$("$venv/bin/python" -c 'from ansible.release import __version__; print(__version__)')
echo "The tests of the AWX kit with ansible-core $release on $("$venv/bin/python" --version)"
cd "$root"
# A run of the whole role takes 10 seconds, and many times that on a busy machine.
PATH=$venv/bin:$PATH exec "$venv/bin/python" -m pytest --timeout=900 "$@"
