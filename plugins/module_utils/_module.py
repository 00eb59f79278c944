# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Between Ansible and the core: a module's options in, its result out. Private to this collection."""

from __future__ import annotations

import os
import sys
import traceback
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.rayops.alicloud.plugins.module_utils._errors import Failure, MissingLibrary
from ansible_collections.rayops.alicloud.plugins.module_utils._models import HAS_PYDANTIC, PYDANTIC_VERSION
from ansible_collections.rayops.alicloud.plugins.module_utils._task import Task, TaskFailed, failed
from ansible_collections.rayops.alicloud.plugins.module_utils._transport import HAS_HTTPX, HTTPX_VERSION

PYTHON_FLOOR = (3, 10)
HTTPX_FLOOR = "0.27.0"
PYDANTIC_FLOOR = "2.7.0"

Run = t.Callable[[Task], dict[str, t.Any]]


def run_module(module: AnsibleModule, run: Run) -> None:
    """Run a task of the core inside a module, and exit with its result or its failure."""
    check_python(module)
    check_libraries(module)
    # Plugins that other packages register with pydantic would see what is validated, secrets included; and looking for
    # them takes longer than validating.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    task = Task(
        params=module.params,
        environ=os.environ,
        check_mode=module.check_mode,
        warn=module.warn,
        user_agent=f"ansible-core/{getattr(module, 'ansible_version', 'unknown')}",
    )
    _warn_of_secrets(module)
    # Ansible is called when no exception is at hand any more: it would show its traceback too.
    result, failure = _outcome(task, run)
    if failure is None:
        if not module._diff:
            result.pop("diff", None)
        module.exit_json(**result)
    elif isinstance(failure.cause, MissingLibrary):
        fail_missing(module, failure.cause)
    else:
        module.fail_json(**failure.result)


def _outcome(task: Task, run: Run) -> tuple[dict[str, t.Any], TaskFailed | None]:
    try:
        return run(task), None
    except TaskFailed as failure:
        return {}, failure
    except Exception as error:  # noqa: BLE001
        # A bug of ours. Its text may hold anything, so it goes through the same filter as every result.
        frames = traceback.extract_tb(error.__traceback__)[-4:]
        where = " < ".join(f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in reversed(frames))
        bug = Failure(f"{type(error).__name__} at {where}: {error}")
        bug.code = "Bug"
        return {}, failed(task, "This is a bug in rayops.alicloud, please report it", bug, {"changed": False})


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
    for library, present, version, floor in (
        ("httpx", HAS_HTTPX, HTTPX_VERSION, HTTPX_FLOOR),
        ("pydantic", HAS_PYDANTIC, PYDANTIC_VERSION, PYDANTIC_FLOOR),
    ):
        if not present:
            fail_missing(module, MissingLibrary(library, floor))
        if _numbers(version) < _numbers(floor):
            fail_missing(module, MissingLibrary(library, floor, version))


def fail_missing(module: AnsibleModule, missing: MissingLibrary) -> None:
    """Fail, naming the library, the least version and the interpreter."""
    text = str(
        missing_required_lib(  # type: ignore[no-untyped-call]
            f"{missing.library} >= {missing.floor}", url=f"https://pypi.org/project/{missing.library}"
        )
    )
    if missing.found:
        text = f"{missing.library} {missing.found} of {sys.executable} is too old: {missing.floor} or newer is needed."
    module.fail_json(msg=text, error=missing.details())


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3] if part.isdigit())


def _warn_of_secrets(module: AnsibleModule) -> None:
    if module.params.get("return_secrets") and not module.no_log:
        module.warn("return_secrets puts the submit token into the result: set no_log on this task.")
