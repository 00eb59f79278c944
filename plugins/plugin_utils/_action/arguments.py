# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a task's arguments before they are validated: parse text, and reject silent conversions by Ansible.

Ansible makes text of a mapping, 1.1 of 1.10, and "False" of no. Each version reads JSON text differently. Reading
the arguments here gives the same answer on every version of ansible-core, in the worker and in the module.
"""

from __future__ import annotations

import datetime as dt
import json
import typing as t
from collections.abc import Mapping

import yaml
from ansible.module_utils.common.validation import check_type_bool, check_type_float, check_type_int

from ...module_utils._argspec.common import COMMON_OPTIONS, Options
from ...module_utils._text_rules import EMPTY_TEXT, describe_kind, find_text_problem
from .._native import Record, to_native

# A null comes from an expression without a result. Without the option, the task would refer to another cluster or
# job.
_NEVER_NULL = ("cluster_id", "cluster_name", "submission_id", "job_key")
# Text options whose value is a number: YAML cannot change what it means.
_NUMBERS_AS_TEXT = (
    "cpu",
    "memory",
    "entrypoint_num_cpus",
    "entrypoint_num_gpus",
    "entrypoint_memory",
    "start_time",
    "end_time",
)
_TIME_PROBLEM = "takes text, and YAML reads it as a time; quote it"
_UNREADABLE = object()
_SCALARS = {"int": "a whole number", "float": "a number", "bool": "true or false"}
_CONVERTERS: dict[str, t.Callable[[object], object]] = {
    "int": check_type_int,
    "float": check_type_float,
    "bool": check_type_bool,
}
# Text options that an empty text clears, or for which it means that the option is not set.
_MAY_BE_EMPTY = {"description", "network_service_name", "gpu_spec", *COMMON_OPTIONS}
# Structures that an empty text clears.
_CLEARED_BY_EMPTY_TEXT: Record = {"env": {}, "volume_ids": []}


def read_arguments(spec: Options, arguments: Mapping[str, object]) -> tuple[Record, list[str]]:
    """Return the arguments as plain data, and their problems: texts that name an option and hold no value.

    Leave to Ansible the errors that it reports well: unknown options, missing ones, choices, and numbers.
    """
    problems: list[str] = []
    return _read_options(spec, arguments, "", problems), problems


def _read_options(spec: Options, given: Mapping[str, object], path: str, problems: list[str]) -> Record:
    read = {}
    for key, value in given.items():
        name = str(key)
        option = spec.get(name)
        read[name] = to_native(value) if option is None else _read_option(name, option, value, path + name, problems)
    return read


def _read_option(name: str, option: Record, value: object, path: str, problems: list[str]) -> object:
    if value is None:
        if name in _NEVER_NULL:
            problems.append(f"{path}: is null because an expression has no value; to leave it out, use default(omit)")
        return None
    kind = option.get("type", "str")
    if kind == "dict":
        return _read_mapping(name, option, value, path, problems)
    if kind == "list":
        return _read_list(name, option, value, path, problems)
    if kind in ("str", "path"):
        return _read_text(name, value, path, problems)
    if kind in _SCALARS and not _is_scalar(kind, value):
        problems.append(f"{path}: takes {_SCALARS[kind]}, not {describe_kind(value)}")
        return None
    if kind == "json" and not isinstance(value, (str, Mapping, list, tuple)):
        problems.append(f"{path}: takes a mapping or JSON text, not {describe_kind(value)}")
    return to_native(value)


def _is_scalar(kind: str, value: object) -> bool:
    """Return whether Ansible can convert this to a number or a boolean: its own message would quote the value."""
    if isinstance(value, bool):
        return kind == "bool"
    if isinstance(value, (str, int, float)):
        try:
            _CONVERTERS[kind](to_native(value))
        except (TypeError, ValueError, OverflowError):
            return False
        return True
    return False


def _read_text(name: str, value: object, path: str, problems: list[str]) -> object:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if value == "" and name not in _MAY_BE_EMPTY:
        problems.append(f"{path}: {EMPTY_TEXT}")
    elif isinstance(value, dt.datetime):
        problems.append(f"{path}: {_TIME_PROBLEM}")
    elif not (is_number and name in _NUMBERS_AS_TEXT) and not isinstance(value, dt.date):
        problem = find_text_problem(value)
        if problem:
            problems.append(f"{path}: {problem}")
    return to_native(value)


def _read_mapping(name: str, option: Record, value: object, path: str, problems: list[str]) -> object:
    if isinstance(value, str):
        if value == "" and name in _CLEARED_BY_EMPTY_TEXT:
            return dict(_CLEARED_BY_EMPTY_TEXT[name])
        parsed = _parse_text(value, "a mapping", path, problems)
        if isinstance(parsed, str) and "=" in parsed:
            # Ansible reads key=value on the command line as a mapping.
            return str(value)
        value = parsed
    if value is _UNREADABLE:
        return {}
    if not isinstance(value, Mapping):
        problems.append(f"{path}: takes a mapping, not {describe_kind(value)}")
        return {}
    nested = option.get("options")
    if nested is not None:
        return _read_options(nested, value, f"{path}.", problems)
    times = [key for key, item in value.items() if isinstance(item, dt.datetime)]
    problems += [f"{path}.{key}: {_TIME_PROBLEM}" for key in times]
    return to_native(value)


def _read_list(name: str, option: Record, value: object, path: str, problems: list[str]) -> object:
    holds_mappings = option.get("elements") == "dict"
    what = "a list of mappings" if holds_mappings else "a list"
    if isinstance(value, str):
        if value == "" and name in _CLEARED_BY_EMPTY_TEXT:
            return list(_CLEARED_BY_EMPTY_TEXT[name])
        if not holds_mappings and value.strip() and not value.lstrip().startswith(("[", "- ")):
            # Ansible splits such text at its commas.
            return str(value)
        value = _parse_text(value, what, path, problems)
    if value is _UNREADABLE:
        return []
    if isinstance(value, (str, Mapping)) or not hasattr(value, "__iter__"):
        problems.append(f"{path}: takes {what}, not {describe_kind(value)}")
        return []
    element = {"type": option.get("elements", "str"), "options": option.get("options")}
    return [_read_option("", element, item, f"{path}[{number}]", problems) for number, item in enumerate(value)]


def _parse_text(text: str, what: str, path: str, problems: list[str]) -> object:
    """Return what a JSON or YAML text holds; nothing of the text goes into a message, since it may hold secrets."""
    if not text.strip():
        problems.append(f"{path}: {EMPTY_TEXT}")
        return _UNREADABLE
    place = ""
    try:
        return json.loads(text)
    except ValueError:
        pass
    except RecursionError:
        problems.append(f"{path}: takes {what}, and the text is nested too deeply")
        return _UNREADABLE
    try:
        # An alias may grow without end, and no declaration needs one.
        if not any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        if error.problem_mark is not None:
            place = f" (line {error.problem_mark.line + 1}, column {error.problem_mark.column + 1})"
    except (yaml.YAMLError, ValueError, RecursionError):
        pass
    problems.append(f"{path}: takes {what}, and the text is not valid JSON or YAML{place}")
    return _UNREADABLE
