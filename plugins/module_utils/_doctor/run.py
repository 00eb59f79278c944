# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Run emr_ray_doctor: check each requirement of a task separately."""

from __future__ import annotations

import platform
import sys
import typing as t
from importlib import metadata

from .._api.settings import OPTION_VARIABLES, Settings, option_or_env, resolve_settings
from .._api.transport import HAS_HTTPX, HTTPX_VERSION
from .._credentials.static import CredentialSource
from .._credentials.store import CredentialStore, resolve_credential_source
from .._errors import Failure
from .._schema import HAS_PYDANTIC, PYDANTIC_VERSION
from .._task.context import Result, TaskContext
from .._task.failures import internal_error, task_failure
from .._task.requirements import HTTPX_FLOOR, PYDANTIC_FLOOR
from .._version import VERSION
from .credential_source import LOGIN_STEPS, describe_source, incomplete_keys, unused_sources
from .network import CONNECTION_CHECKS, ConnectivityReport, check_connectivity
from .report import (
    CREDENTIALS_FLOOR,
    CREDENTIALS_LIBRARY,
    OK,
    PROBLEM,
    UNKNOWN,
    WARNING,
    CheckResult,
    check_clock_skew,
    check_library_version,
    findings_result,
    mask_key_id,
    report_as_module,
    summarize_findings,
)
from .service import ServiceChecks

MAX_RETRIES = 2

CheckFunction = t.Callable[[], list[CheckResult]]


def run_doctor(task: TaskContext, ran: CheckResult | None = None) -> Result:
    """Return the findings; ``ran`` says where the task runs. Raises TaskFailed only on request."""
    doctor = _Diagnosis(task)
    findings = [redact_finding(doctor.task, found) for found in doctor.run_checks(ran or report_as_module())]
    result = {"changed": False, **findings_result(findings, VERSION), "permissions": doctor.service.list_permissions()}
    if task.params.get("fail_on_problem") and not result["ok"]:
        raise task_failure(doctor.task, "Tasks cannot work with this setup", _build_problems_failure(findings), result)
    return doctor.task.secrets.redact(result)


def redact_finding(task: TaskContext, found: CheckResult) -> CheckResult:
    """Return a finding without secrets, which what the service and libraries say may hold."""
    step = task.secrets.redact_text(found.next_step) if found.next_step else None
    return found._replace(told=task.secrets.redact_text(found.told), next_step=step)


def _build_problems_failure(findings: list[CheckResult]) -> Failure:
    first = next(found for found in findings if found.status == PROBLEM)
    failure = Failure(f"{summarize_findings(findings)}. {first.check}: {first.told}")
    failure.code = "ProblemsFound"
    failure.hint = first.next_step
    return failure


def _discard_warning(text: str) -> None:
    """Drop warnings: the findings contain them."""


def _drop_workspace_variables(environ: t.Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name not in OPTION_VARIABLES["workspace_id"]}


