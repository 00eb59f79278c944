# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Between Ansible and the core: a module's options in, its result out. Private to this collection."""

from __future__ import annotations

import gc
import os
import sys
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._errors import MissingLibrary
from .context import Task, outcome
from .requirements import library_problem

PYTHON_FLOOR = (3, 10)

Run = t.Callable[[Task], dict[str, t.Any]]


def run_module(module: AnsibleModule, run: Run, libraries: bool = True) -> None:
    """Run a task of the core inside a module, and exit with its result or its failure.

    A core that tells of missing libraries itself is run without looking for ``libraries``.
    """
    if not gc.get_freeze_count():
        # What is imported by now stays to the end: nothing has to go through it any more in search of garbage.
        gc.freeze()
    check_python(module)
    if libraries:
        check_libraries(module)
    task = Task(
        params=module.params,
        environ=os.environ,
        check_mode=module.check_mode,
        warn=module.warn,
        user_agent=f"ansible-core/{getattr(module, 'ansible_version', 'unknown')}",
        no_log=module.no_log,
    )
    # Ansible is called when no exception is at hand any more: it would show its traceback too.
    result, failure = outcome(task, run)
    # The result repeats the options, and some hold secrets inside text that Ansible cannot see into.
    module.params = task.secrets.scrub(module.params)
    if failure is None:
        if not module._diff:
            result.pop("diff", None)
        module.exit_json(**result)
    elif isinstance(failure.cause, MissingLibrary):
        fail_missing(module, failure.cause)
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
    problem = library_problem()
    if problem:
        fail_missing(module, problem)


def fail_missing(module: AnsibleModule, missing: MissingLibrary) -> None:
    """Fail, naming the library, the least version and the interpreter."""
    module.fail_json(msg=missing_text(missing), error=missing.details())


def missing_text(missing: MissingLibrary) -> str:
    """Say in Ansible's usual words that a library is missing, or that it is too old."""
    if missing.found:
        return f"{missing.library} {missing.found} of {sys.executable} is too old: {missing.floor} or newer is needed."
    named = f"{missing.library} >= {missing.floor}"
    url = f"https://pypi.org/project/{missing.library}"
    return str(missing_required_lib(named, url=url))  # type: ignore[no-untyped-call]
