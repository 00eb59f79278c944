# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Formats of answers: types and spellings of every field under the rules, and the way back for what clients send.

A service takes what it gives: while a rule shows a field in another type, requests may have it in that type, too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from . import cluster_spec as wire
from .model import Json
from .rule_fields import AS_SENT
from .rule_grammar import HEAD, WORKER, field_list, state_names
from .rules import Rules
from .sizes import CPU_FORMATS, MEMORY_FORMATS, cores, gibibytes, json_number
from .text_rules import respell

_BOOLEANS: dict[str, Callable[[bool], Any]] = {
    "boolean": bool, "text": lambda value: str(value).lower(), "title": str, "number": int,
}  # fmt: skip
_TIMES: dict[str, Callable[[int], Any]] = {
    "milliseconds": int,
    "seconds": lambda value: value // 1000,
    "text": str,
    "iso": lambda value: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(value / 1000)),
    "infinity": lambda value: float("inf"),
    "nan": lambda value: float("nan"),
}
TIME_FIELDS = ("createTime", "modifiedTime", "startTime")
_MASKS = {
    "stars": "******", "hidden": "<hidden>", "redacted": "[REDACTED]", "crosses": "xxxxxxxx", "bullets": "•" * 8,
    "encrypted": "ENC(9f3a)",
    "empty": "",
}  # fmt: skip


def mask(password: str, rules: Rules) -> str:
    """Return what stands for a password under the rule password_mask."""
    if rules.password_mask == "ends":
        return f"{password[:1]}****{password[-1:]}"
    return _MASKS[rules.password_mask]


def when(milliseconds: int, rules: Rules) -> Any:
    """Return a time in the format of the rule `times`."""
    return _TIMES[rules.times](milliseconds)


def amount(value: int, rules: Rules) -> Any:
    """Return the size of a file: a number, or text, infinite or no number under the rule `times`."""
    return _TIMES[rules.times](value) if rules.times in ("text", "infinity", "nan") else value


def state_name(state: str, rules: Rules) -> str:
    """Return a state as it is shown."""
    shown = state_names(rules.state_names).get(state, state)
    return {"lower": shown.lower(), "upper": shown.upper()}.get(rules.state_case, shown)


def shown(row: Json, rules: Rules) -> Json:
    """Return the answer about a cluster in the spelling of the rules; fields that the rules leave out are gone."""
    row = respell(row, rules, "shown")
    _extra_param(row, rules)
    if isinstance(row.get("headSpec"), dict):
        row["headSpec"] = _node(row["headSpec"], wire.HEAD_FIELDS, rules)
    if isinstance(row.get("workerSpec"), list):
        row["workerSpec"] = [_worker(group, rules) for group in row["workerSpec"]]
    row["state"] = state_name(row["state"], rules)
    if rules.booleans != "boolean":
        row["modified"] = _BOOLEANS[rules.booleans](row["modified"])
    if rules.times != "milliseconds":
        row |= {key: when(row[key], rules) for key in TIME_FIELDS if row.get(key) is not None}
    if rules.empty_values == "omitted":
        row = _without_empty(row)
    return without(row, rules.omitted_fields)


def without(row: Json, names: str) -> Json:
    """Return the row without these fields; the row itself stays as it is."""
    if not names:
        return row
    result = dict(row)
    for name in field_list(names):
        if name.startswith(HEAD) and isinstance(result.get("headSpec"), dict):
            result["headSpec"] = {key: value for key, value in result["headSpec"].items() if HEAD + key != name}
        elif name.startswith(WORKER) and isinstance(result.get("workerSpec"), list):
            result["workerSpec"] = [
                {key: value for key, value in group.items() if WORKER + key != name} for group in result["workerSpec"]
            ]
        else:
            result.pop(name, None)
    return result