class _Diagnosis:
    """Makes the checks in order; a check receives None for the result of an earlier one that failed."""

    def __init__(self, task: TaskContext) -> None:
        # The workspace has its own check: a bad id must not hide whether the service can be reached.
        params = {**task.params, "workspace_id": None, "retries": min(task.params.get("retries", 0), MAX_RETRIES)}
        self.task = TaskContext(
            params,
            _drop_workspace_variables(task.environ),
            _discard_warning,
            task.check_mode,
            task.user_agent,
            task.clock,
            task.no_log,
            secrets=task.secrets,
        )
        self.workspace_id = option_or_env("workspace_id", task.params, task.environ)
        self.source: CredentialSource | None = None
        self.has_key = False
        self.settings: Settings | None = None
        self.way: ConnectivityReport | None = None
        self.service = ServiceChecks(self.task, self.workspace_id)

    def run_checks(self, ran: CheckResult) -> list[CheckResult]:
        """Return all findings, in the order in which a task would encounter the problems."""
        looks: list[tuple[str, CheckFunction]] = [
            ("interpreter", self._check_interpreter),
            ("execution", lambda: [ran]),
            ("credentials", self._check_credentials),
            ("libraries", self._check_libraries),
            ("endpoint", self._check_endpoint),
            ("connection", self._check_connection),
            ("clock", lambda: [check_clock_skew(self.way.skew if self.way else None)]),
            ("service", lambda: self.service.run(self._find_skip_reason())),
        ]
        return [found for check, probe in looks for found in self._run_check(check, probe)]

    def _run_check(self, check: str, probe: CheckFunction) -> list[CheckResult]:
        """Make one check so that no error in it hides the other checks."""
        try:
            return probe()
        except Exception as error:  # noqa: BLE001 - a bug of ours
            return [CheckResult(check, UNKNOWN, f"could not be read: {internal_error(error)}", "report this as a bug")]

    def _check_interpreter(self) -> list[CheckResult]:
        told = f"Python {platform.python_version()}, {sys.executable}, {self.task.user_agent}".rstrip(", ")
        return [CheckResult("interpreter", OK, told)]

    def _check_libraries(self) -> list[CheckResult]:
        static = self.source is None or self.source.kind == "static"
        try:
            found: str | None = metadata.version(CREDENTIALS_LIBRARY)
        except metadata.PackageNotFoundError:
            found = None
        httpx = HTTPX_VERSION if HAS_HTTPX else None
        pydantic = PYDANTIC_VERSION if HAS_PYDANTIC else None
        return [
            check_library_version("httpx", httpx, HTTPX_FLOOR, sys.executable),
            check_library_version("pydantic", pydantic, PYDANTIC_FLOOR, sys.executable),
            check_library_version(CREDENTIALS_LIBRARY, found, CREDENTIALS_FLOOR, sys.executable, needed=not static),
        ]

    def _check_credentials(self) -> list[CheckResult]:
        params, environ = self.task.params, self.task.environ
        halves = "; ".join(incomplete_keys(environ))
        try:
            self.source = resolve_credential_source(params, environ)
            told = describe_source(self.source, params, environ)
            key = CredentialStore(self.source).get()
        except Failure as failure:
            told = f"{failure}; {halves}" if halves else str(failure)
            step = "set the other half of the key" if halves and self.source is None else failure.hint
            kind = self.source.kind if self.source else "static"
            return [CheckResult("credentials", PROBLEM, told, step or LOGIN_STEPS.get(kind, LOGIN_STEPS["static"]))]
        # The whole id is hidden, too, in every message that quotes it.
        self.task.secrets.add(*key)
        self.has_key = True
        found = CheckResult("credentials", OK, f"{told}; the key is {mask_key_id(key.access_key_id)}")
        if halves:
            return [found._replace(status=WARNING, told=f"{found.told}; {halves}", next_step="remove that half")]
        unused = unused_sources(params, environ)
        if unused:
            told = f"{found.told}; the environment also has {' and '.join(unused)} that is not used"
            return [found._replace(status=WARNING, told=told, next_step="keep one kind of credential")]
        return [found]

    def _check_endpoint(self) -> list[CheckResult]:
        params, environ = self.task.params, self.task.environ
        try:
            self.settings = settings = resolve_settings(params, environ, needs_workspace=False)
        except Failure as failure:
            return [
                CheckResult(
                    "endpoint", PROBLEM, str(failure), "fix this first; the service cannot be reached without it"
                )
            ]
        option = "endpoint" if option_or_env("endpoint", params, environ) else "region"
        variables = (name for name in OPTION_VARIABLES[option] if environ.get(name))
        origin = f"the option {option}" if params.get(option) else next(variables, option)
        network = ", for use inside a VPC" if option == "region" and params.get("network") == "vpc" else ""
        return [CheckResult("endpoint", OK, f"{settings.scheme}://{settings.host}, from {origin}{network}")]

    def _check_connection(self) -> list[CheckResult]:
        if self.settings is None:
            return [CheckResult(step, UNKNOWN, "not checked: no endpoint is set") for step in CONNECTION_CHECKS]
        self.way = check_connectivity(self.settings, self.task.clock)
        return self.way.findings

    def _find_skip_reason(self) -> str | None:
        """Return why the service cannot be asked anything, None where it can."""
        if not HAS_HTTPX:
            return "httpx is missing"
        if not self.has_key:
            return "there are no credentials"
        if self.settings is None or self.way is None:
            return "no connection to the service"
        blocked = self.way.blocked
        return f"the service cannot be reached ({blocked.check})" if blocked else None
