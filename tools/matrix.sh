#!/usr/bin/env bash
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every ansible-core on every Python that is supported, as tests/matrix.txt has them.
# usage: matrix.sh oldest     CORE MIN MAX of the oldest ansible-core
#        matrix.sh newest     the same of the newest that runs on a Python of this machine; says so when a newer one does not
#        matrix.sh json       all pairs, for a workflow: matrix={"include": [{"core": "2.16", "minor": 10}, ...]}
#        matrix.sh run [PYTEST ARGUMENT...]    sanity, units and integration with each pair; fails when one of them does.
#                             A Python that is not here is skipped, loudly. PAIRS="2.16-10 2.21-13" takes these only.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rows() { grep -E '^[0-9]' "$here/../tests/matrix.txt"; }
ends() { read -r core minors <<< "$1"; printf '%s %s %s\n' "$core" "${minors%% *}" "${minors##* }"; }
is_here() { PYTHON='' "$here/find-python.sh" "$1" "$2" > /dev/null 2>&1; }

run() {
    local done=() failed=() skipped=() core minors minor pair ours=0
    while read -r core minors <&3; do
        for minor in $minors; do
            pair=$core-$minor
            [[ -z ${PAIRS:-} || " $PAIRS " == *" $pair "* ]] || continue
            ours=$((ours + 1))
            if ! is_here "$minor" "$minor"; then
                printf '\nWARNING: NOT TESTED: ansible-core %s on Python 3.%s, which is not on this machine\n\n' "$core" "$minor" >&2
                skipped+=("$pair")
                continue
            fi
            printf '\n== ansible-core %s on Python 3.%s\n' "$core" "$minor"
            if "$here/ansible-test.sh" "$core" "$minor" "$minor" sanity && "$here/test-core.sh" "$core" "$minor" "$@"; then
                done+=("$pair")
            else
                failed+=("$pair")
            fi
        done
    done 3< <(rows)
    printf '\npassed:  %s\n' "${done[*]:-none}"
    printf 'skipped: %s\n' "${skipped[*]:-none}"
    printf 'FAILED:  %s\n' "${failed[*]:-none}"
    [ "$ours" -gt 0 ] || { echo "PAIRS names no pair of tests/matrix.txt." >&2; return 1; }
    [ ${#failed[@]} -eq 0 ]
}

# A release candidate is in the matrix, but it is not the newest release. Remove this when the release is out.
candidate=2.22

case ${1:-} in
oldest) ends "$(rows | head -n 1)" ;;
newest)
    while read -r row; do
        read -r core min max <<< "$(ends "$row")"
        if is_here "$min" "$max"; then
            printf '%s %s %s\n' "$core" "$min" "$max"
            exit 0
        fi
        echo "WARNING: ansible-core $core NOT TESTED: it needs Python 3.$min or newer, which is not on this machine." >&2
    done < <(rows | grep -v "^$candidate " | sed '1!G; h; $!d')
    exit 1
    ;;
json)
    rows | while read -r core minors; do
        for minor in $minors; do printf '{"core": "%s", "minor": %s}\n' "$core" "$minor"; done
    done | paste -sd, - | sed 's/.*/matrix={"include": [&]}/'
    ;;
run)
    shift
    run "$@"
    ;;
*)
    sed -n 's/^# \(usage:.*\)/\1/p; s/^#\(        matrix.*\)/\1/p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
