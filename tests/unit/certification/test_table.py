# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about certification names proofs that exist, and every test of this folder is one of them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/docsite/rst/guide_certification.rst").read_text(encoding="utf-8")


def proofs() -> list[str]:
    """Return what stands in the second column of the tables."""
    return [
        proof
        for line in re.findall(r"^     (?:- |  )\| (.+)$", PAGE, re.MULTILINE)
        for proof in re.findall("``(.+?)``", line)
    ]


def names_in(path: Path) -> set[str]:
    """Return the tests of a file."""
    return set(re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_row_has_a_proof_that_exists() -> None:
    targets = set(re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert len(proofs()) > 50
    assert len(re.findall(r"^   \* - ", PAGE, re.MULTILINE)) == len(
        re.findall(r"^     - (\| |Proof)", PAGE, re.MULTILINE)
    )
    for proof in proofs():
        file, _sign, test = proof.partition("::")
        if proof.startswith("make "):
            assert proof.removeprefix("make ") in targets, proof
        else:
            assert (ROOT / file).is_file(), proof
            assert not test or test in names_in(ROOT / file), proof


def test_every_test_of_this_folder_is_on_the_page() -> None:
    for path in Path(__file__).parent.glob("test_*.py"):
        if path != Path(__file__):
            missing = {test for test in names_in(path) if f"{path.relative_to(ROOT)}::{test}" not in proofs()}
            assert missing == set(), path.name
