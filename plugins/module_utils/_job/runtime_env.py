# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Check a runtime environment of Ray, which refuses a wrong one only when the job starts. Pure."""

from __future__ import annotations

import typing as t

from .._text_rules import describe_kind

# Fields of ray.runtime_env.RuntimeEnv (Ray 2.55), and the names of plugins that Ray brings along.
_FIELDS = (
    "config",
    "conda",
    "container",
    "env_vars",
    "excludes",
    "image_uri",
    "java_jars",
    "mpi",
    "nsight",
    "pip",
    "py_executable",
    "py_modules",
    "rocprof_sys",
    "uv",
    "worker_process_setup_hook",
    "working_dir",
)


def find_runtime_env_problems(environment: t.Mapping[str, object]) -> list[str]:
    """Return the problems for which Ray would refuse the job. Fields with a leading underscore are Ray's own."""
    unknown = sorted(name for name in environment if name not in _FIELDS and not name.startswith("_"))
    problems = [f"runtime_env_json: {name} is not a field of a runtime environment{_suggest(name)}" for name in unknown]
    if "env_vars" in environment:
        problems += _find_variable_problems(environment["env_vars"])
    return problems


def _find_variable_problems(variables: object) -> list[str]:
    if not isinstance(variables, dict):
        return [f"runtime_env_json.env_vars: takes a mapping of variables, not {describe_kind(variables)}"]
    return [
        f"runtime_env_json.env_vars.{name}: Ray accepts only text, not {describe_kind(value)}; quote it"
        for name, value in variables.items()
        if not isinstance(value, str)
    ]


def _suggest(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name.lower(), _FIELDS, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; it has {', '.join(_FIELDS)}"
