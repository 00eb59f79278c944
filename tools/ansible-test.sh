#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run `ansible-test` of one ansible-core release on a copy of the checkout.
# usage: ansible-test.sh CORE MIN MAX COMMAND [ARGUMENT...]
#        CORE is a release such as 2.16; it runs on a Python from 3.MIN to 3.MAX
#        for example: ansible-test.sh 2.16 10 12 sanity
#
# Why not simply `ansible-test` in the checkout:
# - It insists on a path that ends in ansible_collections/NAMESPACE/NAME and does not follow a symlink to get one.
# - It asks git for the files, sees none in an ignored folder, and then passes: "All targets skipped". So the copy is a
#   git repository of its own, and that message is an error here.
# - It keeps its environments in ~/.ansible and fetches get-pip.py from a host of its own. Here its HOME is in .build/,
#   with a stand-in for get-pip.py (see get_pip.py) and with the caller's pip settings (see pip_settings.py).
set -euo pipefail

core=${1:?usage: ansible-test.sh CORE MIN MAX COMMAND [ARGUMENT...]}
min=$2
max=$3
shift 3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$here/../.build/ansible-test
mkdir -p "$build"
build=$(cd "$build" && pwd)
python=$("$here/find-python.sh" "$min" "$max" 2> /dev/null || PYTHON='' "$here/find-python.sh" "$min" "$max")
venv=$build/core-$core-$("$python" -c 'import sys; print("%s.%s" % sys.version_info[:2])')
home=$build/home-$core
unset PYTHONDONTWRITEBYTECODE PYTHONPATH

if [ ! -e "$venv/.installed" ]; then
    rm -rf "$venv"
    "$python" -m venv "$venv"
    # Until the release is on PyPI, take its newest beta or release candidate.
    pip=("$venv/bin/python" -m pip install -qq --disable-pip-version-check)
    "${pip[@]}" "ansible-core~=$core.0" 2> /dev/null || "${pip[@]}" "ansible-core~=$core.0b1"
    touch "$venv/.installed"
fi

mkdir -p "$home/.ansible/test/cache" "$home/.config/pip"
for version in 23_1_2 24_2 25_2; do cp "$here/get_pip.py" "$home/.ansible/test/cache/get_pip_$version.py"; done
"$venv/bin/python" "$here/pip_settings.py" > "$home/.config/pip/pip.conf"

# ansible-test takes the first pythonX.Y in PATH on trust: put the ones that work first, and drop folders with dead ones.
path=$venv/bin
while IFS= read -r python; do path=$path:$(dirname "$python"); done < <("$here/find-python.sh" --all 10 14)
IFS=: read -r -a folders <<< "$PATH"
for folder in "${folders[@]}"; do
    for python in "$folder"/python3.[0-9] "$folder"/python3.[0-9][0-9]; do
        [ -x "$python" ] || continue
        "$python" -c '' > /dev/null 2>&1 || continue 2
    done
    path=$path:$folder
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
copy=$work/ansible_collections/rayops/alicloud
"$here/copy-tree.sh" "$copy"
git init -q "$copy"
cd "$copy"
release=$("$venv/bin/python" -c 'from ansible.release import __version__; print(__version__)')
echo "ansible-test $* with ansible-core $release on $("$venv/bin/python" --version)"
HOME=$home PATH=$path "$venv/bin/ansible-test" "$@" 2>&1 | tee "$work/log"
if grep -q 'All targets skipped' "$work/log"; then
    echo "ansible-test saw no files and tested nothing." >&2
    exit 1
fi
