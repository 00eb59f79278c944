# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text rules: the steps that a text field goes through before the service stores it or shows it."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote

from .model import Json
from .rule_fields import AS_SENT

Step = Callable[[str], str]

STEPS: dict[str, Step] = {
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
    "dashes": lambda text: re.sub(r"[\W_]", "-", text),
    "unaccent": lambda text: "".join(
        mark for mark in unicodedata.normalize("NFD", text) if not unicodedata.combining(mark)
    ),
    "ascii": lambda text: text.encode("ascii", "ignore").decode(),
    "question": lambda text: text.encode("ascii", "replace").decode(),
    "html": html.escape,
    "url": lambda text: quote(text, safe=""),
    "ellipsis": lambda text: text if len(text) <= 12 else text[:12] + "...",
    "hash": lambda text: sha256(text.encode()).hexdigest()[:12],
}

# The text fields by the names of their rules (stored_NAME and shown_NAME): where a spec has them.
_TOP = {
    "name": "name",
    "description": "description",
    "network_service": "networkServiceName",
    "release_version": "displayReleaseVersion",
}
_NODE = {
    "release_version": "displayReleaseVersion",
    "queue_name": "queueName",
    "gpu_spec": "gpuSpec",
    "ray_start_params": "rayStartParams",
}
_WORKER = {**_NODE, "group_name": "groupName"}
FIELDS = tuple(dict.fromkeys([*_TOP, *_NODE, *_WORKER]))


def check_steps(text: str) -> str:
    """Return the steps in their canonical spelling; raises ValueError naming an unknown step."""
    parts = [part.strip().lower() for part in text.replace("|", "+").split("+")]
    if parts in ([""], [AS_SENT]):
        return AS_SENT
    for part in parts:
        if part not in STEPS and not re.fullmatch(r"cut:[1-9]\d{0,3}", part):
            raise ValueError(f"unknown step {part!r}; known: {', '.join(STEPS)}, cut:NUMBER, joined with +")
    return "+".join(parts)


@lru_cache(maxsize=1024)
def _pipeline(steps: str) -> tuple[Step, ...]:
    return tuple(_cut(int(part[4:])) if part.startswith("cut:") else STEPS[part] for part in steps.split("+"))


def _cut(characters: int) -> Step:
    return lambda text: text[:characters]


def apply_steps(text: str, steps: str) -> str:
    """Return the text after all steps, in their order."""
    if steps != AS_SENT:
        for step in _pipeline(steps):
            text = step(text)
    return text


def respell(spec: Json, rules: object, prefix: str) -> Json:
    """Return a spec whose text fields went through the rules `stored_*` or `shown_*`; `prefix` says which."""
    steps = {name: getattr(rules, f"{prefix}_{name}") for name in FIELDS}
    if all(value == AS_SENT for value in steps.values()):
        return spec
    result = _respell(spec, _TOP, steps)
    if isinstance(spec.get("headSpec"), dict):
        result["headSpec"] = _respell(spec["headSpec"], _NODE, steps)
    if isinstance(spec.get("workerSpec"), list):
        result["workerSpec"] = [_respell(group, _WORKER, steps) for group in spec["workerSpec"]]
    return result


def _respell(part: Json, known: dict[str, str], steps: dict[str, str]) -> Json:
    result = dict(part)
    for name, key in known.items():
        if isinstance(result.get(key), str):
            result[key] = apply_steps(result[key], steps[name])
    return result
