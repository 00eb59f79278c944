# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Describe a plan in words: the one line of ``msg``, the text of a diff, and the pending restarts. Pure.

A task without changes does not import this file.
"""

from __future__ import annotations

import re
import typing as t

from .._redaction import REDACTED
from .fields import SPEC_FIELDS, Cluster
from .plan import ERROR, RESTARTS, RUNNING, STOPPED, Plan
from .result import cluster_to_result, label
from .spec import Change
from .update_checks import format_value

# Changes that a line names; the result has all of them.
_MAX_CHANGES_IN_LINE = 6
_MAX_VALUE_LENGTH = 80
# Characters of the names of clusters in one warning; a longer text would be cut.
_MAX_NAMES_LENGTH = 800
_PATH = re.compile(r"(?:worker_spec\[(?P<group>.*)\]|head_spec)(?:\.(?P<field>.+))?", re.DOTALL)
# Fields that take effect without a restart.
_NO_RESTART = ("state", "name", "description")


def format_plan(name: str, planned: Plan, actions: t.Sequence[str]) -> str:
    """Return the plan in one line: ``training (ray-1): update, stop, start: RESTARTS a running cluster; ...``.

    ``name`` is :func:`label`, ``actions`` are the operations done, or that would be, at least one.
    """
    impact = impact_of(planned)
    text = f"{name}: {', '.join(actions)}" + (f": {impact}" if impact else "")
    if "create" in actions or "delete" in actions:
        return text
    changes = [format_change(change) for change in planned.changes if change.field != "state"]
    more = len(changes) - _MAX_CHANGES_IN_LINE
    return "; ".join([text, *changes[:_MAX_CHANGES_IN_LINE], *([f"and {more} more changes"] if more > 0 else [])])


def impact_of(planned: Plan) -> str | None:
    """Return the impact of a plan on a running cluster, or None if it keeps running."""
    state = (planned.before or {}).get("state")
    if state in (None, STOPPED, ERROR):
        return "DELETES the cluster" if "delete" in planned.actions else None
    if "delete" in planned.actions:
        return "DELETES a running cluster"
    if planned.restarts:
        return RESTARTS
    return "STOPS a running cluster" if "stop" in planned.actions else None


def format_change(change: Change) -> str:
    """Return a change as ``cpu.memory 16Gi → 32Gi``, secrets hidden."""
    shown = change.to_result()
    match = _PATH.fullmatch(change.field)
    group, field = (match["group"], match["field"]) if match else (None, change.field)
    where = f"{group or 'head'}." if match else ""
    if match and not field:
        old, new = change.before, change.after
        size = f" ({_count(new or old)} workers)" if isinstance(new or old, dict) else ""
        return f"{group} {'added' if old is None else 'removed'}{size}"
    before, after = shown["before"], shown["after"]
    if before == after:
        return f"{where}{field} changed"
    return f"{where}{field} {_short(before)} → {_short(after)}"


def _count(group: t.Any) -> int:
    return int(group.get("replica") or group.get("min_replica") or 1)


def _short(value: t.Any) -> str:
    text = format_value(value)
    return text if len(text) <= _MAX_VALUE_LENGTH else text[: _MAX_VALUE_LENGTH - 3] + "..."


def pending_restart(cluster: Cluster | None, planned: Plan | None = None, actions: t.Sequence[str] = ()) -> str | None:
    """Return the changes that are pending a restart of a running cluster, or None.

    ``cluster`` is the final one, ``actions`` are the operations that were done or planned.
    """
    if not cluster or cluster.get("state") != RUNNING:
        return None
    hint = "a restart (restart: if_needed)"
    changes = [change for change in (planned.changes if planned else []) if change.field not in _NO_RESTART]
    if "update" in actions and "start" not in actions and changes:
        texts = [_format_pending(change) for change in changes[:_MAX_CHANGES_IN_LINE]]
        more = len(changes) - len(texts)
        texts += [f"{more} more changes"] if more > 0 else []
        return f"{', '.join(texts)} take effect after {hint}"
    if not cluster.get("modified"):
        return None
    running = sum(str(pod.get("type")).lower() == "worker" for pod in cluster.get("instances") or [])
    declared = sum(_count(group) for group in cluster.get("worker_spec") or [])
    if running and running != declared and not (cluster.get("head_spec") or {}).get("enable_auto_scaling"):
        return f"{running} → {declared} workers and other changes of its configuration take effect after {hint}"
    return f"it still runs with an old configuration; the new one takes effect after {hint}"


def name_clusters(groups: t.Mapping[str, list[str]]) -> list[str]:
    """Return warnings, each with the names of the clusters that it concerns, split if one would be too long."""
    warnings = []
    for text, names in groups.items():
        chunk = names[0]
        for name in names[1:]:
            if len(chunk) + len(name) > _MAX_NAMES_LENGTH:
                warnings.append(f"{text}: {chunk}.")
                chunk = name
            else:
                chunk += f", {name}"
        warnings.append(f"{text}: {chunk}.")
    return warnings


def _format_pending(change: Change) -> str:
    text = format_change(change)
    return text.replace(".replica ", ": ") + " workers" if change.field.endswith("].replica") else text


def format_diff(planned: Plan, name: str | None, return_secrets: bool = False) -> dict[str, str]:
    """Return the diff of a plan: a line for the run state, and one for each field that is set.

    Every line has the whole path of its field, so that a hunk shows its worker group.
    """
    before, after = (_spec_lines(cluster, return_secrets) for cluster in (planned.before, planned.after))
    for change in planned.changes:
        _mark_hidden(change, before, after)
    run_before = (planned.before or {}).get("state") or ("unknown" if planned.before else "none")
    sides = {"before": {"run": str(run_before), **before}, "after": {"run": format_run(planned), **after}}
    texts = {side: "".join(f"{path}: {value}\n" for path, value in lines.items()) for side, lines in sides.items()}
    header = label(name, (planned.before or {}).get("cluster_id"))
    return {"before_header": header, "after_header": header, **texts}


def format_run(planned: Plan) -> str:
    """Return the changes of the run state: ``Running → stop → start → Running (RESTARTS a running cluster)``."""
    before = (planned.before or {}).get("state") or ("unknown" if planned.before else "none")
    if not planned.actions or planned.actions == ["update"]:
        return str(before)
    impact = impact_of(planned)
    note = f" ({impact})" if impact else ""
    if planned.after is None:
        return f"{before} → deleted{note}"
    steps = ["created" if action == "create" else action for action in planned.actions if action != "update"]
    steps = [step for step in steps if planned.before is not None or step == "created"]
    return " → ".join([str(before), *steps, str(planned.after.get("state"))]) + note


def _spec_lines(cluster: Cluster | None, return_secrets: bool) -> dict[str, str]:
    if cluster is None:
        return {}
    shown = cluster_to_result(cluster, return_secrets)
    lines: dict[str, str] = {}
    for field in SPEC_FIELDS:
        if field == "worker_spec":
            for group in shown[field]:
                fields = {key: value for key, value in group.items() if key != "group_name"}
                _add_lines(lines, f"worker_spec[{group.get('group_name')}]", fields)
        else:
            _add_lines(lines, field, shown[field])
    return lines


def _add_lines(lines: dict[str, str], path: str, value: t.Any) -> None:
    if value is None or value in ("", [], {}):
        return
    if isinstance(value, dict):
        for key, item in value.items():
            # An empty variable is one, too.
            _add_lines(lines, f"{path}.{key}", '""' if path.endswith(".env") and item == "" else item)
    elif isinstance(value, list) and all(isinstance(item, str) for item in value):
        lines[path] = ", ".join(sorted(value))
    else:
        lines[path] = format_value(value)


def _mark_hidden(change: Change, before: dict[str, str], after: dict[str, str]) -> None:
    """Show that a secret changes, without either value."""
    if change.field.endswith("redis_password"):
        for lines, value, mark in ((before, change.before, "old"), (after, change.after, "new")):
            if value:
                lines[change.field] = f"{REDACTED} ({mark})"
    elif change.field.endswith(".env") and isinstance(change.before, dict) and isinstance(change.after, dict):
        for key in change.before.keys() & change.after.keys():
            path = f"{change.field}.{key}"
            if change.before[key] != change.after[key] and before.get(path) == after.get(path):
                before[path], after[path] = f"{before[path]} (old)", f"{after[path]} (new)"
