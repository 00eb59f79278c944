#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Print the path of a Python that works and is at least 3.MIN and at most 3.MAX, else fail.
# usage: find-python.sh MIN [MAX]        for example: find-python.sh 11
#        find-python.sh --all MIN MAX    every version in the range, one path a line, newest first
#
# Each candidate is started: a version manager's shim may be in PATH for a version that is not active, and Debian's
# python3 may lack ensurepip. $PYTHON, when set, is the only candidate. `python3` is preferred, then the newest.
set -euo pipefail

all=
if [ "${1:-}" = --all ]; then all=1; shift; fi
min=${1:?usage: find-python.sh [--all] MIN [MAX]}
max=${2:-99}

candidates() {
    if [ -z "$all" ] && [ -n "${PYTHON:-}" ]; then
        printf '%s\n' "$PYTHON"
        return
    fi
    [ -n "$all" ] || printf 'python3\n'
    local minor dir
    for minor in 14 13 12 11 10; do
        local IFS=:
        for dir in $PATH; do printf '%s\n' "$dir/python3.$minor"; done
        unset IFS
        printf '%s\n' "${PYENV_ROOT:-${HOME:-}/.pyenv}"/versions/3."$minor"*/bin/python3."$minor" \
            "${HOME:-}"/.local/share/uv/python/cpython-3."$minor".*/bin/python3."$minor" \
            /usr/bin/python3."$minor" /usr/local/bin/python3."$minor" /opt/homebrew/bin/python3."$minor"
    done
}

probe='
import sys
import ensurepip, venv
minor = sys.version_info[1]
if sys.version_info[0] == 3 and int(sys.argv[1]) <= minor <= int(sys.argv[2]):
    print(minor, sys.executable)
'
seen=
while IFS= read -r candidate; do
    command -v "$candidate" > /dev/null || continue
    answer=$("$candidate" -c "$probe" "$min" "$max" 2> /dev/null < /dev/null) || continue
    [ -n "$answer" ] || continue
    if [ -z "$all" ]; then
        printf '%s\n' "${answer#* }"
        exit 0
    fi
    case " $seen " in *" ${answer%% *} "*) continue ;; esac
    seen="$seen ${answer%% *}"
    printf '%s\n' "${answer#* }"
done < <(candidates)

[ -n "$seen" ] && exit 0
printf 'No working Python from 3.%s to 3.%s with venv and ensurepip was found%s.\n' \
    "$min" "$max" "${PYTHON:+ (PYTHON=$PYTHON)}" >&2
printf 'Install one (on Debian and Ubuntu: python3 and python3-venv), or name one: make PYTHON=/path/to/python3\n' >&2
exit 1