def _node(node: Json, known: dict[str, type], rules: Rules) -> Json:
    result = dict(node)
    for key, formats, read, rule in (
        ("cpu", CPU_FORMATS, cores, rules.cpu_format),
        ("memory", MEMORY_FORMATS, gibibytes, rules.memory_format),
    ):
        value = read(result[key]) if rule != AS_SENT and isinstance(result.get(key), str) else None
        if value is not None:
            result[key] = formats[rule](value)
    for key, kind in known.items():
        value = result.get(key)
        if kind is bool and value is not None:
            result[key] = _BOOLEANS[rules.booleans](value)
        elif kind is int and value is not None and rules.integers == "text":
            result[key] = str(value)
    if result.get("env"):
        result["env"] = _env(result["env"], rules.env_format)
    _idle(result, known, rules)
    return result


def _worker(group: Json, rules: Rules) -> Json:
    result = _node(group, wire.WORKER_FIELDS, rules)
    _extra_param(result, rules)
    kind = result.get("workerType")
    if isinstance(kind, str) and rules.worker_type != AS_SENT:
        result["workerType"] = kind.lower() if rules.worker_type == "lower" else kind.title()
        if rules.worker_type == "omitted":
            result["workerType"] = kind
            if kind.upper() == "CPU":
                del result["workerType"]
    return result


def _idle(node: Json, known: dict[str, type], rules: Rules) -> None:
    if "idleTimeoutSeconds" not in known:
        return
    if rules.idle_timeout == "zero_omitted" and node.get("idleTimeoutSeconds") in (0, "0"):
        del node["idleTimeoutSeconds"]
    if rules.idle_timeout == "unset_zero":
        node.setdefault("idleTimeoutSeconds", "0" if rules.integers == "text" else 0)


def _env(text: str, how: str) -> Any:
    text = text.replace("\r\n", "\n")
    pairs = [line.partition("=") for line in text.split("\n") if line]
    if how == "object":
        return {name.strip(): value for name, _sign, value in pairs}
    if how == "spaced":
        return "\n".join(f"{name.strip()} = {value.strip()}" for name, _sign, value in pairs)
    if how == "sorted":
        return "\n".join(sorted(line for line in text.split("\n") if line))
    return text.replace("\n", "\r\n") if how == "crlf" else text


def _extra_param(row: Json, rules: Rules) -> None:
    if rules.extra_param_format == AS_SENT or not isinstance(row.get("extraParam"), str):
        return
    try:
        data = json.loads(row["extraParam"])
    except (ValueError, RecursionError):
        return
    if rules.extra_param_format == "object":
        row["extraParam"] = data
    else:
        separators = (",", ":") if rules.extra_param_format == "compact" else (" , ", " : ")
        row["extraParam"] = json.dumps(data, ensure_ascii=False, separators=separators)


def _without_empty(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _without_empty(value) for key, value in data.items() if value not in ("", [], {})}
    return [_without_empty(item) for item in data] if isinstance(data, list) else data


# What clients send


def taken(body: Any, rules: Rules) -> Any:
    """Return a body in the types of the documentation, where it has them in those that the rules show."""
    if not isinstance(body, dict):
        return body
    result = _taken_node(body, wire.TOP_FIELDS, rules)
    if isinstance(result.get("headSpec"), dict):
        result["headSpec"] = _taken_node(result["headSpec"], wire.HEAD_FIELDS, rules)
    if isinstance(result.get("workerSpec"), list):
        result["workerSpec"] = [
            _taken_node(group, wire.WORKER_FIELDS, rules) if isinstance(group, dict) else group
            for group in result["workerSpec"]
        ]
    return result


def _taken_node(node: Json, known: dict[str, type], rules: Rules) -> Json:
    return {key: _taken(key, value, known[key], rules) if key in known else value for key, value in node.items()}


def _taken(key: str, value: Any, kind: type, rules: Rules) -> Any:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if key in ("cpu", "memory") and number and "number" in (rules.cpu_format, rules.memory_format):
        return str(json_number(value))
    if kind is int and isinstance(value, str) and rules.integers == "text" and value.strip().isdigit():
        return int(value)
    if kind is bool and rules.booleans != "boolean" and value in ("true", "false", "True", "False", 0, 1):
        return value in ("true", "True", 1)
    if key == "env" and isinstance(value, dict) and rules.env_format == "object":
        return "\n".join(f"{name}={text}" for name, text in value.items())
    if key == "extraParam" and isinstance(value, (dict, list)) and rules.extra_param_format == "object":
        return json.dumps(value, ensure_ascii=False)
    return value
