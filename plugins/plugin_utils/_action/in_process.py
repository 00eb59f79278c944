# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check a task's arguments, then run the core inside the Ansible worker if that is safe, otherwise as a module.

Imports at the top of this file happen once per play: the strategy loads the action plugin in the parent process, and
the workers are forked from it.
"""

from __future__ import annotations

import functools
import os
import sys
import typing as t

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.release import __version__ as core_version
from ansible.utils.display import Display

from ...module_utils._api.pool import ConnectionPool
from ...module_utils._errors import MissingLibraryError, ParameterError
from ...module_utils._redaction import SecretRedactor, hide_env
from ...module_utils._task.context import TaskContext
from ...module_utils._task.hidden import collect_secrets, hide_secrets
from ...module_utils._task.module import format_missing_library
from ...module_utils._task.outcome import Outcome, catch_failure
from ...module_utils._task.requirements import find_library_problem
from .._native import Record, to_native
from .arguments import read_arguments
from .preload import warm_up

# An inventory or extra variable: false sends every task through the ordinary module.
IN_PROCESS_VARIABLE = "rayops_alicloud_in_process"

_POOL = ConnectionPool()
_LIBRARY_PROBLEM = find_library_problem()
if not _LIBRARY_PROBLEM:
    warm_up()


class InProcessAction(ActionBase):
    """An action with the contract of the module of the same name; subclasses define its options and its core."""

    SPEC: t.ClassVar[dict[str, Record]]
    # The entry point. Raises TaskFailed.
    core: t.Callable[[TaskContext], Record]
    # The reason why the last task had to run as an ordinary module.
    module_reason: str | None = None

    _supports_check_mode = True
    _supports_async = True
    _supports_diff = True

    def run(self, tmp: str | None = None, task_vars: Record | None = None) -> Record:
        """Check the arguments; then run the task here, or as a module if it needs a feature of a module.

        Invalid arguments never reach the module: it would repeat them, secrets included, in its result.
        """
        variables = task_vars or {}
        result: Record = super().run(tmp, variables)
        arguments, problems = read_arguments(self.SPEC, self._task.args)
        checked: t.Any = ArgumentSpecValidator(self.SPEC).validate(arguments)  # type: ignore[no-untyped-call]
        if problems or checked.error_messages:
            return {**result, **self._refuse(arguments, problems, checked.errors, variables)}
        self.module_reason = self._find_module_reason(variables)
        if self.module_reason:
            done = self._execute_module(module_args=arguments, task_vars=variables, wrap_async=self._task.async_val)
        else:
            done = self._run_in_process(checked, variables)
        result.update(done)
        return result

    def _refuse(self, arguments: Record, problems: list[str], errors: t.Any, variables: Record) -> Record:
        """Return the failure of a task with invalid arguments, without any secret."""
        if problems:
            text = f"The options cannot be used: {'; '.join(problems)}"
        elif isinstance(errors[0], UnsupportedError):
            text = f"Unsupported parameters for ({self._task.action}) module: {errors.msg}"
        else:
            text = str(errors.msg)
        secrets = SecretRedactor(collect_secrets(self.SPEC, to_native(self._task.args)))
        text = secrets.redact_text(text)
        done = {"failed": True, "changed": False, "msg": text, "error": ParameterError([text]).details()}
        if _injects_invocation(variables):
            done["invocation"] = {"module_args": secrets.redact(hide_secrets(self.SPEC, arguments))}
        return done

    def _find_module_reason(self, variables: Record) -> str | None:
        """Return why the task must be an ordinary module, None if it may run here."""
        if _LIBRARY_PROBLEM is not None:
            return f"{_LIBRARY_PROBLEM} next to ansible-core"
        if self._task.async_val:
            return "it has async"
        if self._play_context.become:
            return "it has become"
        if self._connection.transport != "local":
            return "it is for another host"
        if any(self._task.environment or []):
            return "it has an environment"
        if not self._is_enabled(variables):
            return f"{IN_PROCESS_VARIABLE} is false"
        return None if self._uses_own_interpreter(variables) else "it uses another interpreter"

    def _is_enabled(self, variables: Record) -> bool:
        value = self._templar.template(variables.get(IN_PROCESS_VARIABLE, True))
        return str(value).strip().lower() not in ("false", "no", "off", "0", "n", "f")

    def _uses_own_interpreter(self, variables: Record) -> bool:
        """Return whether the module would run with this interpreter, or with one that is only guessed."""
        if self._task.delegate_to:
            variables = (variables.get("ansible_delegated_vars") or {}).get(self._task.delegate_to, variables)
        try:
            interpreter = constants.config.get_config_value(  # type: ignore[no-untyped-call]
                "INTERPRETER_PYTHON", variables=variables
            )
        except AnsibleError:
            return False
        interpreter = str(self._templar.template(interpreter))
        own_interpreters = {
            sys.executable,
            os.path.realpath(sys.executable),
            str(variables.get("ansible_playbook_python")),
        }
        return interpreter.startswith("auto") or interpreter in own_interpreters

    def _run_in_process(self, checked: t.Any, variables: Record) -> Record:
        warnings: list[str] = []

        def warn(text: str) -> None:
            if text not in warnings:
                warnings.append(text)

        params = checked.validated_parameters
        task = TaskContext(
            params=params,
            environ=os.environ,
            warn=warn,
            check_mode=bool(self._task.check_mode),
            user_agent=f"ansible-core/{core_version}",
            pool=_POOL,
            # Standard output may be a callback's JSON.
            tell=functools.partial(Display().display, stderr=True),
            no_log=bool(self._task.no_log),
        )
        with catch_failure(task) as outcome:
            outcome.result = self.core(task)
        done = self._result_of(outcome)
        if _injects_invocation(variables):
            # Some options are inside text that Ansible cannot see into.
            redacted: Record = task.secrets.redact(hide_env(params))
            is_invalid = outcome.failure and isinstance(outcome.failure.cause, ParameterError)
            done["invocation"] = {"module_args": hide_secrets(self.SPEC, redacted) if is_invalid else redacted}
        if warnings:
            done["warnings"] = warnings
        masked: Record = _mask(done, sorted(map(str, checked._no_log_values), key=len, reverse=True))
        return masked

    def _result_of(self, outcome: Outcome) -> Record:
        """Return what the user gets."""
        failure = outcome.failure
        if failure is None:
            return {key: value for key, value in outcome.result.items() if key != "diff" or self._task.diff}
        if isinstance(failure.cause, MissingLibraryError):
            return {"failed": True, "msg": format_missing_library(failure.cause), "error": failure.cause.details()}
        return {"failed": True, **failure.result}


def _mask(value: t.Any, secrets: list[str]) -> t.Any:
    """Return a value without secrets, in the form that modules return it.

    Ansible's own ``remove_values`` does the same, and is deprecated since ansible-core 2.22.
    """
    if isinstance(value, dict):
        return {key: _mask(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mask(item, secrets) for item in value]
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return value
    if str(value) in secrets:
        return "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, "********")
    return value


def _injects_invocation(variables: Record) -> bool:
    """Return whether results contain the options: always before ansible-core 2.21, then only if a setting says so."""
    try:
        value = constants.config.get_config_value(  # type: ignore[no-untyped-call]
            "INJECT_INVOCATION", variables=variables
        )
    except (AnsibleError, KeyError):
        return True
    return bool(value)
