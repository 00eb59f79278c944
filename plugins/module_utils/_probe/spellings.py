# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Find which steps turn the texts that were sent into those that are shown. Pure."""

from __future__ import annotations

import itertools
import re
import typing as t
import unicodedata

AS_SENT = "as_sent"
Pair = tuple[str, str]

# The steps of the emulator's text rules.
STEPS: dict[str, t.Callable[[str], str]] = {
    "trim": str.strip,
    "collapse": lambda text: re.sub(r"\s+", " ", text).strip(),
    "lower": str.lower,
    "upper": str.upper,
    "nfc": lambda text: unicodedata.normalize("NFC", text),
    "nfd": lambda text: unicodedata.normalize("NFD", text),
    "nfkc": lambda text: unicodedata.normalize("NFKC", text),
    "printable": lambda text: "".join(mark for mark in text if mark.isprintable() or mark == "\n"),
    "newline": lambda text: text.rstrip("\n") + "\n",
    "blank": lambda text: text + " ",
}
MAX_STEPS = 3
# Every step changes a sample before this character, which is in it once.
LAST_MARK = "Y"
# Texts that distinguish steps which agree on the samples.
_OTHERS = (
    "  \u00c9 e\u0301\n\n", "\uff21\u200bb  C\u00df", "x" * 70, " a\u00a0b ", "I\u0307\ufb01 \u2126\t\n", "ab" * 40,
    "aa bb\ncc  dd " * 9, "\u00e9\u0301" * 30, "\u1e9e\u0130" * 30, "q \u200b w" * 12,
)  # fmt: skip


def apply(steps: str, text: str) -> str:
    """Return a text after steps, joined with +."""
    for step in steps.split("+") if steps != AS_SENT else ():
        text = text[: int(step[4:])] if step.startswith("cut:") else STEPS[step](text)
    return text


def find_steps(pairs: t.Sequence[Pair]) -> str | None:
    """Return the shortest steps that explain all pairs (sent, shown), None if no steps do or they are not unique."""
    if not pairs:
        return None
    if all(sent == shown for sent, shown in pairs):
        return AS_SENT
    around = {len(shown) + more for _sent, shown in pairs for more in range(-8, 9)}
    cuts = [f"cut:{length}" for length in sorted(around) if length > 0]
    for count in range(1, MAX_STEPS + 1):
        found = [
            joined
            for steps in itertools.permutations([*STEPS, "cut"], count)
            for joined in _with_cuts(steps, cuts)
            if _explains(joined, pairs)
        ]
        # Fewer steps are more likely: more steps that do nothing to the samples would explain them, too.
        if found:
            is_unique = len({_behavior(steps, pairs) for steps in found}) == 1
            return found[0] if is_unique and _shows_all(found[0], pairs) else None
    return None


def _shows_all(steps: str, pairs: t.Sequence[Pair]) -> bool:
    """Return whether no cut hides what other steps do, at the start of the samples and at the end of a short text."""
    lengths = [int(step[4:]) for step in steps.split("+") if step.startswith("cut:")]
    zone = max(sent.find(LAST_MARK) + 8 for sent, _shown in pairs)
    return all(length >= zone and any(len(sent) < length for sent, _shown in pairs) for length in lengths)


def _behavior(steps: str, pairs: t.Sequence[Pair]) -> tuple[str, ...]:
    return tuple(apply(steps, text) for text in (*_OTHERS, *(sent for sent, _shown in pairs)))


def _with_cuts(steps: tuple[str, ...], cuts: list[str]) -> t.Iterator[str]:
    if "cut" not in steps:
        yield "+".join(steps)
        return
    for cut in cuts:
        yield "+".join(cut if step == "cut" else step for step in steps)


def _explains(steps: str, pairs: t.Sequence[Pair]) -> bool:
    return all(apply(steps, sent) == shown for sent, shown in pairs)


def find_variant(text: str, steps: str) -> str | None:
    """Return another spelling of a text with the same result of the steps, None if no spelling has it."""
    others = (
        text.lower(), text.upper(), text.title(), f"{text} ", f" {text}", f"{text}\n", f"{text}\u200b", f"{text}!",
        text.replace("a", "\uff41"), text.replace("e", "\uff45"), text.replace("-", " - "), f"{text} end",
    )  # fmt: skip
    same = [other for other in others if other != text and apply(steps, other) == apply(steps, text)]
    return same[0] if same else None
