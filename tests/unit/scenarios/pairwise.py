# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small set of combinations in which every two values of any two rules meet."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TypeVar

Value = TypeVar("Value")
Combination = dict[str, Value]


def pairwise(choices: Mapping[str, Sequence[Value]], seed: int = 1, tries: int = 40) -> list[Combination[Value]]:
    """Return cells that cover every pair of values; the same for the same seed. Greedy: each cell covers the most."""
    rng = random.Random(seed)
    missing = {((a, x), (b, y)) for a, b in combinations(choices, 2) for x in choices[a] for y in choices[b]}
    cells: list[Combination[Value]] = []
    while missing:
        # Started from a pair that is still missing, each candidate covers something.
        candidates = [_random_combination(choices, missing, rng) for count in range(tries)]
        best = max(candidates, key=lambda cell: len(_value_pairs(cell) & missing))
        missing -= _value_pairs(best)
        cells.append(best)
    return cells


def _random_combination(
    choices: Mapping[str, Sequence[Value]], missing: set[object], rng: random.Random
) -> Combination[Value]:
    fixed = dict(rng.choice(sorted(missing, key=repr)))  # type: ignore[call-overload]
    return {name: fixed.get(name, rng.choice(values)) for name, values in choices.items()}


def _value_pairs(cell: Combination[Value]) -> set[object]:
    return set(combinations(cell.items(), 2))
