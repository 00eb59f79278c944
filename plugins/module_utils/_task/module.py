# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Between Ansible and the core: a module's options in, its result out."""

from __future__ import annotations

import gc
import os
import sys
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._errors import MissingLibraryError, ParameterError
from .._redaction import hide_env
from .context import TaskContext
from .outcome import catch_failure
from .requirements import find_library_problem

PYTHON_FLOOR = (3, 10)

TaskFunction = t.Callable[[TaskContext], dict[str, object]]


def run_module(module: AnsibleModule, run: TaskFunction, libraries: bool = True) -> None:
    """Run a task of the core inside a module, and exit with its result or its failure.

    A core that reports missing libraries itself runs without the check of ``libraries``.
    """
    if not gc.get_freeze_count():
        # Objects imported by now remain to the end: the garbage collector need not scan them again.
        gc.freeze()
    check_python(module)
    if libraries:
        check_libraries(module)
    task = TaskContext(
        params=module.params,
        environ=os.environ,
        check_mode=module.check_mode,
        warn=module.warn,
        user_agent=f"ansible-core/{getattr(module, 'ansible_version', 'unknown')}",
        no_log=module.no_log,
    )
    # Call Ansible after the exception is no longer active: otherwise it would print the traceback, too.
    with catch_failure(task) as outcome:
        outcome.result = run(task)
    # The result repeats the options, and some hold secrets inside text that Ansible cannot see into.
    module.params = task.secrets.redact(hide_env(module.params))
    failure = outcome.failure
    if failure is None:
        if not module._diff:
            outcome.result.pop("diff", None)
        module.exit_json(**outcome.result)
        return
    if isinstance(failure.cause, ParameterError):
        from .hidden import hide_secrets

        module.params = hide_secrets(module.argument_spec, module.params)
    if isinstance(failure.cause, MissingLibraryError):
        fail_missing_library(module, failure.cause)
    else:
        module.fail_json(**failure.result)


def check_python(module: AnsibleModule) -> None:
    """Fail on an interpreter that is too old for the libraries."""
    if sys.version_info < PYTHON_FLOOR:
        module.fail_json(
            msg=f"rayops.alicloud needs Python 3.10 or newer, and {sys.executable} is "
            f"{sys.version_info[0]}.{sys.version_info[1]}. Set ansible_python_interpreter, "
            "for example to '{{ ansible_playbook_python }}'."
        )


def check_libraries(module: AnsibleModule) -> None:
    """Fail with Ansible's usual words when a library is missing or too old."""
    problem = find_library_problem()
    if problem:
        fail_missing_library(module, problem)


def fail_missing_library(module: AnsibleModule, missing: MissingLibraryError) -> None:
    """Fail with the name of the library, the minimum version, and the interpreter."""
    module.fail_json(msg=format_missing_library(missing), error=missing.details())


def format_missing_library(missing: MissingLibraryError) -> str:
    """Say in Ansible's usual words which libraries are missing or too old, and how to install all of them."""
    old = [f"{each.library} {each.found} of {sys.executable} is too old." for each in missing.all if each.found]
    absent = [f"{each.library} >= {each.floor}" for each in missing.all if not each.found]
    texts = old + ([str(missing_required_lib(", ".join(absent)))] if absent else [])  # type: ignore[no-untyped-call]
    wanted = " ".join(f"'{each.library}>={each.floor}'" for each in missing.all)
    return f"{' '.join(texts)} To install: {sys.executable} -m pip install {wanted}"
