# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Infer the effects of updates, and the spelling of texts. Pure."""

from __future__ import annotations

import typing as t

from .facts import OK, Facts, Json, Rules, Value, first_node, read_flag, rule
from .inference import infer_modified
from .spellings import AS_SENT, LAST_MARK, find_steps


def infer_update(facts: Facts) -> Rules:
    """Infer what becomes of fields that an update leaves out, and which fields it ignores."""
    rules: Rules = {}
    found = _ignored(facts)
    seen = facts.get("update")
    if found is None:
        return {}
    ignored, unknown = found
    if seen:
        left_out = {*ignored, *unknown}
        top = [key for key in ("description", "extraParam", "networkServiceName") if key in seen["sent"]]
        kept_top = {_is_kept(seen, key) for key in top if key not in left_out}
        nested = {
            _is_kept_in(seen, part, key)
            for part in ("headSpec", "workerSpec")
            for key in ("env", "rayStartParams")
            if f"{part}.{key}" not in left_out
        }
        kept = kept_top - {None}, nested - {None}
        forms = {"patch": ({True}, {True}), "replace": ({False}, {False}), "clear": ({True}, {False})}
        rules |= rule("update", next((name for name, form in forms.items() if form == kept), None))
    if not unknown:
        rules["update_ignores"] = ",".join(ignored)
    return rules


def _is_kept(seen: Json, key: str) -> bool | None:
    before, after = seen["before"].get(key), seen["after"].get(key)
    return None if before in (None, "", "{}", {}) else before == after


def _is_kept_in(seen: Json, part: str, key: str) -> bool | None:
    return _is_kept({when: first_node(seen[when], part) for when in ("before", "after")}, key)


CHANGED = ("name", "description", "extraParam", *(f"{part}.{key}" for part in ("headSpec", "workerSpec")
           for key in ("cpu", "memory", "env", "rayStartParams")), "workerSpec.replica")  # fmt: skip


def _ignored(facts: Facts) -> tuple[list[str], list[str]] | None:
    """Return the fields that an accepted update did not change, and those of which that is not known."""
    change, rich = facts.get("change"), (facts.get("rich") or {}).get("get") or {}
    if not change:
        return None
    ignored, unknown = list[str](), list[str]()
    for path in CHANGED:
        part, _dot, key = path.rpartition(".")
        before, after = (first_node(change[when], part) if part else change[when] for when in ("before", "after"))
        base, sent = ((first_node(change[side], part) if part else change[side]).get(key) for side in ("base", "sent"))
        if before.get(key) is None and after.get(key) is None:
            # The service ignores it, or never shows it.
            is_shown = (first_node(rich, part) if part else rich).get(key) is not None
            (ignored if is_shown else unknown).append(path)
        elif before.get(key) == after.get(key):
            # Of a text that is cut, the change may have been cut off.
            is_other = isinstance(base, str) and key not in ("cpu", "memory") and before.get(key) != base
            (unknown if is_other or _may_be_cut(after.get(key), sent) else ignored).append(path)
    return ignored, unknown


def _may_be_cut(shown: Value, sent: Value) -> bool:
    """Return whether a text may be the beginning of another one, in any case and with blanks at its end."""
    if not isinstance(shown, str) or not isinstance(sent, str):
        return False
    return sent.strip().casefold().startswith(shown.strip().casefold())


# The emulator's name of a text field, and its name on the wire.
WIRE = {"name": "name", "description": "description", "network_service": "networkServiceName",
        "release_version": "displayReleaseVersion", "queue_name": "queueName", "group_name": "groupName",
        "gpu_spec": "gpuSpec", "ray_start_params": "rayStartParams"}  # fmt: skip


def infer_texts(facts: Facts, wire: t.Mapping[str, str]) -> tuple[Rules, dict[str, str]]:
    """Infer the steps of text fields; return also those that may happen on storing or on showing, by field."""
    rules: Rules = {}
    either: dict[str, str] = {}
    found = _ignored(facts)
    for name, key in wire.items():
        pairs = _text_pairs(facts, name, key)
        if found is None or len([1 for sent, _shown in pairs if LAST_MARK in sent]) < 2 or key in found[0]:
            continue
        steps = find_steps(pairs)
        if steps == AS_SENT:
            rules |= {f"stored_{name}": AS_SENT, f"shown_{name}": AS_SENT}
        elif steps:
            when = _stored_or_shown(facts, name)
            if when:
                other = {"stored": "shown", "shown": "stored"}[when]
                rules |= {f"{when}_{name}": steps, f"{other}_{name}": AS_SENT}
            else:
                either[name] = steps
    return rules, either


def _stored_or_shown(facts: Facts, name: str) -> str | None:
    """Return when the steps of a field happen: other content sets ``modified``, another spelling of it does not."""
    seen = (facts.get("separate") or {}).get(name)
    if not seen or seen["reply"] != OK or infer_modified(facts).get("modified_flag") != "on_content":
        return None
    flags = read_flag(seen["before"]), read_flag(seen["after"])
    return {(False, False): "stored", (False, True): "shown"}.get(flags)  # type: ignore[arg-type]


_IN_HEAD = ("queue_name", "gpu_spec", "ray_start_params")


def _text_pairs(facts: Facts, name: str, key: str) -> list[tuple[str, str]]:
    """Return pairs (sent, shown) of a text field, the samples first."""
    part = "workerSpec" if name == "group_name" else "headSpec" if name in _IN_HEAD else ""
    minimal = facts.get("minimal")
    pairs = []
    for note in [*(facts.get("texts") or []), *([minimal] if minimal else [])]:
        sent, got = (first_node(note[side], part) if part else note[side] for side in ("sent", "get"))
        if isinstance(sent.get(key), str) and isinstance(got.get(key), str) and (sent[key], got[key]) not in pairs:
            pairs.append((sent[key], got[key]))
    return pairs
